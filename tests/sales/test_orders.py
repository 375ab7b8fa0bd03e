"""Orders entered one by one, returns, products and prices."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core import events
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.sales import actions, rules
from zhike.sales.events import OrdersChanged
from zhike.sales.models import BundleItem, Order, Product, ProductLine
from zhike.sales.queries import bundle_price, price_for, product_by_words
from zhike.sales.rules import Line
from zhike.teams.models import User


@pytest.fixture
def customer(boss: User) -> Customer:
    return Customer.objects.create(name="李雷", number="K1", owner=boss)


@pytest.fixture
def oil(boss: User) -> Product:
    return actions.save_product(actor=boss, code="OIL", name="机油", price=Decimal(280), cost=Decimal(150))


def test_an_order_with_lines_is_the_sum_of_its_lines(boss: User, customer: Customer, oil: Product, at: datetime.datetime) -> None:
    order = actions.record_order(
        actor=boss,
        customer=customer,
        ordered_at=at,
        order_no="A1",
        lines=[Line(oil.pk, Decimal(2), Decimal(280), Decimal(300)), Line(oil.pk, Decimal(1), Decimal("9.99"), Decimal(0))],
    )
    assert (order.amount, order.quantity, order.cost, order.lines.count()) == (Decimal("569.99"), 3, 300, 2)
    assert rules.margin(order.amount, order.cost) == Decimal("269.99")
    assert AuditEntry.objects.get(object_type="order").object_id == order.pk


def test_the_same_order_pushed_twice_is_there_once(boss: User, customer: Customer, at: datetime.datetime) -> None:
    first = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), order_no="A1")
    again = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), order_no="A1")
    assert first == again
    with pytest.raises(ValidationError) as caught:
        actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(6), order_no="A1")
    assert "order_no" in caught.value.message_dict
    assert Order.objects.count() == 1


def test_a_number_of_an_order_out_of_sight_is_refused_without_a_word_about_it(
    boss: User, customer: Customer, person: Callable[..., User], at: datetime.datetime
) -> None:
    actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), order_no="A1")
    han = person("han")
    own = Customer.objects.create(name="我的", owner=han)
    with pytest.raises(ValidationError) as caught:
        actions.record_order(actor=han, customer=own, ordered_at=at, amount=Decimal(5), order_no="A1")
    assert "李雷" not in str(caught.value)


def test_every_change_announces_the_customer(
    boss: User, customer: Customer, at: datetime.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[OrdersChanged] = []
    monkeypatch.setattr(events, "_reactions", {OrdersChanged: [heard.append]})
    order = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5))
    actions.change_order(actor=boss, order=order.pk, amount=Decimal(6))
    actions.change_order(actor=boss, order=order.pk, amount=Decimal(6))  # nothing new
    back = actions.record_return(actor=boss, order=order.pk, returned_at=at)
    actions.delete_order(actor=boss, order=back.pk)
    actions.delete_order(actor=boss, order=order.pk)
    assert heard == [OrdersChanged((customer.pk,))] * 5
    assert Order.objects.count() == 0


def test_no_more_comes_back_than_was_sold(boss: User, customer: Customer, at: datetime.datetime) -> None:
    order = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(100), cost=Decimal(60))
    part = actions.record_return(actor=boss, order=order.pk, returned_at=at, amount=Decimal(30))
    assert (part.kind, part.amount, part.cost, part.returns) == ("return", Decimal(-30), Decimal(-18), order)
    for amount in (Decimal(71), Decimal(0), Decimal(-1)):
        with pytest.raises(ValidationError):
            actions.record_return(actor=boss, order=order.pk, returned_at=at, amount=amount)
    assert actions.record_return(actor=boss, order=order.pk, returned_at=at).amount == -70
    with pytest.raises(ValidationError):
        actions.delete_order(actor=boss, order=order.pk)
    with pytest.raises(ValidationError):
        actions.record_return(actor=boss, order=part.pk, returned_at=at)


@pytest.mark.parametrize("amount", [None, Decimal("1.005"), Decimal(10) ** 12])
def test_amounts_are_checked(boss: User, customer: Customer, at: datetime.datetime, amount: Decimal | None) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=amount)
    assert "amount" in caught.value.message_dict


def test_the_amount_of_an_order_with_lines_changes_with_its_lines(
    boss: User, customer: Customer, oil: Product, at: datetime.datetime
) -> None:
    order = actions.record_order(actor=boss, customer=customer, ordered_at=at, lines=[Line(oil.pk, Decimal(1), Decimal(280))])
    with pytest.raises(ValidationError):
        actions.change_order(actor=boss, order=order.pk, amount=Decimal(1))
    changed = actions.change_order(actor=boss, order=order.pk, lines=[Line(oil.pk, Decimal(3), Decimal(280))])
    assert (changed.amount, changed.lines.get().quantity) == (840, 3)


def test_without_the_right_nothing_is_entered_and_nothing_out_of_sight(
    boss: User, customer: Customer, person: Callable[..., User], at: datetime.datetime
) -> None:
    order = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5))
    reader, seller = person("reader", "order.view", "customer.view", scope="all"), person("seller")
    with pytest.raises(PermissionDenied):
        actions.record_order(actor=reader, customer=customer, ordered_at=at, amount=Decimal(5))
    with pytest.raises(PermissionDenied):
        actions.delete_order(actor=reader, order=order.pk)
    with pytest.raises(Customer.DoesNotExist):
        actions.record_order(actor=seller, customer=customer, ordered_at=at, amount=Decimal(5))
    for act in (
        lambda: actions.change_order(actor=seller, order=order.pk, amount=Decimal(1)),
        lambda: actions.record_return(actor=seller, order=order.pk, returned_at=at),
    ):
        with pytest.raises(Order.DoesNotExist):
            act()
    with pytest.raises(PermissionDenied):
        actions.save_product(actor=seller, code="X", name="X")


def test_a_grade_has_its_own_prices(boss: User, oil: Product) -> None:
    assert price_for(oil, "key") == 280
    everybody = actions.save_price_list(actor=boss, name="标准")
    key = actions.save_price_list(actor=boss, name="大客户", grade="key")
    actions.set_price(actor=boss, price_list=everybody.pk, product=oil.pk, price=Decimal(260))
    actions.set_price(actor=boss, price_list=key.pk, product=oil.pk, price=Decimal(220))
    assert (price_for(oil, "key"), price_for(oil, "small"), price_for(oil)) == (220, 260, 260)
    actions.set_price(actor=boss, price_list=key.pk, product=oil.pk, price=None)
    assert price_for(oil, "key") == 260
    with pytest.raises(ValidationError):
        actions.save_price_list(actor=boss, name="第二张", grade="key")
    actions.save_price_list(actor=boss, price_list=everybody.pk, name="标准", is_active=False)
    assert price_for(oil, "key") == 280


def test_bundles_and_variants(boss: User, oil: Product) -> None:
    wash = actions.save_product(actor=boss, code="WASH", name="洗车", price=Decimal(40))
    bundle = actions.save_product(actor=boss, code="SET", name="保养套餐", price=Decimal(300))
    actions.save_bundle(actor=boss, product=bundle.pk, items={oil.pk: Decimal(1), wash.pk: Decimal(2)})
    assert bundle_price(bundle) == 360
    for product, items in ((oil.pk, {oil.pk: Decimal(1)}), (wash.pk, {bundle.pk: Decimal(1)}), (bundle.pk, {oil.pk: Decimal(0)})):
        with pytest.raises(ValidationError):
            actions.save_bundle(actor=boss, product=product, items=items)
    assert BundleItem.objects.count() == 2
    variant = actions.save_product(actor=boss, code="OIL-6", name="机油 分期", variant_of_id=oil.pk, variant_kind="settlement")
    with pytest.raises(ValidationError):
        actions.save_product(actor=boss, product=oil.pk, variant_of_id=variant.pk)
    with pytest.raises(ValidationError):
        actions.save_product(actor=boss, code="OIL", name="又一个")
    assert product_by_words("机油") == oil


def test_product_lines_do_not_lie_in_themselves(boss: User, oil: Product) -> None:
    top = actions.save_product_line(actor=boss, name="保养")
    below = actions.save_product_line(actor=boss, name="机油", parent_id=top.pk)
    with pytest.raises(ValidationError):
        actions.save_product_line(actor=boss, line=top.pk, name="保养", parent_id=below.pk)
    actions.save_product(actor=boss, product=oil.pk, line_id=below.pk)
    with pytest.raises(ValidationError):
        actions.delete_product_line(actor=boss, line=below.pk)
    actions.save_product(actor=boss, product=oil.pk, line_id=None)
    actions.delete_product_line(actor=boss, line=below.pk)
    assert ProductLine.objects.get() == top


def as_it_is(order: int) -> tuple[dict[str, object], list[dict[str, object]]]:
    [row] = Order.objects.filter(pk=order).values()
    row.pop("created_at")
    return row, list(Order.objects.get(pk=order).lines.order_by("pk").values("product", "quantity", "unit_price", "amount", "cost"))


def test_a_deleted_order_comes_back_as_it_was(boss: User, customer: Customer, oil: Product, at: datetime.datetime) -> None:
    order = actions.record_order(
        actor=boss, customer=customer, ordered_at=at, order_no="A1", channel="门店", due_on=at.date() + datetime.timedelta(days=30),
        lines=[Line(oil.pk, Decimal("1.5"), Decimal(280), None), Line(oil.pk, Decimal(1), Decimal("9.99"), Decimal(3))],
    )  # fmt: skip
    back = actions.record_return(actor=boss, order=order.pk, returned_at=at, amount=Decimal(100))
    before = as_it_is(order.pk), as_it_is(back.pk)
    for key in (back.pk, order.pk):
        actions.delete_order(actor=boss, order=key)
    with pytest.raises(ValidationError, match=r"deleted too|也已删除"):
        actions.restore_order(actor=boss, order=back.pk)
    for key in (order.pk, back.pk):
        actions.restore_order(actor=boss, order=key)
    assert (as_it_is(order.pk), as_it_is(back.pk)) == before
    with pytest.raises(Order.DoesNotExist):
        actions.restore_order(actor=boss, order=order.pk)


def test_a_deleted_order_does_not_come_back_in_the_place_of_another_or_for_who_may_not_see_it(
    boss: User, customer: Customer, person: Callable[..., User], at: datetime.datetime
) -> None:
    order = actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(5), order_no="A1")
    actions.delete_order(actor=boss, order=order.pk)
    with pytest.raises(Customer.DoesNotExist):
        actions.restore_order(actor=person("han"), order=order.pk)
    actions.record_order(actor=boss, customer=customer, ordered_at=at, amount=Decimal(6), order_no="A1")
    with pytest.raises(ValidationError) as caught:
        actions.restore_order(actor=boss, order=order.pk)
    assert "order_no" in caught.value.message_dict
    assert Order.objects.count() == 1
