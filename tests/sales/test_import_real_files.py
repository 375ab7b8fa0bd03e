"""The published data sets, counted to the row."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum

from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions
from zhike.sales.models import Order, OrderLine
from zhike.teams.models import User


def imported(boss: User, path: Path, at: datetime.datetime) -> ImportBatch:
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    actions.run_now(actor=boss, batch=batch, now=at)
    batch.refresh_from_db()
    return batch


def test_cdnow_as_it_is(boss: User, shared_data: Path, at: datetime.datetime) -> None:
    batch = imported(boss, shared_data / "cdnow" / "CDNOW_master.txt", at)
    assert batch.counts["created"] == {"customers": 23_570, "orders": 69_659}
    assert (batch.rows_total, batch.counts["rejected"], batch.counts["skipped"]) == (69_659, 0, 0)
    assert Order.objects.aggregate(total=Sum("amount"))["total"] == Decimal("2500315.63")
    first = Customer.objects.get(number="00001").orders.get()
    assert (first.amount, first.quantity, str(first.ordered_at.date())) == (Decimal("11.77"), 1, "1996-12-31")  # UTC


def test_online_retail_from_its_own_columns(boss: User, shared_data: Path, at: datetime.datetime) -> None:
    batch = imported(boss, shared_data / "online_retail.csv.gz", at)
    assert (batch.rows_total, batch.reasons) == (541_909, {"no_customer": 135_080})
    assert batch.counts["created"] == {"customers": 4_372, "orders": 22_190, "products": 3_684, "lines": 406_829}
    sold = OrderLine.objects.filter(order__kind="sale", quantity__gt=0, unit_price__gt=0)
    assert (sold.count(), sold.values("order__customer").distinct().count()) == (397_884, 4_338)
    assert abs(sold.aggregate(total=Sum("amount"))["total"] - Decimal("8911407.90")) < 1
    assert Order.objects.filter(kind="return").count() == batch.counts["remarks"]["returns"] == 3_654
