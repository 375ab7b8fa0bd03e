"""Satisfaction and relationships from what the company records."""

import datetime

import pytest
from django.utils import translation

from tests.value import crowd, shop
from zhike.customers.models import Customer, Interaction
from zhike.value import actions, queries
from zhike.value.choices import RunState
from zhike.value.models import Analysis, Finding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def talk(customer: Customer, days: int = 20, **what: object) -> Interaction:
    at = shop.noon(str(crowd.DAY - datetime.timedelta(days=days)))
    return Interaction(customer=customer, **{"kind": "call", "at": at, **what})


def run(**options: object) -> Analysis:
    return actions.run_analysis(actor=None, kind="relationship", options=options)


def detail(analysis: Analysis, customer: Customer) -> dict[str, float | None]:
    found: dict[str, float | None] = Finding.objects.get(analysis_id=analysis.pk, customer_id=customer.pk).detail
    return found


def test_moods_problems_and_notes_become_satisfaction_and_what_nobody_said_stays_unknown() -> None:
    people, _run = crowd.scored()
    happy, unhappy, mended, praised, silent, *rest = people
    talks = [
        talk(happy, mood="happy"), talk(unhappy, outcome="problem", mood="unhappy"),
        talk(mended, outcome="problem", resolved_at=shop.noon("2026-06-20")), talk(praised, summary="服务非常热情，很满意"),
        talk(silent, outcome="not_reached"), *(talk(one, mood="neutral") for one in rest[:20]),
    ]  # fmt: skip
    Interaction.objects.bulk_create(talks)
    done = run()
    assert done.state == RunState.DONE
    assert [detail(done, one)["satisfaction"] for one in (happy, unhappy, mended, silent)] == [100, 0, 40, None]
    assert (detail(done, praised)["satisfaction"] or 0) > 60
    assert detail(done, happy)["sure"] > detail(done, silent)["sure"]  # type: ignore[operator]
    assert detail(run(texts=False), praised)["satisfaction"] is None
    index = done.report["index"]
    assert (index["n"], index["low"] < index["value"] < index["high"]) == (24, True)
    with translation.override("en"):
        (said,) = queries.said_of(shop.analyst(), silent.pk)
        assert "Nothing heard" in said.sentence


def test_what_was_said_long_ago_counts_less_and_before_the_period_nothing() -> None:
    people, _run = crowd.scored()
    turned, old, *rest = people
    Interaction.objects.bulk_create(
        [talk(turned, 300, mood="unhappy"), talk(turned, 1, mood="happy"), talk(old, 500, mood="happy")]
        + [talk(one, mood="neutral") for one in rest[:25]]
    )
    done = run(half_life=100)
    assert 80 < (detail(done, turned)["satisfaction"] or 0) < 100
    assert detail(done, old)["satisfaction"] is None
    assert detail(run(window=600), old)["satisfaction"] == 100


def test_groups_set_what_relationships_bring_beside_their_quality_and_drivers_are_named() -> None:
    people, _run = crowd.scored()
    talks = []
    for at, one in enumerate(people):
        satisfied = at % 3 > 0
        talks += [
            talk(one, 5 + n, mood="happy" if satisfied else "unhappy", kind="visit" if satisfied else "call")
            for n in range(1 + at % 4)
        ]
    Interaction.objects.bulk_create(talks)
    done = run()
    found = Finding.objects.filter(analysis_id=done.pk)
    assert set(found.values_list("group", flat=True)) <= {"partner", "repair", "friend", "distant"}
    assert all((one.value >= 50) == (one.group in ("partner", "friend")) for one in found)
    assert done.report["drivers"][0]["name"] == "in_person"
    assert sum(one["customers"] for one in done.report["bands"]) == 90
    assert sum(one["share"] for one in done.report["drivers"]) == pytest.approx(1, abs=0.01)


def test_without_recorded_contacts_there_is_nothing_to_say() -> None:
    crowd.scored()
    done = run()
    assert (done.state, done.problem) == (RunState.FAILED, "too_little")
