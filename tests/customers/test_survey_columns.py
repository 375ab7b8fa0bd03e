"""What is recognised in a file of answers: roles, what belongs together, scales, words."""

from collections import Counter
from pathlib import Path

import pytest

from zhike.customers.imports import tables
from zhike.customers.imports.problems import FileProblem
from zhike.customers.surveys import guessing, roles
from zhike.customers.surveys.scales import SCALES, answer, kano_answer, scale_of, stated


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("5", "1-5", 5), ("４", "1-5", 4), ("8.0", "0-10", 8), ("5分", "1-5", 5), ("5 - 非常满意", "1-5", 5), ("4星", "1-5", 4),
        ("★★★☆☆", "1-5", 3), ("8/10", "1-10", 8), ("非常满意", "1-5", 5), ("比较满意", "1-5", 4), ("一般", "1-5", 3),
        ("不太满意", "1-5", 2), ("非常不满意", "1-5", 1), ("Very satisfied", "1-5", 5), ("Strongly disagree", "1-5", 1),
        ("一般", "0-10", 5), ("6", "1-5", None), ("-1", "0-10", None), ("还没用过", "1-5", None), ("2026-03-01", "0-100", None),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_people_write_it(text, on, expected):
    assert answer(text, SCALES[on]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢", None),
        ("喜欢", 1),
        ("理所当然", 2),
        ("无所谓", 3),
        ("可以忍受", 4),
        ("不喜欢。", 5),
        ("I dislike it", 5),
        ("2", 2),
        ("6", None),
    ],
)
def test_a_kano_answer_is_one_of_five(text, expected):
    assert kano_answer(text) == expected


@pytest.mark.parametrize(
    ("cells", "title", "expected"),
    [
        (["1", "5", "3"], "价格", "1-5"), (["7", "2"], "价格", "1-7"), (["10", "1"], "价格", "1-10"), (["10", "0"], "推荐", "0-10"),
        (["85", "60"], "得分", "0-100"), (["满意", "一般", "5"], "环境", "1-5"), (["3", "4"], "环境（1-10分）", "1-10"),
        (["3"] * 60 + ["99"], "环境", "1-5"), (["好吃", "难吃"], "菜", ""),
    ],
)  # fmt: skip
def test_the_scale_is_told_by_the_title_or_else_by_nearly_all_answers(cells, title, expected):
    assert scale_of(Counter(cells), title) == expected


def test_a_span_that_is_no_scale_says_nothing():
    assert stated("2019-2020 年满意度") == ""
    assert stated("价格 1-3") == ""


def mapping(tmp_path: Path, text: str) -> dict[str, int]:
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return guessing.mapping_of(tables.recognise(path))


def test_the_columns_of_a_questionnaire_are_recognised(tmp_path):
    header = ("序号,提交时间,客户编号,门店,服务顾问,总体满意度,您是否愿意推荐我们,等待时间满意度,等待时间期望,价格满意度,"
              "如果提供上门取车,如果不提供上门取车,意见建议")  # fmt: skip
    rows = [f"{n},2026-01-{n:02} 10:00,K{n},城东店,李雷,{n % 5 + 1},{n % 11},{n % 5 + 1},{5 - n % 3},满意,喜欢,可以忍受,挺好"
            for n in range(1, 20)]  # fmt: skip
    assert mapping(tmp_path, "\n".join([header, *rows])) == {
        "date": 1, "number": 2, "shop": 3, "person": 4, "overall": 5, "recommend": 6, "rating:1": 7, "expected:1": 8, "rating:2": 9,
        "functional:1": 10, "dysfunctional:1": 11, "words": 12,
    }  # fmt: skip


def test_kano_pairs_that_were_asked_late_are_known_by_their_titles(tmp_path):
    rows = [f"{n % 5 + 1},,,," for n in range(220)] + ["3,喜欢,无所谓,理应如此,不喜欢"] * 5
    found = mapping(tmp_path, "\n".join(["总体满意度,如果提供取车,如果不提供取车,如果有镀膜,如果没有镀膜", *rows]))
    assert found == {"overall": 0, "functional:1": 1, "dysfunctional:1": 2, "functional:2": 3, "dysfunctional:2": 4}


@pytest.mark.parametrize(
    ("role", "title", "about"),
    [("rating", "价格满意度（1-5分）", "价格"), ("rating", "满意度", "满意度"), ("expected", "价格期望", "价格期望"),
     ("functional", "如果提供取车", "取车"), ("rating", "对环境的评分", "对环境")],
)  # fmt: skip
def test_a_question_is_called_by_what_it_is_about(role, title, about):
    assert guessing.thing(role, title) == about


def test_english_titles_and_a_file_without_names_are_recognised(tmp_path):
    header = "date,overall satisfaction,recommend,price,waiting time,age,comments"
    rows = [f"2026-02-{n:02},{n % 5 + 1},{n % 11},{n % 5 + 1},{n % 5 + 1},{30 + n},ok" for n in range(1, 20)]
    assert mapping(tmp_path, "\n".join([header, *rows])) == {
        "date": 0, "overall": 1, "recommend": 2, "rating:1": 3, "rating:2": 4, "words": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"date": 0}, {"expected:1": 1}, {"functional:1": 1, "overall": 0}, {"functional:1": 1, "dysfunctional:2": 2}]
)
def test_what_says_nothing_without_another_column_is_refused(wrong):
    with pytest.raises(FileProblem):
        roles.check(wrong)


def test_a_code_is_a_role_and_a_number():
    assert roles.parsed("overall") == ("overall", 0)
    assert roles.parsed("rating:12") == ("rating", 12)
    assert [roles.parsed(one) for one in ("rating", "rating:x", "rating:1234", "overall:1", "number")] == [None] * 5
    assert roles.is_known("phone")
    assert roles.is_known("expected:3")
    assert not roles.is_known("amount")
