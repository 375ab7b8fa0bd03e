"""One customer scored again stands where everybody like it stands."""

import datetime
from decimal import Decimal

import pytest
from django.db import transaction

from tests.value import cdnow, shop
from tests.value.test_runs import DAY, little_shop
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.value import actions, incremental, queries, snapshot
from zhike.value.models import Score

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]


def rows_of(run_id: int) -> dict[int, dict[str, object]]:
    return {row["customer_id"]: row for row in Score.objects.filter(run_id=run_id).values()}


def close(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-4, abs=2e-4)  # the stored parameters are rounded nowhere, the results are
    return one == other


@pytest.mark.parametrize("from_the_copy", [False, True])
def test_scoring_everybody_again_changes_nothing(from_the_copy: bool) -> None:
    """The sums from PostgreSQL or from the copy, the cuts and the stored parameters say the same as the run."""
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1997, 9, 30))
    before = rows_of(run.pk)
    facts = snapshot.refresh() if from_the_copy else None
    assert actions.rescore_customers(customer_ids=list(before), as_of=run.as_of, facts=facts) == 2357
    after = rows_of(run.pk)
    assert after.keys() == before.keys()
    different = [
        (customer, name, before[customer][name], after[customer][name])
        for customer in before
        for name in before[customer]
        if not close(before[customer][name], after[customer][name])
    ]
    assert different == []


def test_a_new_order_shows_in_the_score_within_the_same_transaction() -> None:
    big, steady, *_ = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    before = queries.score_of(steady.pk)
    with transaction.atomic():
        shop.orders([(steady, "2026-07-05", 5000)])
        actions.rescore_customers(customer_ids=[steady.pk], as_of=datetime.date(2026, 7, 6))
    after = queries.score_of(steady.pk)
    assert before is not None
    assert after is not None
    assert (after.orders, after.last_on, after.as_of) == (before.orders + 1, datetime.date(2026, 7, 5), datetime.date(2026, 7, 5))
    assert (before.grade, after.grade) == ("regular", "important")
    assert queries.score_of(big.pk).as_of == DAY


def test_an_order_that_is_rolled_back_leaves_the_score_alone() -> None:
    _, steady, *_ = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    before = queries.score_of(steady.pk)
    with transaction.atomic():
        shop.orders([(steady, "2026-07-05", 5000)])
        actions.rescore_customers(customer_ids=[steady.pk], as_of=datetime.date(2026, 7, 6))
        transaction.set_rollback(True)
    assert queries.score_of(steady.pk).revenue == before.revenue


def test_the_first_order_gives_a_score_and_the_last_one_taken_away_ends_it() -> None:
    little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    (newcomer,) = shop.customers(1)
    (order,) = shop.orders([(newcomer, "2026-06-29", 10)])
    actions.rescore_customers(customer_ids=[newcomer.pk], as_of=DAY)
    assert queries.score_of(newcomer.pk).stage == "exploring"
    order.delete()
    actions.rescore_customers(customer_ids=[newcomer.pk], as_of=DAY)
    assert queries.score_of(newcomer.pk) is None


def test_before_the_first_run_there_is_nothing_to_rescore() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-06-29", 10)])
    assert actions.rescore_customers(customer_ids=[li.pk], as_of=DAY) == 0
    assert queries.score_of(li.pk) is None


def test_an_incremental_run_finds_exactly_the_touched_customers_and_scores_them() -> None:
    big, _steady, quiet, once, returner = little_shop()
    run = actions.run_scoring(actor=None, as_of=DAY)
    known = snapshot.pinned(run.report["facts"]["token"])
    shop.orders([(once, "2026-06-20", 90)])
    Order.objects.filter(customer=quiet, amount=300).update(cost=Decimal(100))
    Customer.objects.filter(pk=returner.pk).update(deleted_at=shop.noon("2026-06-30"))
    assert known is not None
    assert incremental.touched(known, snapshot.refresh()) == sorted([quiet.pk, once.pk, returner.pk])
    before = rows_of(run.pk)
    actions.rescore_customers(customer_ids=[quiet.pk, once.pk], as_of=DAY)
    by_hand = rows_of(run.pk)
    Score.objects.filter(run_id=run.pk, customer_id=once.pk).update(orders=0, clv=None)
    incremental_run = actions.run_incremental(today=DAY)
    assert incremental_run is not None
    # three of five customers are more than a whole run is worth, so there may be a new run; its rows are the same
    after = rows_of(incremental_run.pk)
    assert after[once.pk]["orders"] == by_hand[once.pk]["orders"] == 2
    assert after[quiet.pk]["margin"] == by_hand[quiet.pk]["margin"]
    assert after[big.pk]["revenue"] == before[big.pk]["revenue"]


def test_an_incremental_run_keeps_the_run_and_gives_what_a_whole_run_with_its_parameters_gives() -> None:
    cdnow.load_sample()
    run = actions.run_scoring(actor=None, as_of=datetime.date(1997, 9, 30))
    some = list(Customer.objects.order_by("pk")[:40])
    shop.orders([(customer, "1997-09-20", 25.5) for customer in some])
    done = actions.run_incremental(today=datetime.date(1997, 9, 30))
    assert done is not None
    assert done.pk == run.pk
    assert done.report["facts"]["rescored"] == 40
    rows = rows_of(run.pk)
    whole = actions.run_scoring(actor=None, as_of=datetime.date(1997, 9, 30))
    again = rows_of(whole.pk)
    same = ("orders", "returns", "first_on", "last_on", "revenue", "margin", "frequency", "recency", "age", "mean_spend", "trend")
    assert [(pk, name) for pk in rows for name in same if not close(rows[pk][name], again[pk][name])] == []


def test_orders_that_come_while_a_run_works_are_scored_into_it() -> None:
    _, steady, *_ = little_shop()
    actions.run_scoring(actor=None, as_of=DAY)
    came = []

    def sells(step: str, per_cent: int) -> None:
        if step == "fit" and not came:
            came.extend(shop.orders([(steady, "2026-06-30", 77)]))

    run = actions.run_scoring(actor=None, as_of=DAY, progress=sells)
    assert rows_of(run.pk)[steady.pk]["orders"] == 8


def test_after_an_import_a_small_company_gets_a_whole_run() -> None:
    people = little_shop()
    first = actions.refresh_scores(today=DAY)
    assert first is not None
    assert first.customers == len(people)
    assert actions.refresh_scores(today=DAY) != first
