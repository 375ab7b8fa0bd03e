"""Patterns: who is due and who is beyond the own rhythm, cohorts, and the months to come."""

import datetime

import numpy as np
import pytest
from django.utils import translation

from tests.value import shop
from zhike.customers.models import Customer
from zhike.value import actions, queries
from zhike.value.analyses.patterns import KIND
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
DAY = datetime.date(2026, 6, 30)


def come() -> tuple[list[Customer], Customer, Customer]:
    """Sixty who come about every thirty days; one of them stopped eighty days ago; and one who came once."""
    people = shop.customers(61)
    rng, rows = np.random.default_rng(4), []
    for person in people[:60]:
        clock = float(rng.uniform(0, 30))
        while clock < (500 if person is people[0] else 580):
            rows.append((person, str(DAY - datetime.timedelta(days=int(580 - clock))), 100.0))
            clock += rng.gamma(16, 30 / 16)
    rows.append((people[60], str(DAY - datetime.timedelta(days=400)), 50.0))
    shop.orders(rows, channel="门店")
    actions.run_scoring(actor=None, as_of=DAY)
    return people, people[0], people[60]


def run(**options: object) -> Analysis:
    return actions.run_analysis(actor=None, kind="patterns", options=options)


def test_who_is_due_who_is_beyond_the_rhythm_and_what_is_said_of_them() -> None:
    people, silent, _once = come()
    done = run()
    assert done.state == RunState.DONE, done.problem
    found = {one.customer_id: one for one in Finding.objects.filter(analysis_id=done.pk)}
    assert len(found) == len(people)
    assert found[silent.pk].group in ("overdue", "unlikely")
    regular = [found[one.pk] for one in people[1:60]]
    assert np.mean([one.group == "soon" for one in regular]) > 0.8
    assert all(one.value is not None and 0 <= one.value < 60 for one in regular if one.group == "soon")
    soon = next(one for one in regular if one.group == "soon")
    with translation.override("zh-hans"):
        assert KIND.sentence(soon, done.report).startswith("下次购买约在 2026-07-")
        said = queries.said_of(shop.analyst(), soon.customer_id)[0]
        assert (said.kind.name, said.label) == ("patterns", "30 天内该来")
    with translation.override("en"):
        for one in found.values():
            assert KIND.sentence(one, done.report)


def test_cohorts_season_and_the_judgement_of_the_rhythm() -> None:
    come()
    report = run().report
    assert sum(row["customers"] for row in report["cohorts"]) == 61
    assert all(row["retention"][0] == 1 for row in report["cohorts"])
    assert report["rhythm"]["middle"] == pytest.approx(30, abs=4)
    last = report["judged"][-1]
    assert last["came"] == pytest.approx(last["expected"], rel=0.1)
    assert report["held"] > 0.6
    assert len(report["season"]["weekdays"]) == 7
    assert report["season"]["months"] == []  # less than two years


@pytest.mark.parametrize("segments", ["none", "grade", "region", "channel"])
def test_the_months_to_come_by_any_segment(segments: str) -> None:
    come()
    report = run(segments=segments, periods=3).report
    whole = [row for row in report["forecast"] if row["segment"] is None and row["measure"] == "orders"]
    assert [row["start"] for row in whole] == ["2026-07-01", "2026-08-01", "2026-09-01"]
    assert all(row["low"] <= row["expected"] <= row["high"] for row in whole)
    assert whole[0]["expected"] == pytest.approx(60, rel=0.25)
    parts = [row for row in report["forecast"] if row["segment"] is not None and row["measure"] == "orders"]
    assert bool(parts) == (segments != "none")
    if parts:
        assert sum(row["expected"] for row in parts) == pytest.approx(sum(row["expected"] for row in whole), abs=0.5)


def test_too_few_who_came_again() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-06-01", 100), (li, "2026-06-20", 100)])
    actions.run_scoring(actor=None, as_of=DAY)
    done = run()
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")
