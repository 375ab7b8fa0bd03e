"""Orders and products on their screens."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from zhike.customers.models import Customer
from zhike.sales import actions
from zhike.sales.models import Order, PriceListItem, Product, ProductLine
from zhike.teams.models import Role, User


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create(username="boss", name="老板", is_administrator=True, language="en")


@pytest.fixture
def browser(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


@pytest.fixture
def customer(boss: User) -> Customer:
    return Customer.objects.create(name="李雷", number="K1", phone="+8613800138000", owner=boss)


def order_of(customer: Customer, amount: int, **more: Any) -> Order:
    return Order.objects.create(customer=customer, ordered_at=timezone.now(), amount=amount, **more)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    browser: Client, customer: Customer, number: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(number):
        order_of(customer, at + 1, order_no=f"A{at}")
    with django_assert_max_num_queries(9):
        shown = browser.get("/orders/").content.decode()
    assert shown.count("李雷") >= number


def test_orders_are_found_by_number_customer_and_phone(browser: Client, customer: Customer) -> None:
    from zhike.core.search import tokens_for

    Customer.objects.filter(pk=customer.pk).update(search=tokens_for("李雷", phones=["+8613800138000"]))
    order_of(customer, 5, order_no="A1")
    order_of(Customer.objects.create(name="韩梅梅"), 6, order_no="B1")
    for text in ("A1", "李雷", "8000", "lilei"):
        shown = browser.get("/orders/", {"q": text}).content.decode()
        assert ("A1</a>" in shown, "B1</a>" in shown) == (True, False), text


def test_entering_changing_returning_deleting(browser: Client, customer: Customer) -> None:
    Product.objects.create(code="OIL", name="机油", price=280)
    assert browser.get(f"/orders/new/?customer={customer.pk}").status_code == 200
    made = browser.post("/orders/new/", {
        "customer": "138 0013 8000", "ordered_at": "2026-03-01", "order_no": "A1", "product": ["OIL", ""], "quantity": ["2", ""],
        "unit_price": ["", ""], "line_cost": ["", ""],
    })  # fmt: skip
    order = Order.objects.get()
    assert (made.status_code, order.amount, order.customer) == (302, Decimal(560), customer)
    page = f"/orders/{order.pk}/"
    assert "机油" in browser.get(page).content.decode()
    assert "OIL" in browser.get(f"{page}edit/").content.decode()
    browser.post(
        f"{page}edit/",
        {
            "ordered_at": "2026-03-01",
            "order_no": "A1",
            "product": ["OIL"],
            "quantity": ["3"],
            "unit_price": ["280"],
            "line_cost": ["150"],
        },
    )
    order.refresh_from_db()
    assert (order.amount, order.lines.get().cost) == (840, 150)
    browser.post(f"{page}return/", {"amount": "40"})
    assert Order.objects.get(kind="return").amount == -40
    browser.post(f"{page}return/", {"amount": "10000"})
    assert Order.objects.count() == 2
    browser.post(f"{page}delete/")
    assert Order.objects.count() == 2  # something of it was returned
    browser.post(f"/orders/{Order.objects.get(kind='return').pk}/delete/")
    browser.post(f"{page}delete/")
    assert Order.objects.count() == 0


def test_what_is_wrong_is_shown_at_its_field(browser: Client, customer: Customer) -> None:
    Customer.objects.create(name="李雷")
    for given, said in (
        ({"customer": "王五", "ordered_at": "2026-03-01", "amount": "5"}, "There is no such customer."),
        ({"customer": "李雷", "ordered_at": "2026-03-01", "amount": "5"}, "Several customers are called so"),
        ({"customer": "K1", "ordered_at": "昨天", "amount": "5"}, "Give the day of the order."),
        ({"customer": "K1", "ordered_at": "2026-03-01", "amount": "fünf"}, "is not a number"),
        ({"customer": "K1", "ordered_at": "2026-03-01", "amount": ""}, "Give an amount or lines."),
        (
            {"customer": "K1", "ordered_at": "2026-03-01", "product": "XX", "quantity": "", "unit_price": "", "line_cost": ""},
            "There is no product",
        ),
    ):
        answer = browser.post("/orders/new/", given)
        assert (answer.status_code, said in answer.content.decode()) == (422, True), given
    assert Order.objects.count() == 0


def test_products_lines_and_prices(browser: Client) -> None:
    browser.post("/products/lines/", {"name": "保养"})
    line = ProductLine.objects.get()
    browser.post(
        "/products/new/", {"code": "OIL", "name": "机油", "line_id": line.pk, "price": "280", "cost": "140", "is_active": "on"}
    )
    oil = Product.objects.get()
    browser.post("/products/new/", {"code": "SET", "name": "套餐", "price": "500", "is_active": "on"})
    bundle = Product.objects.get(code="SET")
    assert "50%" in browser.get("/products/").content.decode()
    assert browser.get("/products/", {"q": "OI", "line": line.pk}).content.decode().count("机油") == 1
    browser.post(f"/products/{bundle.pk}/parts/", {"part": ["OIL", ""], "quantity": ["2", ""]})
    assert bundle.items.get().quantity == 2
    browser.post("/products/prices/", {"name": "大客户价", "grade": "key", "is_active": "on"})
    lists = f"/products/prices/{bundle.prices.model.price_list.field.related_model.objects.get().pk}/"
    browser.post(lists, {"product": "机油", "price": "240"})
    assert PriceListItem.objects.get().price == 240
    browser.post(lists, {"product": "机油", "price": "abc"})
    assert PriceListItem.objects.get().price == 240
    for path in (
        f"/products/{oil.pk}/",
        f"/products/{bundle.pk}/",
        "/products/lines/",
        f"/products/lines/{line.pk}/",
        "/products/prices/",
        lists,
        "/products/new/",
    ):
        assert browser.get(path).status_code == 200, path
    assert browser.post("/products/new/", {"code": "OIL", "name": "x"}).status_code == 422
    browser.post(f"/products/lines/{line.pk}/", {"delete": "1"})
    assert ProductLine.objects.exists()  # a product belongs to it


def test_orders_of_others_do_not_exist(browser: Client, customer: Customer) -> None:
    order = order_of(customer, 5, order_no="A1")
    seller = User.objects.create(username="seller", name="销售", language="en")
    seller.roles.add(Role.objects.create(name="seller", permissions=["order.view", "order.edit", "customer.view"], scope="own"))
    other = Client()
    other.force_login(seller)
    assert "ORDER-OF-ANOTHER" not in other.get("/orders/").content.decode()
    for path, method in (("", "get"), ("edit/", "get"), ("return/", "post"), ("delete/", "post")):
        assert getattr(other, method)(f"/orders/{order.pk}/{path}").status_code == 404
    assert other.get("/products/new/").status_code == 403
    assert other.get("/products/").status_code == 200
    assert Order.objects.count() == 1


def test_an_order_on_account_from_the_form_to_the_record(browser: Client, customer: Customer) -> None:
    given = {"customer": "K1", "ordered_at": "2024-05-01", "amount": "120", "due_on": "2024-06-01", "paid_on": "soon"}
    assert "Write the day as" in browser.post("/orders/new/", given).content.decode()
    made = Order.objects.get(pk=int(browser.post("/orders/new/", given | {"paid_on": ""})["Location"].strip("/").split("/")[-1]))
    assert "Overdue" in browser.get(f"/orders/{made.pk}/").content.decode()
    record = browser.get(f"/customers/{customer.pk}/?tab=orders").content.decode()
    assert "Open on account" in record
    assert "overdue</span>" in record
    for payment, found in (("open", True), ("overdue", True), ("paid", False), ("open,paid", True)):
        shown = browser.get("/orders/", {"payment": payment, "show": "number,due,paid"}).content.decode()
        assert (f"/orders/{made.pk}/" in shown) == found, payment
    browser.post(f"/orders/{made.pk}/edit/", given | {"paid_on": "2024-05-20"})
    assert "Open on account" not in browser.get(f"/customers/{customer.pk}/?tab=orders").content.decode()


def test_a_deleted_order_is_brought_back_by_the_button_or_from_the_list(browser: Client, customer: Customer) -> None:
    first, second = order_of(customer, 10, order_no="DD-2031"), order_of(customer, 20, order_no="DD-2032")
    page = browser.post(f"/orders/{first.pk}/delete/", follow=True).content.decode()
    assert f'action="/orders/{first.pk}/restore/"' in page
    assert browser.post(f"/orders/{first.pk}/restore/").headers["Location"] == f"/orders/{first.pk}/"
    assert browser.post(f"/orders/{first.pk}/restore/").status_code == 404
    for one in (first, second):
        browser.post(f"/orders/{one.pk}/delete/")
    page = browser.get("/orders/deleted/").content.decode()
    assert all(word in page for word in ("DD-2031", "DD-2032", "李雷", "¥20"))
    browser.post("/lists/orders-bin/bulk", {"action": "restore", "sure": "1", "all": "1", "query": ""})
    assert Order.objects.count() == 2
    assert "DD-2031" not in browser.get("/orders/deleted/").content.decode()


def test_deleted_orders_of_customers_out_of_sight_are_not_listed(browser: Client, customer: Customer) -> None:
    order = order_of(customer, 10, order_no="DD-2031")
    browser.post(f"/orders/{order.pk}/delete/")
    role = Role.objects.create(
        name="sales", permissions=["order.view", "order.edit", "customer.view"], scope="own", clearance="internal"
    )
    li = User.objects.create(username="li", name="李丽")
    li.roles.add(role)
    client = Client()
    client.force_login(li)
    assert "DD-2031" not in client.get("/orders/deleted/").content.decode()
    assert client.post(f"/orders/{order.pk}/restore/").status_code == 404


def test_an_order_is_looked_at_beside_the_list_and_an_unknown_part_is_the_page(browser: Client, customer: Customer) -> None:
    order = order_of(customer, 10, order_no="A1")
    panel = browser.get(f"/orders/{order.pk}/", headers={"X-Part": "panel"}).content.decode()
    assert "<html" not in panel
    assert "A1" in panel
    assert "<html" in browser.get(f"/orders/{order.pk}/", headers={"X-Part": "nothing"}).content.decode()


def test_who_saves_an_order_second_is_told_and_decides(browser: Client, customer: Customer, boss: User) -> None:
    order = order_of(customer, 10, order_no="A1")
    sent = {"ordered_at": "2026-03-01 10:00", "order_no": "A1", "amount": "30"}
    [mark] = re.findall(r'name="mark" value="(\w+)"', browser.get(f"/orders/{order.pk}/edit/").content.decode())
    actions.change_order(actor=boss, order=order.pk, amount=Decimal(20))
    again = browser.post(f"/orders/{order.pk}/edit/", sent | {"mark": mark})
    assert again.status_code == 422
    assert "Somebody else has changed this order" in again.content.decode()
    order.refresh_from_db()
    assert order.amount == 20
    [mark] = re.findall(r'name="mark" value="(\w+)"', again.content.decode())
    assert browser.post(f"/orders/{order.pk}/edit/", sent | {"mark": mark}).status_code == 302
    order.refresh_from_db()
    assert order.amount == 30
