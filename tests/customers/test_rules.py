"""Pure decisions: values, consent, completeness, lunar birthdays."""

import datetime

import pytest
from hypothesis import given, strategies as st

from zhike.customers.choices import Barrier, FieldType
from zhike.customers.rules import completeness, contact, merging, values
from zhike.customers.rules.completeness import Fact
from zhike.customers.rules.contact import Line, Wishes, may_contact
from zhike.customers.rules.values import InvalidValue, Shape

NOON = datetime.datetime(2026, 3, 10, 12, 0)  # noqa: DTZ001  the rule works in the customer's own time
NIGHT = NOON.replace(hour=23)


def given_line(is_given: bool, *, channel: str = "", purpose: str = "marketing", hours: int = -1) -> Line:
    return Line(purpose, channel, is_given, NOON + datetime.timedelta(hours=hours))


def test_marketing_needs_consent_and_care_does_not() -> None:
    assert may_contact(Wishes(), channel="phone", purpose="marketing", at=NOON) == Barrier.NO_CONSENT
    assert may_contact(Wishes(), channel="phone", purpose="care", at=NOON) is None


def test_the_newest_word_counts() -> None:
    wishes = Wishes(lines=(given_line(True, hours=-5), given_line(False, hours=-2)))
    assert may_contact(wishes, channel="sms", purpose="marketing", at=NOON) == Barrier.WITHDRAWN
    wishes = Wishes(lines=(given_line(False, hours=-5), given_line(True, hours=-2)))
    assert may_contact(wishes, channel="sms", purpose="marketing", at=NOON) is None


def test_a_consent_for_one_channel_is_none_for_another() -> None:
    wishes = Wishes(lines=(given_line(True, channel="wechat"),))
    assert may_contact(wishes, channel="wechat", purpose="marketing", at=NOON) is None
    assert may_contact(wishes, channel="phone", purpose="marketing", at=NOON) == Barrier.NO_CONSENT


def test_a_consent_to_come_does_not_count_yet() -> None:
    assert (
        may_contact(Wishes(lines=(given_line(True, hours=1),)), channel="sms", purpose="marketing", at=NOON) == Barrier.NO_CONSENT
    )


def test_a_withdrawal_stops_even_service() -> None:
    wishes = Wishes(lines=(given_line(False, purpose="service"),))
    assert may_contact(wishes, channel="sms", purpose="service", at=NOON) == Barrier.WITHDRAWN


@pytest.mark.parametrize(("start", "end", "quiet"), [(22, 7, True), (12, 14, False), (7, 22, False), (22, 22, False)])
def test_quiet_hours_may_pass_midnight(start: int, end: int, quiet: bool) -> None:
    wishes = Wishes(quiet_from=datetime.time(start), quiet_until=datetime.time(end))
    assert (may_contact(wishes, channel="phone", purpose="care", at=NIGHT) == Barrier.QUIET_HOURS) is quiet
    assert may_contact(wishes, channel="phone", purpose="service", at=NIGHT) is None


def test_who_does_not_want_to_be_disturbed_is_not_except_for_their_own_request() -> None:
    wishes = Wishes(do_not_disturb=True)
    assert may_contact(wishes, channel="phone", purpose="care", at=NOON) == Barrier.DO_NOT_DISTURB
    assert may_contact(wishes, channel="phone", purpose="service", at=NOON) is None


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("number", "1,200", 1200), ("money", "¥12.5", 12.5), ("date", "2026年3月8日", "2026-03-08"), ("yes_no", "是", True),
        ("yes_no", "否", False), ("text", " a  b ", "a b"), ("lunar_date", "八月", None), ("lunar_date", "8-15", "1904-08-15"),
        ("lunar_date", "1980-08-15", "1980-08-15"), ("reference", "12", 12), ("reference", "１", None), ("number", "nan", None),
        ("number", "1e400", None), ("date", "2026-02-30", None), ("date", "3-8", None), ("lunar_date", "1980-13-01", None),
        ("lunar_date", "2-31", None), ("yes_no", "perhaps", None), ("text", "x" * 501, None),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_one_form_or_refused(kind: str, raw: str, kept: object) -> None:
    if kept is None:
        with pytest.raises(InvalidValue):
            values.clean(Shape(kind), raw)
    else:
        assert values.clean(Shape(kind), raw) == kept


@given(
    st.sampled_from(FieldType.values),
    st.one_of(st.text(max_size=30), st.integers(), st.none(), st.lists(st.text(max_size=3), max_size=2)),
)
def test_any_input_gives_a_value_or_says_what_is_wrong(kind: str, raw: object) -> None:
    said = ""
    try:
        values.clean(Shape(kind, choices=[{"code": "a", "zh": "甲", "en": "A"}]), raw)
    except InvalidValue as problem:
        said = str(problem)
    assert "%(" not in said


@pytest.mark.parametrize(
    ("born", "today", "day"),
    [
        ((1980, 8, 15), (2026, 3, 1), (2026, 9, 25)),  # Mid-Autumn 2026
        ((1980, 1, 1), (2026, 2, 17), (2026, 2, 17)),  # Spring Festival 2026
        ((1980, 1, 1), (2026, 2, 18), (2027, 2, 6)),
        ((1980, 12, 29), (2026, 1, 1), (2026, 2, 16)),  # the old lunar year still runs
    ],
)
def test_lunar_birthdays_are_celebrated_by_the_lunar_calendar(
    born: tuple[int, ...], today: tuple[int, ...], day: tuple[int, ...]
) -> None:
    found = values.next_celebration(datetime.date(*born), is_lunar=True, today=datetime.date(*today))
    assert found == datetime.date(*day)


def test_the_29th_of_february_is_celebrated_every_year() -> None:
    born = datetime.date(1980, 2, 29)
    assert values.next_celebration(born, is_lunar=False, today=datetime.date(2026, 2, 1)) == datetime.date(2026, 2, 28)
    assert values.next_celebration(born, is_lunar=False, today=datetime.date(2028, 2, 1)) == datetime.date(2028, 2, 29)


@given(st.integers(1, 12), st.integers(1, 30), st.dates(datetime.date(2000, 1, 1), datetime.date(2080, 1, 1)))
def test_every_lunar_birthday_comes_within_thirteen_months(month: int, day: int, today: datetime.date) -> None:
    born = datetime.date(1904, month, min(day, 29))
    assert 0 <= (values.next_celebration(born, is_lunar=True, today=today) - today).days < 400


TODAY = datetime.date(2026, 3, 10)


def fact(
    code: str, *, ring: str = "visible", weight: int = 1, filled: bool = False, on: datetime.date | None = TODAY, used: bool = True
) -> Fact:
    return Fact(code, ring, weight, 365, filled, on, used)


def test_completeness_weighs_what_is_used_more() -> None:
    found = completeness.shares([fact("a", weight=3, filled=True), fact("b"), fact("c", ring="extended")])
    assert (found[""].ratio, found["visible"].ratio, found["extended"].ratio, found["related"].ratio) == (0.6, 0.75, 0, None)


def test_questions_begin_with_the_used_and_heavy_and_end_with_the_stale() -> None:
    old = TODAY - datetime.timedelta(days=366)
    facts = [
        fact("unused", weight=9, used=False), fact("light"), fact("heavy", weight=5), fact("stale", weight=5, filled=True, on=old),
        fact("fresh", weight=5, filled=True), fact("none", weight=0),
    ]  # fmt: skip
    assert completeness.next_questions(facts, TODAY) == ["heavy", "stale", "light"]


def test_a_fact_nobody_dated_is_stale() -> None:
    assert completeness.is_stale(fact("a", filled=True, on=None), TODAY)
    assert not completeness.is_stale(fact("a", filled=True), TODAY)
    assert completeness.confirmed_on({"a": {"on": "nonsense"}}, "a") is None


def test_merged_notes_are_not_doubled() -> None:
    assert merging.joined_notes("甲 乙", "乙") == "甲 乙"
    assert merging.joined_notes("", "乙") == "乙"
    assert contact.consent((), channel="sms", purpose="care", at=NOON) is None
