"""What becomes of a cell in a column of each meaning: the value that is kept, or the reason why the row is not."""

import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from zhike.customers.imports import amounts, dates, lunar_days, phones, texts
from zhike.customers.imports.cleaning import Rules, cleaner
from zhike.customers.imports.profile import ProfileField

LATEST = datetime.date(2026, 11, 22)
CHOICES = {"red": "red", "红": "red", "blue": "blue", "蓝": "blue"}
FIELDS = {
    "size": ProfileField("size", "number", minimum=Decimal(30), maximum=Decimal(50)), "worth": ProfileField("worth", "money"),
    "day": ProfileField("day", "date"), "moon": ProfileField("moon", "lunar_date"), "words": ProfileField("words", "text"),
    "colour": ProfileField("colour", "choice", CHOICES), "colours": ProfileField("colours", "multi_choice", CHOICES),
    "smokes": ProfileField("smokes", "yes_no"),
}  # fmt: skip
RULES = Rules(ZoneInfo("Asia/Shanghai"), LATEST, "ymd", FIELDS)


def parsed(code: str, text: str) -> tuple[Any, str]:
    return cleaner(code, RULES).parse(text)


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("size", "42", "42"), ("size", "42.5码", "42.5"), ("size", "30", "30"), ("size", "50", "50"), ("worth", "1.2万", "12000"),
        ("worth", "-3", "-3"), ("day", "2024年1月5日", '"2024-01-05"'), ("moon", "农历八月十五", '"1904-08-15"'),
        ("moon", "农历1980-8-15", '"1980-08-15"'), ("words", " 喜欢  安静 ", '"喜欢 安静"'), ("colour", "红", '"red"'), ("colour", "Blue", '"blue"'),
        ("colours", "红、蓝", '["red", "blue"]'), ("colours", "red", '["red"]'),
    ],
)  # fmt: skip
def test_a_field_of_the_model_is_kept_as_the_record_keeps_it(code: str, text: str, value: str) -> None:
    assert parsed(f"profile:{code}", text) == (value, "")


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("size", "九十", "bad_number"), ("size", "29.9", "bad_number"), ("size", "50.1", "bad_number"), ("worth", "x", "bad_number"),
        ("day", "2024-02-30", "no_such_day"), ("day", "昨天", "bad_date"), ("moon", "农历十三月初一", "bad_lunar_day"),
        ("colour", "绿", "bad_choice"), ("colours", "红、绿", "bad_choice"), ("colours", "、", "bad_choice"), ("smokes", "也许", "bad_choice"),
        ("words", "长" * 501, "too_long"),
    ],
)  # fmt: skip
def test_a_field_of_the_model_that_cannot_be_read_says_why(code: str, text: str, reason: str) -> None:
    assert parsed(f"profile:{code}", text) == (None, reason)


def test_yes_and_no_in_all_their_ways() -> None:
    for word in ("是", "有", "Y", "yes", "TRUE", "1", "√", "对", "t", " ｙ "):
        assert parsed("profile:smokes", word) == ("true", ""), word
    for word in ("否", "无", "没有", "N", "no", "False", "0", "×", "f", "ＮＯ"):
        assert parsed("profile:smokes", word) == ("false", ""), word


@pytest.mark.parametrize(
    ("code", "text", "kept"),
    [
        ("amount", "¥1,280.50", ("1280.50", "")), ("amount", "九十", (None, "bad_amount")), ("cost", "-5", ("-5", "")),
        ("unit_price", "-5", (None, "negative_price")), ("unit_price", "1000000001", (None, "absurd_amount")),
        ("unit_price", "1000000000", ("1000000000", "")), ("unit_price", "x", (None, "bad_amount")), ("quantity", "3件", ("3", "")),
        ("quantity", "1000000001", (None, "bad_quantity")), ("quantity", "1000000000", ("1000000000", "")),
        ("email", " A@QQ.com", ("a@qq.com", "")), ("email", "nobody", ("", "bad_email")),
        ("credit_code", "91350100M000100Y43", ("91350100M000100Y43", "")), ("credit_code", "91350100M000100Y44", ("", "bad_credit_code")),
        ("phone", "138 0013 8000", ("+8613800138000", "")), ("phone", "12", ("", "bad_phone")),
        ("number", "17850.0", ("17850", "")), ("number", "1E+17", ("", "digits_lost")), ("number", "x" * 60, ("x" * 60, "")),
        ("number", "x" * 61, ("", "too_long")), ("member_no", "x" * 41, ("", "too_long")), ("wechat", "x" * 41, ("", "too_long")),
        ("name", "李 雷", ("李雷", "")), ("name", "名" * 121, ("", "too_long")), ("contact", "名" * 61, ("", "too_long")),
        ("product", "油" * 161, ("", "too_long")), ("address", "路" * 201, ("", "too_long")), ("note", "a\r\nb", ("a\nb", "")),
        ("note", "长" * 5001, ("", "too_long")), ("words", "长" * 2001, ("", "too_long")), ("kind", "长" * 21, ("", "too_long")),
        ("region", "长" * 61, ("", "too_long")), ("customer_region", "长" * 61, ("", "too_long")), ("channel", "长" * 41, ("", "too_long")),
        ("owner", "长" * 61, ("", "too_long")), ("source", "长" * 61, ("", "too_long")), ("shop", "长" * 61, ("", "too_long")),
        ("person", "长" * 61, ("", "too_long")), ("order_no", "x" * 61, ("", "too_long")), ("product_code", "x" * 61, ("", "too_long")),
        ("tags", '重点,"a"、b\\c', ('{"重点","\\"a\\"","b\\\\c"}', "")), ("tags", "长" * 31, ("{}", "too_long")),
        ("due_on", "2024-01-05", (datetime.date(2024, 1, 5), "")), ("paid_on", "2024-02-30", (None, "no_such_day")),
        ("date", "2026-11-23", (None, "date_out_of_range")), ("date", "1899-12-31", (None, "date_out_of_range")),
        ("birthday", "1980-01-01", (datetime.date(1980, 1, 1), "")), ("birthday", "3月8日", (datetime.date(1904, 3, 8), "")),
        ("birthday", "农历八月十五", (datetime.date(1904, 8, 15), "")), ("birthday", "农历十三月初一", (None, "bad_lunar_day")),
        ("birthday", "1880-01-01", (datetime.date(1880, 1, 1), "")), ("birthday", "1879-12-31", (None, "date_out_of_range")),
        ("birthday", "2026-11-22", (LATEST, "")), ("birthday", "2026-11-23", (None, "date_out_of_range")),
        ("birthday", "1980-02-30", (None, "no_such_day")),
    ],
)  # fmt: skip
def test_a_column_of_the_record_or_the_order(code: str, text: str, kept: tuple[Any, str]) -> None:
    assert parsed(code, text) == kept


def test_a_moment_is_kept_to_the_last_day_that_counts() -> None:
    found, reason = parsed("date", "2026-11-22 23:59:59")
    assert (found.astimezone(datetime.UTC).hour, found.date(), reason) == (15, LATEST, "")


def test_an_empty_word_empties_only_where_words_mean_nothing() -> None:
    strict = {
        code: cleaner(code, RULES).strict
        for code in ("phone", "email", "amount", "number", "date", "birthday", "name", "note", "tags")
    }
    assert [code for code, is_strict in strict.items() if not is_strict] == ["name", "note", "tags"]
    assert [cleaner(f"profile:{code}", RULES).strict for code in FIELDS] == [code != "words" for code in FIELDS]
    assert [cleaner(code, RULES).empty for code in ("number", "name", "phone", "amount", "date")] == ["", "", "", None, None]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("农历二零零零年正月初一", "2000-1-1"), ("农历二○○一年二月廿", "2001-2-20"), ("腊月卅", "12-30"), ("臘月初八", "12-8"), ("陰曆三月三", "3-3"),
        ("旧历十一月十一", "11-11"), ("農曆閏四月初四", "4-4"), ("舊曆 5-5", "5-5"), ("农历【七月初七】", "7-7"), ("农历七月：初七日", "7-7"),
    ],
)  # fmt: skip
def test_lunar_days_in_old_and_new_signs(text: str, day: str) -> None:
    assert lunar_days.parse(text) == day


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("人民币100元整", "100"), ("100块钱", "100"), ("5千", "5000"), ("3百", "300"), ("2w", "20000"), ("1.5万亿", "absurd_amount"), ("+5", "5"), (".5", "0.5"),
        ("5.", "5"), ("1,2345", "12345"), ("HK$ 7", "7"), ("€8", "8"), ("(1,000.5)", "-1000.5"), ("（8）", "-8"), ("1e11", "100000000000"),
        ("100000000001", "absurd_amount"), ("-100000000001", "absurd_amount"), ("万", "bad_amount"), ("(5", "5"), ("1.234.567,8", "1234567.8"),
    ],
)  # fmt: skip
def test_amounts_in_more_ways(text: str, value: str) -> None:
    assert amounts.parse(text) == (value if value[-1].isalpha() else Decimal(value))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.3800138E10", ""), ("1.3800138001E+10", "+8613800138001"), ("13800138000.0", "+8613800138000"), ("010-88886666转802", "+861088886666-802"),
        ("+1 415 555 2671", "+14155552671"), ("4001234567", "+864001234567"),
    ],
)  # fmt: skip
def test_phones_in_more_ways(text: str, number: str) -> None:
    assert phones.parse(text)[0] == number
    assert phones.looks_like_mobile(text) is number.startswith("+8613800138000")


def test_what_is_a_total_and_what_is_not() -> None:
    for row in (["合计", "5"], ["", " 小计：", "1"], ["本月累计"], ["Grand Total"], ["sub-total"], ["SUM"], ["全部共计:"]):
        assert texts.is_total(row), row
    for row in (["合计公司", "5"], ["李雷", "合计"], ["", ""], []):
        assert not texts.is_total(row), row


def test_words_are_cleaned_and_never_run() -> None:
    assert texts.plain("a\tb\r\nc\x00\u200bd", 20) == ("a b cd", "")
    assert texts.plain("x" * 20, 20) == ("x" * 20, "")
    assert texts.plain("x" * 21, 20) == ("", "too_long")
    assert texts.prose(" a\r\nb\x07 ", 3) == ("a\nb", "")
    assert texts.prose("abcd", 3) == ("", "too_long")
    assert texts.prose("'=1+1", 9) == ("=1+1", "")
    assert texts.unquoted("'0138") == "0138"
    assert texts.unquoted("'abc") == "'abc"
    assert texts.number("００１２", 60) == ("0012", "")
    assert texts.number("12.50", 60) == ("12.50", "")
    assert texts.tags("甲,乙，甲;丙；、丁|戊/己\n庚") == (["甲", "乙", "丙", "丁", "戊", "己", "庚"], "")
    assert texts.tags("长" * 30)[1] == ""
    assert texts.tags("长" * 31) == ([], "too_long")
    assert len(texts.tags(",".join(map(str, range(30))))[0]) == 20


def test_a_day_without_its_century_goes_with_the_order() -> None:
    for order, month, day in (("dmy", 2, 1), ("mdy", 1, 2)):
        found = dates.parse("01/02/24", order=order)
        assert (found.year, found.month, found.day) == (2024, month, day)
    assert dates.parse("24.1.5", order="ymd").date() == datetime.date(2024, 1, 5)
