"""Orders on account: when they are to be paid, when they were, from the file to the record and back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError

from zhike.core.models import AuditEntry
from zhike.customers.imports import guess
from zhike.customers.imports.tables import Reading
from zhike.customers.models import Customer
from zhike.sales import actions as sales
from zhike.sales.imports import conflicts, undoing
from zhike.sales.models import UNPAID, Order
from zhike.sales.queries import account_of

if TYPE_CHECKING:
    from zhike.teams.models import User

Bring = Callable[..., tuple[Any, Any]]
MAY, JUNE, JULY = (datetime.date(2024, month, 1) for month in (5, 6, 7))
FILE = (
    "订单号,客户编号,下单日期,商品,金额,应付日期,到账日期\n"
    "A1,K1,2024-05-01,机油,80,2024-06-01,\nA1,K1,2024-05-01,机滤,20,2024/6/1,\nA2,K1,2024-05-01,洗车,30,,\n"
)
PAID = FILE.replace("01,机油,80,2024-06-01,", "01,机油,80,,2024年7月1日").replace("20,2024/6/1,", "20,,2024-07-01")


def order(number: str) -> Order:
    return Order.objects.get(order_no=number)


def days(number: str) -> tuple[datetime.date | None, datetime.date | None]:
    return order(number).due_on, order(number).paid_on


def test_a_file_brings_due_days_and_later_the_payments(boss: User, bring: Bring, at: datetime.datetime) -> None:
    bring(boss, FILE)
    assert (days("A1"), days("A2"), order("A1").amount) == ((JUNE, None), (None, None), 100)
    batch, _outcome = bring(boss, PAID, again=True)
    assert days("A1") == (JUNE, JULY)
    assert order("A1").days_late(JULY) == 30
    undone = undoing.undo_import(actor=boss, batch=batch, now=at)
    assert undone["orders"] == {"removed": 0, "restored": 1, "kept": 0}
    assert days("A1") == (JUNE, None)


def test_rows_without_numbers_bring_them_too(boss: User, bring: Bring) -> None:
    bring(boss, "客户编号,日期,金额,到期日,付款日期\nK1,2024-05-01,5,2024-06-01,2024-05-01\nK2,2024-05-01,5,2024-02-31,\n")
    assert [(one.due_on, one.paid_on) for one in Order.objects.all()] == [(JUNE, MAY)]  # there is no 31 February


def test_a_payment_that_somebody_corrected_stays_when_the_import_is_undone(boss: User, bring: Bring, at: datetime.datetime) -> None:
    bring(boss, FILE)
    batch, _outcome = bring(boss, PAID, again=True)
    sales.change_order(actor=boss, order=order("A1").pk, paid_on=MAY)
    assert conflicts.of(batch, seen_by=boss).total == 1
    undoing.undo_import(actor=boss, batch=batch, now=at)
    assert days("A1") == (JUNE, MAY)


@pytest.mark.parametrize(
    ("titles", "known"),
    [
        ("订单号 客户编号 日期 金额 应付日期 回款日期", {"date": 2, "due_on": 4, "paid_on": 5}),
        ("order customer date amount due_date paid_on", {"date": 2, "due_on": 4, "paid_on": 5}),
        ("订单号 客户编号 付款日期 金额 保险到期日 备注", {"date": 2}),  # of a shop that knows no other day
    ],
)
def test_headings_are_recognised_in_both_languages(titles: str, known: dict[str, int]) -> None:
    reading = Reading("text", columns=titles.split())
    found = guess.mapping_of(reading, "orders")
    assert {code: place for code, place in found.items() if code in ("date", "due_on", "paid_on")} == known


def test_what_is_owed_counts_less_what_came_back(boss: User, at: datetime.datetime) -> None:
    customer = Customer.objects.create(name="海通物流有限公司")
    day = at.date() - datetime.timedelta(days=60)
    for amount, due, paid in ((100, 40, None), (50, -10, None), (70, 50, day), (30, None, None)):
        sales.record_order(
            actor=boss, customer=customer, ordered_at=at - datetime.timedelta(days=60), amount=Decimal(amount),
            due_on=at.date() - datetime.timedelta(days=due) if due else None, paid_on=paid,
        )  # fmt: skip
    first = Order.objects.get(amount=100)
    sales.record_return(actor=boss, order=first.pk, returned_at=at, amount=Decimal(20))
    account = account_of(boss, customer.pk, at.date())
    assert (account.open, account.overdue, account.days) == (130, 80, 40)
    assert Order.objects.filter(UNPAID).count() == 2
    nobody = account_of(type(boss).objects.create(username="new", name="新人"), customer.pk, at.date())
    assert nobody.open == 0


def test_a_due_day_is_not_before_the_order_and_changes_are_in_the_trail(boss: User, at: datetime.datetime) -> None:
    customer = Customer.objects.create(name="海通物流有限公司")
    yesterday = at.date() - datetime.timedelta(days=2)
    with pytest.raises(ValidationError) as wrong:
        sales.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), due_on=yesterday)
    assert list(wrong.value.message_dict) == ["due_on"]
    made = sales.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), due_on=at.date())
    sales.change_order(actor=boss, order=made.pk, paid_on=at.date())
    entry = AuditEntry.objects.filter(object_type="order", object_id=made.pk).latest("pk")
    assert entry.changes == {"paid_on": [None, at.date().isoformat()]}
