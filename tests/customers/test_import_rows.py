"""What becomes of the rows of a file: kept with their values, or left out with the reason; by what each customer is known."""

import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from zhike.core.search import tokens_for
from zhike.customers.imports import amounts, batches, dates, left_out, naming, problems
from zhike.customers.imports.cleaning import Rules
from zhike.customers.imports.columns import NO_COLUMN, Cleaning, Problem
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.profile import ProfileField
from zhike.customers.imports.tables import Chunk, Reading

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = Rules(SHANGHAI, datetime.date(2026, 11, 22), "dmy", {"size": ProfileField("size", "number"), "note": ProfileField("note", "text")})  # fmt: skip


def cleaned(kind: str, mapping: str, *rows: str, long: list[int] | None = None) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The rows that are kept, and what is wrong with the others. The rows of the file are counted from 2."""
    chunk = Chunk([*range(2, len(rows) + 2)], [row.split(",") for row in rows], long or [])
    found = Cleaning(kind, {code: at for at, code in enumerate(mapping.split())}, RULES).clean(chunk)
    assert all(problems.reason_text(one.reason, one.value, one.limit) for one in found.problems)
    return found.table.to_pylist(), found.problems


def reasons(kind: str, mapping: str, *rows: str) -> list[tuple[int, int, str]]:
    return [(one.row, one.column, one.reason) for one in cleaned(kind, mapping, *rows)[1]]


ORDER = "number date amount quantity unit_price"


def test_an_order_needs_its_customer_its_day_and_its_amount() -> None:
    rows = [
        "K1,2024-01-05,5,,",
        ",2024-01-05,5,,",
        "K1,,5,,",
        "K1,2024-01-05,,,",
        "K1,,,,",
        "K1,2024-01-05,,2,3",
        "K1,2024-01-05,,2,",
        "K1,昨天,x,,",
    ]
    kept, found = cleaned("orders", ORDER, *rows)
    assert [row["rowno"] for row in kept] == [2, 7]
    assert [(one.row, one.column, one.reason) for one in found] == [
        (3, NO_COLUMN, "no_customer"), (9, 1, "bad_date"), (9, 2, "bad_amount"), (4, NO_COLUMN, "no_date"), (6, NO_COLUMN, "no_date"),
        (5, NO_COLUMN, "no_amount"), (8, NO_COLUMN, "no_amount"),
    ]  # fmt: skip
    assert kept[0]["date"] == datetime.datetime.fromisoformat("2024-01-05")


@pytest.mark.parametrize(
    ("amount", "quantity", "price", "fits"),
    [
        ("1000000000", "1", "", True), ("1000000001", "1", "", False), ("2000000000", "2", "", True), ("2000000000", "-2", "", True), ("2000000001", "-2", "", False),
        ("-1000000001", "1", "", False), ("1000000001", "0", "", True), ("1000000001", "", "", True), ("", "100", "1000000000", True), ("", "101", "1000000000", False),
        ("5", "101", "1000000000", True),
    ],
)  # fmt: skip
def test_an_amount_may_be_so_large_and_the_price_of_one_too(amount: str, quantity: str, price: str, fits: bool) -> None:
    found = reasons("orders", ORDER, f"K1,2024-01-05,{amount},{quantity},{price}")
    assert found == ([] if fits else [(2, NO_COLUMN, "absurd_amount")])


def test_without_a_column_of_amounts_each_is_quantity_times_price() -> None:
    assert reasons("orders", "number date quantity unit_price", "K1,2024-01-05,2,3", "K1,2024-01-05,,3", "K1,2024-01-05,2,") == [
        (3, NO_COLUMN, "no_amount"), (4, NO_COLUMN, "no_amount"),
    ]  # fmt: skip


def test_who_cannot_be_read_is_not_called_nobody() -> None:
    assert reasons("customers", "phone note", "12,x", ",x", "13800138000,") == [(3, NO_COLUMN, "no_name"), (2, 0, "bad_phone")]
    assert reasons("orders", "name date amount", ",2024-01-05,5", ",,9", "共计,,") == [
        (2, NO_COLUMN, "no_customer"), (3, NO_COLUMN, "no_customer"), (4, NO_COLUMN, "total"),
    ]  # fmt: skip


def test_a_line_of_totals_is_called_one_and_nothing_else() -> None:
    found = reasons("orders", "phone amount date", ",5,2024-01-05", ",,合计")
    assert found == [(2, NO_COLUMN, "no_customer"), (3, NO_COLUMN, "total")]


def test_every_row_is_known_by_its_surest_identity() -> None:
    codes = "name member_no credit_code email phone number"
    whole = ["李雷", "M1", "91350100M000100Y43", "a@b.cn", "13800138000", "K1"]
    rows = [",".join([*whole[:at], *[""] * (6 - at)]) for at in range(6, 0, -1)]
    kept, _found = cleaned("customers", codes, *rows)
    assert [row["ckey"] for row in kept] == ["nK1", "p+8613800138000", "ea@b.cn", "c91350100M000100Y43", "mM1", "a李雷"]


def test_what_a_cell_says_beyond_its_value_stands_beside_it() -> None:
    kept, _found = cleaned(
        "customers",
        "name phone birthday profile:size profile:note",
        "甲,13800138000/13900139000,农历八月十五,42,大",
        "乙,13700137000,1980-01-05,,",
    )
    assert [(row["phone"], row["phone_more"], row["birthday_is_lunar"], row["profile"]) for row in kept] == [
        ("+8613800138000", "+8613900139000", True, '{"size": 42, "note": "大"}'), ("+8613700137000", "", False, "{}"),
    ]  # fmt: skip
    kept, _found = cleaned("customers", "name phone birthday", "甲,13800138000,1980-01-05")
    assert set(kept[0]) == {"rowno", "ckey", "name", "phone", "birthday"}


def test_a_problem_says_its_cell_and_no_more_of_it() -> None:
    _kept, found = cleaned("customers", "name phone", "甲," + "9" * 300, "乙" * 121 + ",", "丙,1\0", "丁,\ufffd9", "戊,", long=[4])
    assert found == [
        Problem(6, NO_COLUMN, "too_many_cells"), Problem(3, 0, "too_long", "乙" * 121, 120), Problem(2, 1, "bad_phone", "9" * 200, 0),
        Problem(4, 1, "nul", "1\0", 0), Problem(5, 1, "encoding", "\ufffd9", 0),
    ]  # fmt: skip


def test_a_column_of_plain_days_with_one_that_does_not_exist_or_lies_too_far() -> None:
    for bad, reason in (
        ("2024-02-30", "no_such_day"),
        ("2026-11-23", "date_out_of_range"),
        ("1899-12-31 23:59:59", "date_out_of_range"),
    ):
        kept, found = cleaned("orders", "number date amount", "K1,2026-11-22 23:59:59,5", f"K2,{bad},5", "K3,1900-01-01,5")
        assert ([row["ckey"] for row in kept], [(one.row, one.reason) for one in found]) == (["nK1", "nK3"], [(3, reason)])
    assert [row["date"].isoformat() for row in kept] == ["2026-11-22T23:59:59", "1900-01-01T00:00:00"]


def test_plain_words_and_words_for_nothing_in_one_column() -> None:
    kept, _found = cleaned(
        "customers",
        "name phone note number",
        "李雷,13800138000,null,00１2",
        "ＬＩ  Lei,无,无,1E05x",
        "王 芳,138 0013 8001,N/A,'007",
    )
    assert [(row["name"], row["phone"], row["note"], row["number"]) for row in kept] == [
        ("李雷", "+8613800138000", "", "0012"), ("LI Lei", "", "无", "1E05x"), ("王芳", "+8613800138001", "", "007"),
    ]  # fmt: skip


# -- days --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("25/12/2024", "2024-12-25"), ("12/25/2024", "2024-12-25"), ("05/05/2024", "2024-05-05"), ("2024-01-05 23:59:60", "2024-01-05T23:59:59"), ("2024-01-05 24:00", "2024-01-06"),
        ("2024-01-05 24:30", "no_such_day"), ("2024-01-05 12:00 pm", "2024-01-05T12:00"), ("2024-01-05 12 am", "2024-01-05"), ("2024-01-05 凌晨12点", "2024-01-05"), ("2024-01-05 中午12点", "2024-01-05T12:00"),
        ("2024-01-05 下午13点", "2024-01-05T13:00"), ("2024-01-05 傍晚6:05", "2024-01-05T18:05"), ("2024-01-05 晚9时", "2024-01-05T21:00"), ("2024-01-05 3pm", "2024-01-05T15:00"), ("2024-01-05 11 AM", "2024-01-05T11:00"),
        ("2024-01-05 上午12点", "2024-01-05"), ("20240105153045", "2024-01-05T15:30:45"), ("20240105 15:30:45", "2024-01-05T15:30:45"), ("20240105.0", "2024-01-05"), ("20240105T0708", "2024-01-05T07:08"),
        ("9999", "bad_date"), ("10000", "1927-05-18"), ("80000", "2119-01-11"), ("80001", "bad_date"), ("45296.75", "2024-01-05T18:00"), ("1704441600", "2024-01-05T16:00"), ("1704441600123", "2024-01-05T16:00"),
        ("5 Jan 24", "2024-01-05"), ("Jan 5, 2024 7:08", "2024-01-05T07:08"), ("05-JAN-2024", "2024-01-05"), ("5 Foo 2024", "bad_date"), ("Fri, 5 Jan 2024", "2024-01-05"), ("2024-01-05 (周五) 8:00", "2024-01-05T08:00"),
        ("2024-01-05T07:30:00+00:00", "2024-01-05T15:30"), ("2024-01-05 07:30 -0100", "2024-01-05T16:30"), ("24-1-5", "2024-01-05"), ("69-1-25", "2069-01-25"), ("70-1-25", "1970-01-25"), ("2024年1月5日 x", "bad_date"),
        ("32-13-2024", "no_such_day"), ("1-2-3", "no_such_day"), ("2024.01.05 9:5:7", "2024-01-05T09:05:07"), ("2024/1/5 9:05:07,5", "2024-01-05T09:05:07"),
    ],
)  # fmt: skip
def test_a_day_or_a_moment_however_it_is_written(text: str, found: str) -> None:
    try:
        assert dates.parse(text, zone=SHANGHAI) == datetime.datetime.fromisoformat(found)
    except dates.NotADate as reason:
        assert str(reason) == found  # noqa: PT017  a day that is none says why


def test_without_a_zone_moments_are_those_of_greenwich() -> None:
    for text in ("1704441600", "2024-01-05T16:00+08:00", "2024-01-05 08:00Z"):
        assert dates.parse(text) == datetime.datetime.fromisoformat("2024-01-05T08:00")


def test_the_order_of_the_parts_is_kept_to() -> None:
    for order, day in (("dmy", "2024-02-01"), ("mdy", "2024-01-02"), ("ymd", "no_such_day")):
        try:
            assert dates.parse("01/02/2024", order=order).date().isoformat() == day
        except dates.NotADate as reason:
            assert str(reason) == day  # noqa: PT017
    with pytest.raises(dates.NotADate, match=r"^no_such_day$"):
        dates.parse("25/12/2024", order="mdy")


TODAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("column", "decided"),
    [
        (["01/01/2024", "02/03/2024"], ("", "02/03/2024")), (["01/01/2024"], ("", "01/01/2024")), (["02/03/2024", "01/01/2024"], ("", "02/03/2024")), (["x", "2024-01-05"], ("", "")),
        (["13/12/2024"], ("dmy", "13/12/2024")), (["12/11/2026"], ("dmy", "12/11/2026")), (["11/12/2026"], ("mdy", "11/12/2026")), (["32/13/2024", "01/02/2024"], ("", "01/02/2024")), (["13/12/2024", "12/13/2024"], ("dmy", "13/12/2024")),
        (["24-01-05", "24-12-31"], ("ymd", "24-12-31")), (["24-01-05", "23-02-06"], ("ymd", "24-01-05")), (["22-11-26"], ("ymd", "22-11-26")), (["22-11-26", "23-11-26"], ("ymd", "23-11-26")),
    ],
)  # fmt: skip
def test_the_column_decides_or_names_what_leaves_it_open(column: list[str], decided: tuple[str, str]) -> None:
    assert dates.decide_order(column, latest=TODAY) == decided


def test_which_cells_look_like_days_and_which_need_an_order() -> None:
    assert all(
        map(dates.looks_like_date, ["2024-1-5", "2024年01月05日", "20240105", "19991231", "5/1/24", "５-１-2024", "2024.1.5 8:00"])
    )
    assert not any(map(dates.looks_like_date, ["21240105", "202401055", "5/1", "5", "李雷", "5/1/24x"]))
    assert [dates.is_short(one) for one in ("5/1/24", " 5-1-2024", "2024-1-5", "x")] == [True, True, False, False]
    assert (
        dates.parse("3-8", year_needed=False)
        == dates.parse("3月8号", year_needed=False)
        == datetime.datetime.fromisoformat("1904-03-08")
    )


def test_nothing_is_a_price_and_little_is_one() -> None:
    assert [amounts.parse_price(text) for text in ("0", "-0.01", "0.01")] == [0, "negative_price", Decimal("0.01")]


# -- files and words ---------------------------------------------------------------------------------------------------------


def refused(kind: str, columns: str) -> str:
    with translation.override("en"):
        try:
            batches.check_mapping(kind, {code: at for at, code in enumerate(columns.split())})
        except FileProblem as problem:
            return str(problem)
    return ""


@pytest.mark.parametrize("identity", ["number", "phone", "email", "credit_code", "member_no", "name"])
def test_any_identity_will_do(identity: str) -> None:
    assert refused("customers", identity) == refused("orders", f"{identity} date amount") == ""


@pytest.mark.parametrize(
    ("kind", "columns", "missing"),
    [
        ("customers", "note", "customer name"), ("orders", "date amount", "customer name"), ("orders", "name amount", "date"), ("orders", "name date", "amount"),
        ("orders", "name date quantity", "amount"), ("orders", "name date unit_price", "amount"), ("orders", "name date quantity unit_price", ""),
    ],
)  # fmt: skip
def test_what_every_row_needs_must_have_a_column(kind: str, columns: str, missing: str) -> None:
    assert refused(kind, columns) == (f"No column is chosen for: {missing}." if missing else "")


def test_a_new_customer_is_called_and_found_by_what_is_known() -> None:
    def line(**known: str) -> list[str]:
        one = naming.New(
            **{"id": 7, "name": "", "number": "", "phone": "", "email": "", "credit_code": "", "member_no": "", **known}
        )  # type: ignore[arg-type]
        return naming.lines([one], "en").decode().removesuffix("\n").split("\t")

    assert [line(name="李雷", number="K1")[1], line(number="K1")[1], line(phone="+8613800138000")[1]] == [
        "李雷",
        "K1",
        "Customer 8000",
    ]
    assert [line(email="smith@b.cn")[1], line(name="a\\b")[1], line()[1]] == ["Customer smi…", "a\\\\b", "Customer"]
    kinds = [
        line(name="李雷"),
        line(name="红星有限公司"),
        line(name="李雷", credit_code="x"),
        line(name="李雷", kind="企业"),
        line(name="李雷", kind="个人"),
    ]
    assert [one[2] for one in kinds] == ["person", "organisation", "organisation", "organisation", "person"]
    found = [
        set(line(name="华腾", **more)[3].strip("{}").replace('"', "").split(","))
        for more in ({}, {"contact": "赵六"}, {"wechat": "zl6"}, {"member_no": "M9"}, {"email": "zhao@b.cn"})
    ]
    assert all(words > found[0] for words in found[1:])
    assert found[1] == found[0] | set(tokens_for("赵六"))


def test_a_cell_runs_nowhere_as_a_formula() -> None:
    for text in ("=1+1", "+1a", "-x", "@SUM(A1)", "\tx", "\rx"):
        assert left_out.safe(text) == f"'{text}"
    for text in ("-5", "+1,280.50", "x=1", "", "'x"):
        assert left_out.safe(text) == text


def test_the_file_of_rows_left_out_is_in_the_language_of_who_fetches_it(tmp_path: Any) -> None:
    reading, kept = Reading("text", columns=["#1", "电话"]), tmp_path / "kept.csv"
    kept.write_text("#1,电话,Row,Reason,Reason\n李雷,12,2,不是电话,no phone\n", encoding="utf-8-sig")

    def told(language: str) -> str:
        with translation.override(language), left_out.told(kept, reading=reading, mapping={"name": 0}) as file:
            return str(file.read().decode("utf-8-sig"))

    assert told("en") == "customer name,电话,Row,Reason\r\n李雷,12,2,no phone\r\n"
    assert told("zh-hans") == "客户名称,电话,行号,原因\r\n李雷,12,2,不是电话\r\n"
    kept.write_text("#1,电话,行号,原因\n李雷,12,2,不是电话\n", encoding="utf-8-sig")  # as an earlier version kept it
    assert told("en") == "#1,电话,行号,原因\n李雷,12,2,不是电话\n"


def test_the_first_problems_are_told_also_as_earlier_versions_kept_them() -> None:
    kept = [
        {"row": 2, "column": "电话", "code": "bad_phone", "value": "1" * 70, "limit": 0},
        {"row": 3, "column": "", "code": "no_name", "value": "", "limit": 0},
        {"row": 4, "reason": "x"},
    ]
    with translation.override("en"):
        assert problems.first_in_words({"first": kept}) == [
            {"row": 2, "reason": f"电话: “{'1' * 60}” is not a phone number"}, {"row": 3, "reason": "no name, number, phone or e-mail"}, {"row": 4, "reason": "x"},
        ]  # fmt: skip
        assert problems.in_words({"code": "too_large", "params": {"limit": 5}}).startswith("The file is larger than 5 MB")
    assert problems.first_in_words({}) == []
    assert problems.in_words("as it was") == "as it was"
