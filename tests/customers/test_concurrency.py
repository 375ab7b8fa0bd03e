"""Several people at the same moment: nothing is lost, the second editor is told."""

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from zhike.customers import actions
from zhike.customers.models import Customer, Interaction
from zhike.teams.models import User

Made = Callable[..., Customer]
pytestmark = pytest.mark.django_db(transaction=True)


def together(jobs: list[Callable[[], Any]]) -> list[Any]:
    def run(job: Callable[[], Any]) -> Any:
        try:
            return job()
        except Exception as problem:  # noqa: BLE001  the outcome is what the test looks at
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_of_two_edits_of_one_version_one_is_a_conflict(boss: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss)
    jobs = [
        lambda region=region: actions.change_customer(actor=boss, customer=customer.pk, values={"region": region}, at=at, version=1)
        for region in ("朝阳", "海淀")
    ]
    outcomes = together(jobs)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Customer"]
    customer.refresh_from_db()
    assert customer.version == 2


def test_twenty_calls_at_once_are_all_kept(boss: User, made: Made, at: datetime.datetime) -> None:
    customer = made(boss)
    moments = [at + datetime.timedelta(minutes=n) for n in range(20)]
    together([lambda at=at: actions.record_interaction(actor=boss, customer=customer.pk, kind="call", at=at) for at in moments])
    customer.refresh_from_db()
    assert Interaction.objects.count() == 20
    assert customer.last_contact_at == moments[-1]


def test_a_planned_call_is_completed_once(boss: User, made: Made, at: datetime.datetime) -> None:
    plan = actions.plan_interaction(actor=boss, customer=made(boss), kind="call", at=at, repeat_days=7)
    together([lambda: actions.complete_interaction(actor=boss, interaction=plan.pk, at=at)] * 5)
    assert Interaction.objects.planned().count() == 1
    assert Interaction.objects.filter(state="done").count() == 1


def test_two_who_merge_crosswise_do_not_lose_each_other(boss: User, made: Made, at: datetime.datetime) -> None:
    one, two = made(boss, "甲"), made(boss, "乙")
    outcomes = together(
        [
            lambda: actions.merge_customers(actor=boss, kept=one.pk, gone=two.pk, at=at),
            lambda: actions.merge_customers(actor=boss, kept=two.pk, gone=one.pk, at=at),
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DoesNotExist", "Merge"]
    assert Customer.objects.living().count() == 1
