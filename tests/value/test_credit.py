"""Credit rating: learned from who paid late, judged on a time it has not seen, changed by facts, watched."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.value import shop
from zhike.customers.models import Customer, Interaction
from zhike.sales.models import Order
from zhike.teams.models import Role, User
from zhike.value import actions, queries
from zhike.value.analyses.credit import KIND
from zhike.value.analyses.credit.kind import Options, bins_of, check, psi_tone
from zhike.value.credit import Facts, adjusted, grade_of, limit_of, terms_of
from zhike.value.models import Analysis, Finding
from zhike.value.rules import CreditRules, problems

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = datetime.date(2026, 6, 30)
TERM = datetime.timedelta(days=30)


def fleets(count: int = 120, *, careless: int = 3, days: int = 900, owner: User | None = None) -> list[Customer]:
    """Companies that buy every 25 days on account. Every `careless`-th pays late now and then, sometimes very late."""
    people, rng, rows = shop.customers(count, owner), np.random.default_rng(3), []
    Customer.objects.update(kind="organisation")
    for place, person in enumerate(people):
        late_now_and_then = place % careless == 0
        for back in range(days, 0, -25):
            day = DAY - datetime.timedelta(days=back)
            late = int(rng.integers(-5, 1))
            if late_now_and_then and rng.random() < 0.35:
                late = int(rng.integers(3, 25)) if rng.random() < 0.7 else int(rng.integers(35, 60))
            due, paid = day + TERM, day + TERM + datetime.timedelta(days=late)
            rows.append(
                Order(
                    customer=person,
                    ordered_at=shop.noon(str(day)),
                    amount=Decimal(1000 + place),
                    due_on=due,
                    paid_on=paid if paid <= DAY else None,
                )
            )
    Order.objects.bulk_create(rows)
    return people


def come(**more: Any) -> list[Customer]:
    people = fleets(**more)
    actions.run_scoring(actor=None, as_of=DAY)
    return people


def run(**options: Any) -> Analysis:
    done = actions.run_analysis(actor=None, kind="credit", options=options)
    done.refresh_from_db()
    assert done.state == "done", done.problem
    return done


def found(analysis: Analysis) -> dict[int, Finding]:
    return {row.customer_id: row for row in Finding.objects.filter(analysis_id=analysis.pk)}


def test_who_pays_late_gets_fewer_points_and_the_figures_add_up() -> None:
    people = come()
    done = run()
    rows, report = found(done), done.report
    late, careful = (
        [rows[one.pk].value for one in part] for part in (people[::3], [one for at, one in enumerate(people) if at % 3])
    )
    assert report["card"]["how"] == "learned"
    assert np.mean(late) + 40 < np.mean(careful)
    assert report["test"]["auc"] > 0.8
    assert report["test"]["gini"] == pytest.approx(2 * report["test"]["auc"] - 1)
    assert sum(row["customers"] for row in report["test"]["calibration"]) == report["test"]["customers"]
    assert {"late_share", "worst", "late_days"} & set(report["card"]["parts"])
    for part in report["card"]["parts"].values():  # more points, less risk, without exception
        rates = [bad / (bad + good) for good, bad in zip(part["good"][:-1], part["bad"][:-1], strict=True) if bad + good]
        assert rates in (sorted(rates), sorted(rates, reverse=True))
        assert len(bins_of(part)) == len(part["points"])
    assert sum(row["after"] for row in report["grades"]) == report["customers"] == len(rows)
    assert sum(row["limit"] for row in report["grades"]) == pytest.approx(sum(row.detail["limit"] for row in rows.values()))
    chance, points = rows[people[1].pk].detail["chance"], rows[people[1].pk].value
    cut_off = 50 / np.log(2) * 0.00005 / (chance * (1 - chance))  # the chance is kept with four digits
    assert points == pytest.approx(600 + 50 / np.log(2) * np.log((1 - chance) / chance / 20), abs=cut_off + 0.1)


def test_nothing_after_a_day_is_known_to_the_card_that_is_judged() -> None:
    people = come()
    first = run().report["test"]
    Order.objects.create(customer=people[0], ordered_at=shop.noon(str(DAY + TERM)), amount=9, due_on=DAY + TERM)
    assert run().report["test"] == first


def test_with_too_little_history_the_expert_card_grades_and_says_so() -> None:
    people = come(days=120)
    done = run()
    assert done.report["card"] == {
        "how": "expert",
        "weights": {"payment": 40, "tenure": 15, "volume": 15, "rhythm": 15, "returned": 5, "trouble": 10},
    }
    assert "test" not in done.report
    assert found(done)[people[0].pk].detail["chance"] is None
    other = run(w_payment=0, w_volume=100)
    assert found(other)[people[-1].pk].value != found(done)[people[-1].pk].value


def test_an_organisation_without_payments_is_graded_by_experts_and_c_at_best() -> None:
    come()
    stranger = Customer.objects.create(name="新开公司", kind="organisation")
    person = Customer.objects.create(name="现金客户", kind="person")
    shop.orders([(one, str(DAY - datetime.timedelta(days=at * 20)), 50000.0) for one in (stranger, person) for at in range(30)])
    rows = found(run())
    assert person.pk not in rows
    assert rows[stranger.pk].detail["how"] == "expert"
    assert rows[stranger.pk].detail["initial"] in "CDE"


def test_facts_change_the_grade_and_say_so() -> None:
    people = come()
    careful = people[1]
    Interaction.objects.create(customer=careful, kind="call", at=shop.noon(str(DAY)), outcome="problem", summary="账单有误")
    Order.objects.create(
        customer=people[2],
        ordered_at=shop.noon(str(DAY - datetime.timedelta(days=80))),
        amount=500,
        due_on=DAY - datetime.timedelta(days=20),
    )
    rows = found(run())
    disputed, overdue = rows[careful.pk], rows[people[2].pk]
    assert [step[0] for step in disputed.detail["steps"]] == ["dispute"]
    assert ["overdue", 20] in overdue.detail["steps"]
    with translation.override("en"):
        assert "problems not put right: 1" in KIND.sentence(disputed, {})
    with translation.override("zh-hans"):
        assert f"信用 {disputed.group}" in KIND.sentence(disputed, {})


def test_the_next_one_looks_back_at_the_one_before() -> None:
    come()
    past = DAY - datetime.timedelta(days=90)
    actions.run_scoring(actor=None, as_of=past)
    assert run().report["watch"] is None
    actions.run_scoring(actor=None, as_of=DAY)
    watch = run().report["watch"]
    assert watch["since"] == past.isoformat()
    assert 0 <= watch["score"] < 0.25
    assert set(watch["characteristics"]) <= {row["name"] for row in run().report["characteristics"]}
    assert watch["accuracy"]["bad"] > 0
    assert watch["accuracy"]["auc"] > 0.7
    assert watch["accuracy"]["expected"] == pytest.approx(watch["accuracy"]["bad"], rel=0.8)


def test_other_people_than_before_raise_the_alarm() -> None:
    come()
    past = DAY - datetime.timedelta(days=90)
    actions.run_scoring(actor=None, as_of=past)
    run()
    fleets(240, careless=1)
    actions.run_scoring(actor=None, as_of=DAY)
    assert psi_tone(run().report["watch"]["score"]) == "bad"


def test_only_who_is_cleared_sees_anything_of_it() -> None:
    mine = shop.salesperson("xiaowang", "customer.view", "value.view")
    people = come(owner=mine)
    done = run()
    assert queries.findings(mine, done).count() == 0
    assert "credit" not in queries.current_analyses(mine)
    assert queries.said_of(mine, people[0].pk) == []
    assert queries.standing_of(mine, people[0].pk, DAY) is None
    Role.objects.update(clearance="confidential")
    cleared = User.objects.get(pk=mine.pk)
    assert queries.findings(cleared, done).count() == len(people)
    assert [one.kind.name for one in queries.said_of(cleared, people[0].pk)] == ["credit"]
    other = shop.salesperson("xiaoli", "customer.view", "value.view")
    Role.objects.update(clearance="confidential")
    assert queries.findings(other, done).count() == 0
    assert queries.standing_of(other, people[0].pk, DAY) is None


def test_nobody_to_rate_is_an_ending_like_others() -> None:
    people = shop.customers(20)
    shop.orders([(one, "2026-05-01", 50.0) for one in people])
    actions.run_scoring(actor=None, as_of=DAY)
    done = actions.run_analysis(actor=None, kind="credit", options={})
    done.refresh_from_db()
    assert done.problem == "too_little"


@pytest.mark.parametrize(
    ("facts", "after"),
    [
        (Facts(), "B"),
        (Facts(overdue_days=7), "B"),
        (Facts(overdue_days=8), "C"),
        (Facts(overdue_days=31), "D"),
        (Facts(overdue_days=31, disputes=2), "E"),
        (Facts(guarantee=Decimal(5)), "A"),
        (Facts(overdue_days=31, guarantee=Decimal(5)), "D"),
    ],
)
def test_rules_by_fact(facts: Facts, after: str) -> None:
    assert adjusted("B", facts, CreditRules())[0] == after


def test_limits_and_cuts() -> None:
    rules = CreditRules(most=9000)
    assert [limit_of(grade, {"revenue": 12_345.0}, rules) for grade in "ABE"] == [3700, 2400, 0]
    assert limit_of("A", {"revenue": 1e6}, rules, Decimal(500)) == 9500
    assert [terms_of(grade, rules) for grade in "AE"] == [60, 0]
    assert [grade_of(score, [620, 560, 500, 440]) for score in (700, 560, 559.9, 0)] == ["A", "B", "C", "E"]
    assert "cut_a" in check(Options(cut_a=500, cut_b=560))
    assert set(problems(CreditRules(shares=(0.1, 0.2, 0.05, 0.01, 0.0), long_overdue_days=3))) == {"shares", "long_overdue_days"}
    with pytest.raises(ValidationError):
        actions.run_analysis(actor=None, kind="credit", options={"window": 5})
