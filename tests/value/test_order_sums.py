"""What a customer's orders add up to is the same from the operational table and from the columnar copy."""

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.value import shop
from zhike.customers.models import Customer
from zhike.sales.models import FactsDirty, Order
from zhike.value import order_sums, snapshot

DAY = datetime.date(2026, 6, 30)
MANY = 12

order = st.tuples(
    st.integers(0, MANY - 1),  # of which customer
    st.integers(0, 800),  # days before the day
    st.decimals(-500, 5000, places=2),
    st.one_of(st.none(), st.decimals(0, 3000, places=2)),  # cost
)


def close(one: Any, other: Any) -> bool:
    return one == (pytest.approx(other, rel=1e-9, abs=1e-6) if isinstance(other, float) else other)


def placed(customers: list[Customer], orders: list[tuple[int, int, Decimal, Decimal | None]]) -> None:
    Order.objects.all().delete()
    Order.objects.bulk_create(
        [
            Order(
                customer=customers[who], ordered_at=shop.noon(str(DAY + datetime.timedelta(100 - days))), amount=amount, cost=cost,
                kind="sale" if amount >= 0 else "return",
            )
            for who, days, amount, cost in orders
        ]
    )  # fmt: skip


def different(few: pa.Table, many: pa.Table) -> list[tuple[Any, ...]]:
    pairs = zip(few.to_pylist(), many.to_pylist(), strict=True)
    return [(name, one[name], other[name]) for one, other in pairs for name in one if not close(one[name], other[name])]


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(order, max_size=60), st.integers(0, 150), st.sampled_from([0, 90, 365]), st.sampled_from([0.3, 0.123456]))
def test_both_ways_give_equal_rows(orders: list[Any], later: int, window: int, rate: float) -> None:
    """Orders before and after the run's day and after today, returns, several a day, with and without a cost; one is deleted."""
    customers = list(Customer.objects.order_by("pk")) or shop.customers(MANY)
    Customer.objects.filter(pk=customers[0].pk).update(deleted_at=shop.noon("2026-06-30"))
    placed(customers, orders)
    facts = snapshot.refresh()
    asked = [customer.pk for customer in customers[:-1]]
    days = {"as_of": DAY, "today": DAY + datetime.timedelta(later), "window_days": window}
    few, many = (order_sums.of(asked, copy, margin_rate=rate, **days) for copy in (None, facts))
    assert few.schema == many.schema
    assert different(few, many) == []
    assert not FactsDirty.objects.exists()
