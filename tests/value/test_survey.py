"""Answers to surveys: figures with their intervals, where nothing may be said, what drives, on answers that have it built in."""

import numpy as np
import pytest
from django.utils import translation

from tests.value import crowd, shop
from tests.value.answers import ask, tell
from zhike.customers.models import Customer
from zhike.value import actions, queries
from zhike.value.analyses.survey import figures
from zhike.value.analyses.survey.kind import KIND, group_of
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def run(**options: object) -> Analysis:
    done = actions.run_analysis(actor=None, kind="survey", options=options)
    assert done.state == RunState.DONE
    return done


def test_index_and_recommendation_stand_with_their_intervals_and_how_many_answered() -> None:
    people, _run = crowd.scored()
    votes = [10] * 20 + [7] * 10 + [3] * 10
    tell(ask(("overall", 0, "总体"), ("recommend", 0, "推荐")),
         [{"who": people[at % 30] if at < 30 else None, "satisfaction": 75 if vote > 5 else 25, "recommend": vote, "days": at}
          for at, vote in enumerate(votes)])  # fmt: skip
    report = run().report
    assert (report["sheets"], report["known"], report["customers"], report["n"]) == (40, 30, 30, 40)
    assert report["index"] == 62.5
    assert report["low"] < 62.5 < report["high"]
    assert report["nps"] == 25.0
    assert report["nps_low"] < 25 < report["nps_high"]
    assert report["given"][10] == 20
    assert report["shares"] == {"promoter": 0.5, "passive": 0.25, "detractor": 0.25}
    assert sum(row["n"] for row in report["months"]) == 40
    with translation.override("en"):
        assert [one.value for one in KIND.headline(report)][:4] == [40, 30, 62.5, 25.0]


def test_the_last_sheet_of_a_customer_counts_and_is_told_in_a_sentence() -> None:
    people, _run = crowd.scored()
    asked = ask(("overall", 0, "总体"), ("recommend", 0, "推荐"), ("rating", 1, "等待时间"))
    tell(asked, [{"satisfaction": 50, "days": n} for n in range(12)])
    tell(asked, [{"who": people[0], "satisfaction": 100, "recommend": 9, "days": 90},
                 {"who": people[0], "satisfaction": 25, "recommend": 4, "等待时间": 1, "days": 3},
                 {"who": people[1], "satisfaction": 80, "days": 5}])  # fmt: skip
    done = run()
    found = {one.customer_id: one for one in Finding.objects.filter(analysis_id=done.pk)}
    assert {key: (one.group, one.value) for key, one in found.items()} == {
        people[0].pk: ("detractor", 25.0), people[1].pk: ("content", 80.0)
    }  # fmt: skip
    assert {row["group"]: row["customers"] for row in done.report["sums"]} == {"detractor": 1, "content": 1}
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), people[0].pk)
        assert "would recommend us: 4 of 10" in said.sentence
        assert "Worst: 等待时间." in said.sentence
        assert "The time before: 100." in said.sentence
        assert "Call: ask what went wrong" in said.sentence


def test_of_few_answers_nothing_is_said_and_differences_must_be_beyond_chance() -> None:
    rng = np.random.default_rng(3)
    good, bad, usual, few = (rng.normal(mean, 12, n) for mean, n in ((85, 40), (55, 40), (70, 80), (20, 5)))
    names = np.array(["good"] * 40 + ["bad"] * 40 + ["usual"] * 80 + ["few"] * 5 + [""] * 3, dtype=object)
    values = np.clip(np.concatenate([good, bad, usual, few, [70.0] * 3]), 0, 100)
    found = figures.by(names, values, np.full(len(names), np.nan), 15)
    rows = {row["name"]: row for row in found["rows"]}
    assert {name: row.get("differs") for name, row in rows.items()} == {"usual": 0, "good": 1, "bad": -1}
    assert (found["few"], found["more"]) == (1, 0)


def test_chance_alone_seldom_lifts_one_of_many_shops() -> None:
    rng = np.random.default_rng(7)
    names = np.repeat(np.array([f"shop {n}" for n in range(20)], dtype=object), 20)
    flagged = 0
    for _time in range(40):
        values = np.clip(rng.normal(70, 15, 400), 0, 100)
        found = figures.by(names, values, np.full(400, np.nan), 15)
        flagged += any(row.get("differs") for row in found["rows"])
    assert flagged <= 6  # 5 % of 40 are 2


def test_what_drives_satisfaction_is_found_and_placed_and_too_few_are_not_enough() -> None:
    people, _run = crowd.scored()
    asked = ask(("overall", 0, "总体"), ("rating", 1, "质量"), ("rating", 2, "等待"), ("rating", 3, "环境"), ("rating", 4, "停车"))
    rng = np.random.default_rng(5)
    rows = []
    for at in range(300):
        quality, wait, room = rng.integers(2, 6), rng.integers(1, 5), rng.integers(1, 6)
        overall = int(np.clip(round(0.5 * quality + 0.45 * wait + 0.4 + rng.normal(0, 0.4)), 1, 5))
        rows.append({"who": people[at % 80], "satisfaction": 25 * (overall - 1), "总体": overall, "质量": quality, "等待": wait,
                     "环境": room, **({"停车": 3} if at < 90 else {})})  # fmt: skip
    tell(asked, rows)
    drivers = run().report["drivers"]
    places = {row["title"]: row["place"] for row in drivers["rows"]}
    assert places["等待"] == "improve"
    assert places["质量"] == "keep"
    assert places["环境"] in ("enough", "later")
    assert drivers["left_out"] == ["停车"]
    assert drivers["n"] == 300
    assert sum(row["share"] for row in drivers["rows"]) == pytest.approx(1, abs=0.001)
    few = figures.drivers({"a": np.arange(40.0), "b": np.arange(40.0)[::-1]}, np.arange(40.0), lambda done, of: None)
    assert (few["rows"], few["n"], few["needed"]) == ([], 40, 50)


def test_expectations_and_kano_pairs_are_compared_across_surveys_by_title() -> None:
    crowd.scored()
    questions = [("overall", 0, "总体"), ("rating", 1, "等待"), ("expected", 1, "等待期望"),
                 ("functional", 7, "如果提供取车"), ("dysfunctional", 7, "如果不提供取车")]  # fmt: skip
    first = ask(*questions)
    second = ask(*[(role, number + 2 if number else 0, title) for role, number, title in questions], name="第二次")
    row = {"satisfaction": 50, "总体": 3, "等待": 2, "等待期望": 4, "如果提供取车": 1, "如果不提供取车": 4}
    tell(first, [row | {"等待": 1 + at % 3} for at in range(15)])
    tell(second, [row] * 15)
    report = run().report
    (gap,), (kano,) = report["gaps"], report["kano"]
    assert (gap["title"], gap["perceived"], gap["expected"], gap["n"]) == ("等待", 25, 75, 30)
    assert gap["low"] < gap["gap"] == -50 < gap["high"] < 0
    assert (kano["kind"], kano["n"], kano["sure"]) == ("A", 30, True)
    one = run(survey=str(first["总体"].survey_id)).report
    assert (one["sheets"], one["gaps"][0]["n"]) == (15, 15)
    with translation.override("en"):
        for sheet in KIND.tables(report).values():
            assert all(len(line) == len(sheet.header) for line in sheet.rows), sheet.title


def test_sheets_of_the_deleted_and_of_before_the_period_do_not_count() -> None:
    people, _run = crowd.scored()
    asked = ask(("overall", 0, "总体"))
    tell(asked, [{"satisfaction": 60, "days": 5 + at} for at in range(12)])
    tell(asked, [{"who": people[3], "satisfaction": 10}, {"satisfaction": 10, "days": 400}])
    assert run(days=365).report["sheets"] == 13
    Customer.objects.filter(pk=people[3].pk).update(deleted_at=shop.noon(str(crowd.DAY)))
    assert run(days=365).report["sheets"] == 12


def test_too_few_answers_are_said_to_be_too_few() -> None:
    crowd.scored()
    tell(ask(("overall", 0, "总体")), [{"satisfaction": 60}] * 9)
    done = actions.run_analysis(actor=None, kind="survey", options={})
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")


@pytest.mark.parametrize(
    ("satisfaction", "recommend", "group"),
    [(10.0, 9, "promoter"), (90.0, 8, "passive"), (90.0, 6, "detractor"), (75.0, None, "content"), (50.0, None, "between"),
     (49.0, None, "discontent")],
)  # fmt: skip
def test_the_recommendation_decides_the_group_where_it_was_asked(satisfaction: float, recommend: int | None, group: str) -> None:
    assert group_of(satisfaction, recommend) == group


def test_answers_that_are_all_alike_break_nothing() -> None:
    crowd.scored()
    asked = ask(("overall", 0, "总体"), ("recommend", 0, "推荐"), ("rating", 1, "质量"), ("rating", 2, "等待"))
    tell(
        asked, [{"satisfaction": 100, "recommend": 10, "总体": 5, "质量": 5, "等待": 5, "shop": f"店{at % 2}"} for at in range(60)]
    )
    report = run().report
    assert (report["index"], report["nps"], report["drivers"]["rows"]) == (100, 100, [])
