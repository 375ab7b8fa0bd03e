"""Undo of an import whose records somebody has worked on since: theirs stays and is named, unless it is asked to go too."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction

from zhike.core.models import AuditEntry
from zhike.customers import actions as customer_actions
from zhike.customers.models import Customer, ImportBatch
from zhike.sales import actions as sales
from zhike.sales.imports import conflicts, undo, undoing
from zhike.sales.models import BundleItem, Order, PriceList, PriceListItem, Product

if TYPE_CHECKING:
    from zhike.teams.models import User

Bring = Callable[..., tuple[Any, Any]]
FILE = "订单号,客户编号,客户姓名,日期,金额\nA1,K1,李雷,2024-01-01,5\nA2,K2,韩梅梅,2024-01-02,6\nA3,K3,王五,2024-01-03,7\nA4,K4,赵六,2024-01-04,8\n"


def order(number: str) -> Order:
    return Order.objects.get(order_no=number)


def customer(number: str) -> Customer:
    return Customer.objects.get(number=number)


@pytest.fixture
def edited(boss: User, bring: Bring, at: datetime.datetime) -> ImportBatch:
    """A1 changed, of A2 a return, K3 called by another name; A4 and K4 as they came."""
    batch, _outcome = bring(boss, FILE)
    sales.change_order(actor=boss, order=order("A1").pk, amount=Decimal(50))
    sales.record_return(actor=boss, order=order("A2").pk, returned_at=at, amount=Decimal(2))
    found = customer("K3")
    customer_actions.change_customer(actor=boss, customer=found.pk, at=at, values={"name": "王五一"})
    return batch


def why(batch: ImportBatch, user: User) -> dict[tuple[str, str], str]:
    return {(one.what, one.name): one.why for one in conflicts.of(batch, seen_by=user).first}


def test_what_somebody_has_worked_on_stays_and_is_named(edited: ImportBatch, boss: User, at: datetime.datetime) -> None:
    told = {
        ("order", "A1"): "changed", ("order", "A2"): "returned",
        ("customer", "李雷"): "used", ("customer", "韩梅梅"): "used", ("customer", "王五一"): "changed",
    }  # fmt: skip
    assert why(edited, boss) == told  # before
    undone = undoing.undo_import(actor=boss, batch=edited, now=at)
    assert undone == {"orders": {"removed": 2, "restored": 0, "kept": 2}, "customers": {"restored": 0, "removed": 1, "kept": 3}}
    edited.refresh_from_db()
    assert why(edited, boss) == told  # and after
    assert (order("A1").amount, order("A2").returned_by.get().amount) == (50, -2)
    assert set(Customer.objects.values_list("number", flat=True)) == {"K1", "K2", "K3"}
    edits = conflicts.of(edited, seen_by=boss)
    assert {one.by for one in edits.first if one.why == "changed"} == {"老板"}


def test_asked_to_it_takes_that_back_too(edited: ImportBatch, boss: User, at: datetime.datetime) -> None:
    undone = undoing.undo_import(actor=boss, batch=edited, now=at, edited="remove")
    assert undone == {
        "orders": {"removed": 5, "restored": 0, "kept": 0}, "customers": {"restored": 0, "removed": 3, "binned": 1, "kept": 0},
    }  # fmt: skip
    assert Order.objects.count() == 0
    binned = Customer.objects.get()  # with its history: out of the bin it comes back
    assert (binned.name, binned.deleted_at) == ("王五一", at)
    assert {one.object_name for one in AuditEntry.objects.filter(object_type="order", verb="deleted")} >= {"A1", "A2"}
    customer_actions.restore_customer(actor=boss, customer=binned.pk)


def test_customers_with_orders_of_others_go_into_the_bin_not_away(boss: User, bring: Bring, at: datetime.datetime) -> None:
    batch, _outcome = bring(boss, "客户编号,客户姓名\nK1,李雷\nK2,韩梅梅\n", kind="customers")
    sales.record_order(actor=boss, customer=customer("K1"), ordered_at=at, amount=Decimal(9))
    assert why(batch, boss) == {("customer", "李雷"): "used"}
    undone = undoing.undo_import(actor=boss, batch=batch, now=at, edited="remove")
    assert undone == {"customers": {"restored": 0, "removed": 1, "binned": 1, "kept": 0}}
    assert Order.objects.get().customer.deleted_at == at


def test_values_that_were_changed_since_stay_or_go_back(boss: User, bring: Bring, at: datetime.datetime) -> None:
    for edited, amount, phone in (("keep", 70, "+8613700137000"), ("remove", 5, "")):
        bring(boss, "订单号,客户编号,日期,金额\nB1,M1,2024-01-01,5\n", again=True)
        batch, _outcome = bring(boss, "订单号,客户编号,手机号,日期,金额\nB1,M1,13800138000,2024-01-01,6\n", again=True)
        found = customer("M1")
        customer_actions.change_customer(actor=boss, customer=found.pk, at=at, values={"phone": "13700137000"})
        sales.change_order(actor=boss, order=order("B1").pk, amount=Decimal(70))
        assert why(batch, boss) == {("order", "B1"): "value", ("customer", "M1"): "value"}
        undone = undoing.undo_import(actor=boss, batch=batch, now=at, edited=edited)
        assert {what: counts["kept"] for what, counts in undone.items()} == dict.fromkeys(undone, int(edited == "keep"))
        assert (order("B1").amount, customer("M1").phone) == (amount, phone)
        Order.objects.all().delete()
        Customer.objects.all().delete()


def test_search_words_follow_what_is_left(boss: User, bring: Bring, at: datetime.datetime) -> None:
    from zhike.customers.tokens import tokens_of

    Customer.objects.create(name="李雷", number="K1")
    batch, _outcome = bring(boss, "客户编号,手机号,日期,金额\nK1,13800138000,2024-01-01,5\n")
    found = customer("K1")
    customer_actions.change_customer(actor=boss, customer=found.pk, at=at, values={"name": "李雷雷"})
    undoing.undo_import(actor=boss, batch=batch, now=at)
    found.refresh_from_db()
    assert (found.name, found.phone, sorted(found.search)) == ("李雷雷", "", sorted(tokens_of(found)))


def test_what_it_added_to_known_customers_goes_and_what_others_have_stays(boss: User, bring: Bring, at: datetime.datetime) -> None:
    """Further numbers, contacts and addresses of the same words stand at others too, and beside what was there before."""
    one, other = (
        Customer.objects.create(name=name, number=number, kind="organisation") for name, number in (("甲", "K1"), ("乙", "K2"))
    )
    for each in (one, other):
        customer_actions.save_contact(actor=boss, customer=each, name="老王")
        customer_actions.save_address(actor=boss, customer=each, detail="老街1号")
        customer_actions.add_identifier(actor=boss, customer=each, kind="phone", value="13900139000")
    customer_actions.save_contact(actor=boss, customer=other, name="李雷")
    customer_actions.save_address(actor=boss, customer=other, detail="新街2号")
    customer_actions.add_identifier(actor=boss, customer=other, kind="phone", value="13700137000")

    def hanging(each: Customer) -> list[list[str]]:
        return [
            sorted(rows.values_list(name, flat=True))
            for rows, name in ((each.contacts, "name"), (each.addresses, "detail"), (each.identifiers, "value"))
        ]

    before = [hanging(one), hanging(other)]
    text = "客户编号,手机号,联系人,地址\nK1,13600136000 / 13700137000,李雷,新街2号\n"
    batch, _outcome = bring(boss, text, kind="customers")
    assert hanging(one) != before[0]
    undoing.undo_import(actor=boss, batch=batch, now=at)
    assert [hanging(one), hanging(other)] == before
    one.refresh_from_db()
    assert ("7000" in one.search, "6000" in one.search, "9000" in one.search) == (False, False, True)


def test_whom_somebody_deleted_since_is_nothing_that_stays(edited: ImportBatch, boss: User, at: datetime.datetime) -> None:
    customer_actions.delete_customer(actor=boss, customer=customer("K3").pk, at=at)
    undone = undoing.undo_import(actor=boss, batch=edited, now=at)
    assert undone["customers"]["kept"] == 2
    edited.refresh_from_db()
    assert {one.name for one in conflicts.of(edited, seen_by=boss).first} == {"A1", "A2", "李雷", "韩梅梅"}


def test_products_that_somebody_uses_by_now_stay(boss: User, bring: Bring, at: datetime.datetime) -> None:
    names = ("机油", "套餐内", "套餐", "系列", "报价", "空的")
    lines = "".join(f"A{n},K1,2024-01-01,{name},1,5\n" for n, name in enumerate(names))
    batch, _outcome = bring(boss, f"订单号,客户编号,日期,商品,数量,金额\n{lines}")
    product = {one.name: one for one in Product.objects.all()}
    others = Order.objects.create(customer=Customer.objects.create(name="别人"), ordered_at=at, amount=5)
    others.lines.create(product=product["机油"], quantity=1, unit_price=5, amount=5)
    own = Product.objects.create(code="own", name="自己的")
    BundleItem.objects.create(bundle=product["套餐"], product=own)
    BundleItem.objects.create(bundle=own, product=product["套餐内"])
    Product.objects.create(code="small", name="小号", variant_of=product["系列"])
    PriceListItem.objects.create(price_list=PriceList.objects.create(name="会员价"), product=product["报价"], price=1)
    undoing.undo_import(actor=boss, batch=batch, now=at)
    assert set(Product.objects.values_list("name", flat=True)) == {*names, "自己的", "小号"} - {"空的"}


def test_only_who_may_delete_takes_the_work_of_others_back(
    bring: Bring, person: Callable[..., User], boss: User, at: datetime.datetime
) -> None:
    han = person("han")
    batch, _outcome = bring(han, FILE, owner=han.pk)
    with pytest.raises(PermissionDenied):
        undoing.undo_import(actor=han, batch=batch, now=at, edited="remove")
    with pytest.raises(ValidationError):
        undoing.undo_import(actor=han, batch=batch, now=at, edited="everything")
    lin = person(
        "lin", "customer.view", "customer.create", "customer.edit", "customer.import", "customer.delete", "order.view", "order.edit"
    )
    batch, _outcome = bring(lin, FILE.replace("A", "C").replace("K", "L"), owner=lin.pk)
    sales.change_order(actor=boss, order=order("C1").pk, amount=Decimal(50))
    customer_actions.transfer_customers(actor=boss, customers=[customer("L1").pk], to=boss, at=at)
    undone = undoing.undo_import(actor=lin, batch=batch, now=at, edited="remove")
    assert (undone["orders"]["kept"], undone["customers"]["kept"]) == (1, 1)  # it is no longer theirs
    batch.refresh_from_db()
    assert conflicts.of(batch, seen_by=lin).first == []
    assert (conflicts.of(batch, seen_by=lin).total, len(conflicts.of(batch, seen_by=boss).first)) == (2, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False])
def test_who_saves_in_the_moment_of_the_undo_is_not_overrun(
    bring: Bring, at: datetime.datetime, protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the second look the order is removed although somebody has just changed it."""
    from zhike.teams.models import User

    boss = User.objects.create(username="boss", name="老板", is_administrator=True)
    batch, _outcome = bring(boss, FILE)
    if not protected:
        monkeypatch.setattr(undo, "refuse_if_edited", lambda *_arguments: None)
    saved, ended = threading.Event(), threading.Event()

    def take_back() -> None:
        saved.wait(30)
        try:
            undoing.undo_import(actor=boss, batch=batch, now=at)
        finally:
            ended.set()
            connections.close_all()

    thread = threading.Thread(target=take_back)
    thread.start()
    with transaction.atomic():
        sales.change_order(actor=boss, order=order("A1").pk, amount=Decimal(50))
        saved.set()
        with connection.cursor() as cursor:  # until the undo waits for this row
            for _try in range(3000):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
                if cursor.fetchone()[0]:
                    break
                assert not ended.wait(0.01)
    thread.join(60)
    assert [one.amount for one in Order.objects.all()] == ([50] if protected else [])


def test_what_the_product_itself_found_out_keeps_nobody(boss: User, bring: Bring, at: datetime.datetime) -> None:
    """Scores follow from the orders; a run in between must not make every new customer one that somebody has worked on."""
    from zhike.value.actions import run_scoring
    from zhike.value.models import Score

    batch, _outcome = bring(boss, FILE)
    run_scoring(actor=boss, as_of=datetime.date(2024, 6, 30))
    assert Score.objects.count() == 4
    assert conflicts.of(batch, seen_by=boss).total == 0
    undone = undoing.undo_import(actor=boss, batch=batch, now=at)
    assert (undone["customers"]["removed"], Customer.objects.count(), Score.objects.count()) == (4, 0, 0)
