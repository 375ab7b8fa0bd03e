"""The pure rules: what fires, what it is worth, what comes first."""

import dataclasses
import datetime

import pytest
from hypothesis import given, strategies as st

from zhike.care.rules import (
    Answers,
    Birthdays,
    CareRules,
    Draft,
    Known,
    SecondPurchase,
    acceptance,
    best_of_each,
    birthdays_between,
    draft,
    priority,
)
from zhike.care.rules.ranking import urgency
from zhike.customers.rules.contact import Line

ON = datetime.date(2026, 11, 22)
EVENING = datetime.datetime(2026, 11, 22, 23, 59, 59, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
RULES, SECOND, BIRTHDAYS = CareRules(), SecondPurchase(), birthdays_between(ON, 7)
KNOWN = Known(
    customer_id=1, assignee_id=2, on=ON, measured_on=ON, until=EVENING, grade="key", stage="stable", orders=12, frequency=11,
    first_on=ON - datetime.timedelta(days=400), last_on=ON - datetime.timedelta(days=75), rhythm_days=30.0, mean_spend=1000.0,
    p_alive=0.4, expected_orders=8.0, expected_spend=1000.0, margin=4800.0, margin_share=0.4,
    since=ON - datetime.timedelta(days=400), last_contact_on=ON - datetime.timedelta(days=10),
)  # fmt: skip


def ago(days: int) -> datetime.date:
    return ON - datetime.timedelta(days=days)


def try_rule(rule: str, rules: CareRules = RULES, **known: object) -> Draft | None:
    return draft(rule, dataclasses.replace(KNOWN, **known), rules, SECOND, BIRTHDAYS)


def test_the_gain_of_winning_back_is_the_margin_at_risk_times_the_effect():
    found = try_rule("slipping")
    assert found is not None
    assert found.facts["at_risk"] == pytest.approx(365 / 30 * 1000 * 0.4 * 0.6, rel=1e-3)
    assert found.gain == pytest.approx(found.facts["at_risk"] * 0.15, rel=1e-3)
    assert found.due_on == ON + datetime.timedelta(days=2)


@pytest.mark.parametrize(
    ("silent", "fires"), [(44, False), (45, True), (180, True), (181, False)], ids=["before 1.5", "from 1.5", "to 6", "beyond"]
)
def test_slipping_is_told_by_the_own_rhythm(silent, fires):
    assert (try_rule("slipping", last_on=ago(silent)) is not None) == fires


@pytest.mark.parametrize(
    "known", [{"grade": "regular"}, {"grade": None}, {"stage": "lost"}, {"rhythm_days": None}, {"last_on": None}]
)
def test_only_the_valued_who_are_not_lost_slip(known):
    assert try_rule("slipping", **known) is None


def test_a_burst_of_purchases_promises_no_fortune():
    found = try_rule("slipping", rhythm_days=2.0, last_on=ago(6), expected_orders=8.0)
    assert found is not None
    assert found.facts["at_risk"] == pytest.approx(8 / 0.4 * 1000 * 0.4 * 0.6, rel=1e-3)
    assert try_rule("slipping", frequency=1) is None


def test_what_was_learned_of_leaving_counts_before_the_model_of_purchases():
    found = try_rule("slipping", chance_to_leave=0.25)
    assert found is not None
    assert found.facts["at_risk"] == pytest.approx(365 / 30 * 1000 * 0.4 * 0.25, rel=1e-3)
    assert found.facts["chance"] == 0.25


def test_without_a_fitted_model_the_chance_is_even():
    found = try_rule("slipping", p_alive=None)
    assert found is not None
    assert found.facts["at_risk"] == pytest.approx(365 / 30 * 1000 * 0.4 * 0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("grade", "days", "fires"), [("key", 30, False), ("key", 31, True), ("important", 61, True), ("regular", 999, False)]
)
def test_each_grade_has_its_cadence(grade, days, fires):
    assert (try_rule("no_contact", grade=grade, last_contact_on=ago(days)) is not None) == fires


def test_a_cadence_can_be_given_to_any_grade():
    assert try_rule("no_contact", CareRules(cadence_small=90), grade="small", last_contact_on=ago(91)) is not None
    assert try_rule("no_contact", CareRules(cadence_key=0), last_contact_on=ago(999)) is None


@pytest.mark.parametrize(("days", "fires"), [(29, False), (30, True), (180, True), (181, False)])
def test_the_second_purchase_has_its_window(days, fires):
    found = try_rule("second_purchase", orders=1, first_on=ago(days), last_on=ago(days))
    assert (found is not None) == fires
    assert found is None or ON <= found.due_on <= ON + datetime.timedelta(days=14)


def test_who_bought_twice_has_no_second_purchase_due():
    assert try_rule("second_purchase", first_on=ago(90), last_on=ago(60)) is None


def test_a_loss_is_no_gain():
    found = try_rule("second_purchase", orders=1, first_on=ago(60), last_on=ago(60), margin=-500.0)
    assert found is not None
    assert found.gain == 0


@pytest.mark.parametrize(("days", "fires"), [(-2, False), (-1, True), (0, True), (30, True)])
def test_a_promise_is_due_from_the_day_before_and_never_forgotten(days, fires):
    found = try_rule("promise", promise_id=7, promised_on=ago(days), promise="回电")
    assert (found is not None) == fires
    assert found is None or found.promised_id == 7


@pytest.mark.parametrize("rule", ["slipping", "no_contact", "promise", "birthday", "second_purchase", "question"])
def test_do_not_disturb_holds_for_every_rule(rule):
    fits = {
        "last_contact_on": ago(99), "birthday": ON, "promise_id": 1, "promised_on": ON, "question": "region",
    } | ({"orders": 1, "first_on": ago(60), "last_on": ago(60)} if rule == "second_purchase" else {})  # fmt: skip
    assert try_rule(rule, **fits) is not None
    assert try_rule(rule, **fits, do_not_disturb=True) is None


def said(purpose: str, is_given: bool, channel: str = "", days: int = 5) -> Line:
    return Line(purpose, channel, is_given, EVENING - datetime.timedelta(days=days))


def test_the_preferred_channel_is_used_when_it_is_open():
    ways = {"preferred_channel": "wechat", "reachable": ("phone", "wechat", "store")}
    assert try_rule("slipping", **ways).channel == "wechat"
    assert try_rule("slipping", **ways, consents=(said("care", False, "wechat"),)).channel == "phone"
    assert try_rule("slipping", **ways, consents=(said("care", False),)) is None
    assert try_rule("slipping", **ways, consents=(said("care", False, days=9), said("care", True, days=2))).channel == "wechat"
    assert try_rule("slipping", **ways, consents=(said("care", False, days=-9),)).channel == "wechat"


def test_who_wants_no_marketing_is_still_congratulated():
    no_marketing = {"consents": (said("marketing", False),), "birthday": ON}
    assert try_rule("slipping", **no_marketing) is None
    assert try_rule("birthday", **no_marketing) is not None


def test_birthdays_of_both_calendars_in_the_next_days():
    days = birthdays_between(datetime.date(2026, 2, 10), 10)  # the Spring Festival is on 17 February 2026
    assert days.on(datetime.date(1980, 2, 14), False) == datetime.date(2026, 2, 14)
    assert days.on(datetime.date(1980, 1, 1), True) == datetime.date(2026, 2, 17)
    assert days.on(datetime.date(1980, 12, 30), True) == datetime.date(2026, 2, 16)  # the old year's last month has 29 days
    assert days.on(datetime.date(1980, 2, 14), True) is None
    assert days.on(None, False) is None


def test_the_29th_of_february_is_celebrated_on_the_28th_in_other_years():
    born = datetime.date(1904, 2, 29)
    assert birthdays_between(datetime.date(2026, 2, 26), 3).on(born, False) == datetime.date(2026, 2, 28)
    assert birthdays_between(datetime.date(2028, 2, 26), 4).on(born, False) == datetime.date(2028, 2, 29)


def test_a_leap_month_repeats_no_birthday():
    leap = birthdays_between(datetime.date(2025, 7, 26), 5)  # the second sixth month of 2025
    assert leap.lunar == {}


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 12, 31)), st.integers(0, 30))
def test_every_birthday_falls_into_the_days_asked_for(first, days):
    found: Birthdays = birthdays_between(first, days)
    until = first + datetime.timedelta(days=days)
    assert all(first <= day <= until for day in [*found.solar.values(), *found.lunar.values()])
    assert len(found.solar) >= min(days + 1, 28)


def made(customer_id: int, rule: str, gain: float, due_on: datetime.date = ON, **more: object) -> Draft:
    one = Draft(customer_id, 2, rule, gain, due_on, "phone")
    return dataclasses.replace(one, priority=priority(one, {}, ON), **more)


def test_a_promise_goes_before_ten_times_the_money_only_as_far_as_urgency_says():
    assert made(1, "promise", 100).priority == 640
    assert made(2, "slipping", 300, ON + datetime.timedelta(days=9)).priority == 300


def test_the_nearer_the_deadline_the_more_urgent():
    days = [urgency("slipping", ON + datetime.timedelta(days=left), ON) for left in (-1, 0, 3, 7, 30)]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) == 5


def test_one_suggestion_a_customer_the_promise_first():
    best = best_of_each([made(1, "slipping", 9000), made(1, "promise", 5), made(2, "birthday", 5), made(2, "slipping", 50)])
    assert {(one.customer_id, one.rule) for one in best} == {(1, "promise"), (2, "slipping")}
    assert {one.customer_id: one.facts["also"] for one in best} == {1: ["slipping"], 2: ["birthday"]}


def test_a_few_answers_hardly_move_a_rule():
    assert acceptance({}) == dict.fromkeys(acceptance({}), 1.0)
    weights = acceptance({"slipping": Answers(3, 0), "birthday": Answers(30, 10)})
    assert 1 < weights["slipping"] < 1.05


def test_many_refusals_halve_a_rule_at_most():
    weights = acceptance({"slipping": Answers(0, 500), "birthday": Answers(500, 0)})
    assert weights["slipping"] == 0.5
    assert weights["birthday"] == 1.5
    assert weights["promise"] == 1.0
    assert 0.5 <= acceptance({"slipping": Answers(0, 5)})["slipping"] < 1


@given(
    st.dictionaries(
        st.sampled_from(["slipping", "birthday", "promise"]), st.builds(Answers, st.integers(0, 900), st.integers(0, 900))
    )
)
def test_acceptance_stays_within_bounds(answers):
    assert all(0.5 <= weight <= 1.5 for weight in acceptance(answers).values())
