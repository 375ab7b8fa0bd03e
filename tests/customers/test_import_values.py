"""What people write in cells, and what becomes of it."""

import datetime
from decimal import Decimal

import pytest

from zhike.customers.imports import amounts, dates, lunar_days, phones, texts

TODAY = datetime.date(2026, 11, 22)
FIFTH = datetime.datetime.fromisoformat("2024-01-05")


@pytest.mark.parametrize(
    "text",
    ["2024-01-05", "2024/1/5", "2024.1.5", "20240105", "2024年1月5日", "２０２４年１月５日", "２０２４－０１－０５", "45296", "45296.0", "Jan 5, 2024",
     "05-Jan-24", "5 January 2024", "2024-01-05 00:00:00", "2024-01-05T00:00:00", "2024年01月05号", "2024-01-05 星期五", " 2024 - 1 - 5 "],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert dates.parse(text) == FIFTH


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("2024-01-05 15:30", 15, 30), ("2024年1月5日 下午3点", 15, 0), ("2024年1月5日下午3点半", 15, 30), ("2024/1/5 3:30 PM", 15, 30),
     ("2024-01-05 上午9时5分", 9, 5), ("2024-01-05 12:15 AM", 0, 15), ("2024-01-05T07:30:00Z", 15, 30), ("45296.5", 12, 0),
     ("202401051530", 15, 30), ("2024-01-05 15:30:59.123", 15, 30), ("2024-01-05 晚上8点", 20, 0)],
)  # fmt: skip
def test_times_of_day_are_read_too(text: str, hour: int, minute: int) -> None:
    from zoneinfo import ZoneInfo

    found = dates.parse(text, zone=ZoneInfo("Asia/Shanghai"))
    assert (found.date(), found.hour, found.minute) == (FIFTH.date(), hour, minute)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("2024-02-30", "no_such_day"), ("2024-13-01", "no_such_day"), ("2023年2月29日", "no_such_day"), ("32/13/2024", "no_such_day"),
     ("昨天", "bad_date"), ("2024年1月", "bad_date"), ("abc", "bad_date"), ("2024-01-05 25:00", "no_such_day"), ("01/02/2024", "date_ambiguous")],
)  # fmt: skip
def test_days_that_do_not_exist_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(dates.NotADate, match=f"^{reason}$"):
        dates.parse(text)


@pytest.mark.parametrize(
    ("column", "order"),
    [(["01/02/2024", "25/02/2024"], "dmy"), (["01/02/2024", "02/25/2024"], "mdy"), (["01/02/2024", "03/04/2024"], ""),
     (["24.1.5", "24.12.31"], "ymd"), (["20-10-16", "31-12-16"], "dmy"), (["2024-01-05"], "")],
)  # fmt: skip
def test_the_whole_column_decides_between_day_and_month(column: list[str], order: str) -> None:
    assert dates.decide_order(column, latest=TODAY)[0] == order


def test_an_undecided_column_names_an_example() -> None:
    assert dates.decide_order(["01/02/2024"], latest=TODAY) == ("", "01/02/2024")
    assert dates.parse("01/02/2024", order="dmy").month == 2
    assert dates.parse("01/02/2024", order="mdy").month == 1


def test_a_birthday_may_lack_its_year() -> None:
    assert dates.parse("3月8日", year_needed=False) == datetime.datetime.fromisoformat("1904-03-08")
    with pytest.raises(dates.NotADate):
        dates.parse("3月8日")


@pytest.mark.parametrize(
    ("text", "value"),
    [("¥1,234.50", "1234.50"), ("1.2万", "12000"), ("１２３．５０", "123.50"), ("(123)", "-123"), ("123元", "123"), ("￥ -5.00", "-5"),
     ("RMB 88", "88"), ("1,234,567", "1234567"), ("3k", "3000"), ("0", "0"), ("1.2E+3", "1200"), ("200-", "-200"), ("2亿", "200000000"),
     ("1.234,50", "1234.5"), ("$5", "5"), ("−7", "-7")],
)  # fmt: skip
def test_amounts_are_read_however_they_are_written(text: str, value: str) -> None:
    assert amounts.parse(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("abc", "bad_amount"), ("1,50", "bad_amount"), ("12%", "bad_amount"), ("nan", "bad_amount"), ("inf", "bad_amount"), ("", "bad_amount"),
     ("1e12", "absurd_amount"), ("99999999999999", "absurd_amount"), ("9" * 60, "bad_amount"), ("1-2", "bad_amount")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, reason: str) -> None:
    assert amounts.parse(text) == reason


def test_a_price_is_never_negative_and_a_quantity_has_its_unit() -> None:
    assert amounts.parse_price("-1") == "negative_price"
    assert amounts.parse_quantity("３ 件") == 3
    assert amounts.parse_quantity("drei") == "bad_quantity"


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "138-0013-8000", "+86 13800138000", "8613800138000", "１３８００１３８０００", "13800138000.0", "1.3800138E+10"]
)  # fmt: skip
def test_a_mobile_number_is_one_number(text: str) -> None:
    if text == "1.3800138E+10":  # all digits that are not zero are still there, but nobody can know
        assert phones.parse(text) == ("", "digits_lost")
    else:
        assert phones.parse(text) == ("+8613800138000", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.38E+10", "digits_lost"),
        ("138****8000", "bad_phone"),
        ("12345", "bad_phone"),
        ("13800138000/139001390", "bad_phone"),
    ],
)
def test_phones_with_lost_digits_are_refused(text: str, reason: str) -> None:
    assert phones.parse(text) == ("", reason)


@pytest.mark.parametrize(
    "text",
    ["13800138000/13900139000", "13800138000；13900139000", "13800138000、13900139000", "13800138000 13900139000", "13800138000,  13900139000",
     "138-0013-8000 或 139-0013-9000", "１３８００１３８０００／１３９００１３９０００", "13800138000\n13900139000", "13800138000 / 13900139000 / 13800138000"],
)  # fmt: skip
def test_of_several_phones_in_a_cell_the_first_is_the_phone(text: str) -> None:
    import re

    assert (phones.parse(text), phones.further(text)) == (("+8613800138000", ""), "+8613900139000")
    assert re.search(phones.MAYBE_SEVERAL, text)


@pytest.mark.parametrize("text", ["13800138000", "010-8888 6666", "138 0013 8000", "+86 138 0013 8000", "021-58881234转802"])
def test_one_phone_with_spaces_is_one_phone(text: str) -> None:
    assert phones.parse(text)[0]
    assert phones.further(text) == ""


@pytest.mark.parametrize(
    ("text", "day"),
    [("农历八月十五", "8-15"), ("八月十五(农历)", "8-15"), ("八月十五（阴历）", "8-15"), ("8-15(农历)", "8-15"), ("农历8月15日", "8-15"), ("正月初一", "1-1"),
     ("腊月廿三", "12-23"), ("冬月三十", "11-30"), ("农历一九八〇年八月十五", "1980-8-15"), ("农历1980-8-15", "1980-8-15"), ("阴历：闰四月初十", "4-10"),
     ("lunar 8-15", "8-15"), ("农历十月二十", "10-20"), ("农历十二月二十九", "12-29"), ("农历生日 二月初二", "2-2"), ("农历八月", ""), ("农历十三月初一", ""), ("农历八月三十一", "")],
)  # fmt: skip
def test_lunar_days_are_read_however_they_are_written(text: str, day: str) -> None:
    assert (lunar_days.is_marked(text), lunar_days.parse(text)) == (True, day)


def test_a_civil_day_is_not_taken_for_a_lunar_one() -> None:
    assert not any(map(lunar_days.is_marked, ["1980-08-15", "8月15日", "15-Aug-80", "20240105"]))


def test_names_lose_control_characters_and_keep_emoji() -> None:
    assert texts.person("李\x00\x07 雷\u200b", 120) == ("李雷", "")
    assert texts.person("小明😀", 120) == ("小明😀", "")
    assert texts.person("👨‍👩‍👧 一家", 120)[0].startswith("👨‍👩‍👧")
    assert texts.person("名" * 121, 120) == ("", "too_long")


def test_a_formula_stays_text() -> None:
    assert texts.plain("=cmd|' /C calc'!A0", 120) == ("=cmd|' /C calc'!A0", "")
    assert texts.plain("'=SUM(A1)", 120) == ("=SUM(A1)", "")  # our own escape is taken off again


def test_numbers_keep_leading_zeros_and_lose_a_spreadsheets_decimal() -> None:
    assert texts.number("00123", 60) == ("00123", "")
    assert texts.number("17850.0", 60) == ("17850", "")
    assert texts.number("1.23457E+17", 60) == ("", "digits_lost")
