"""Orders and products through the API."""

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.customers.actions import create_customer
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.teams.choices import Permission

pytestmark = pytest.mark.django_db
AT = "2026-03-08T09:30:00+08:00"


@pytest.fixture
def customer(boss):
    return create_customer(actor=boss, values={"name": "王小明", "number": "K1"}, at=timezone.now())


def test_the_life_of_an_order(api, customer):
    oil = api.post("/products", {"code": "P1", "name": "机油", "price": "300.00"})
    made = api.post(
        "/orders",
        {
            "customer": customer.pk, "ordered_at": AT, "order_no": "A1",
            "lines": [{"product": oil["id"], "quantity": "2", "unit_price": "300"}],
        },
    )  # fmt: skip
    assert (made.status, made["amount"], made["lines"][0]["product"]["name"]) == (201, "600.00", "机油")
    address = f"/orders/{made['id']}"
    assert api.patch(address, {"channel": "门店"})["amount"] == "600.00"
    back = api.post(f"{address}/returns", {"amount": "100.00"})
    assert (back["kind"], back["amount"], back["returns"]) == ("return", "-100.00", made["id"])
    assert api.post(f"{address}/returns", {"amount": "501.00"}).status == 422
    assert api.get(address)["returned_by"] == [back["id"]]
    assert api.delete(address).status == 422
    assert api.delete(f"/orders/{back['id']}").status == 204
    assert api.delete(address).status == 204
    assert api.get(address).status == 404


def test_an_order_number_is_entered_once(api, customer):
    body = {"customer": customer.pk, "ordered_at": AT, "order_no": "A1", "amount": "10.00"}
    first = api.post("/orders", body)
    assert api.post("/orders", body)["id"] == first["id"]
    assert list(api.post("/orders", {**body, "amount": "11.00"})["fields"]) == ["order_no"]
    assert Order.objects.count() == 1


def test_many_orders_are_pushed_at_once_and_again_without_doubles(api, customer):
    orders = [{"order_no": f"B{number}", "ordered_at": AT, "amount": "10.00", "customer": "K1"} for number in range(5)]
    pushed = api.post("/orders/bulk", {"orders": orders})
    assert (pushed.status, pushed["state"], pushed["counts"]["created"]["orders"]) == (200, "done", 5)
    again = api.post("/orders/bulk", {"orders": [{**one, "amount": "12.00"} for one in orders]})
    assert again["counts"]["created"].get("orders", 0) == 0
    assert Order.objects.count() == 5
    assert {str(one) for one in Order.objects.values_list("amount", flat=True)} == {"12.00"}
    assert Customer.objects.count() == 1
    assert api.post("/orders/bulk", {"orders": orders * 201}).status == 422


def test_orders_are_filtered_and_paged(api, customer):
    for number in range(3):
        body = {"customer": customer.pk, "ordered_at": AT, "order_no": f"C{number}", "amount": f"{number + 1}0.00"}
        assert api.post("/orders", {**body, "channel": "门店", "region": "上海"}).status == 201
    assert [one["order_no"] for one in api.everything("/orders?limit=1&sort=amount")] == ["C0", "C1", "C2"]
    for query in ("order_no=C1", "amount_from=15&amount_until=25"):
        assert [one["order_no"] for one in api.everything(f"/orders?{query}")] == ["C1"]
    for query in (f"customer={customer.pk}", "kind=sale", "channel=门店", "region=上海", "ordered_from=2026-03-01T00:00:00Z"):
        assert len(api.everything(f"/orders?{query}")) == 3
    for query in ("kind=return", "channel=x", "ordered_until=2026-03-01T00:00:00Z"):
        assert api.everything(f"/orders?{query}") == []


def test_orders_of_others_do_not_exist(api, customer):
    made = api.post("/orders", {"customer": customer.pk, "ordered_at": AT, "amount": "10.00"})
    anna = person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.ORDER_VIEW, Permission.ORDER_EDIT])
    hers = Api.with_token(anna)
    assert hers.get("/orders?count=exact")["count"] == 0
    assert [hers.get(f"/orders/{made['id']}").status, hers.delete(f"/orders/{made['id']}").status] == [404, 404]
    assert list(hers.post("/orders", {"customer": customer.pk, "ordered_at": AT, "amount": "1"})["fields"]) == ["customer"]


def test_the_catalogue(api):
    line = api.post("/product-lines", {"name": "保养"})
    oil, wash = (api.post("/products", {"code": code, "name": code, "line": line["id"]}) for code in ("油", "洗"))
    set_ = api.post("/products", {"code": "套餐", "name": "套餐"})
    assert api.put(f"/products/{set_['id']}/bundle", {"items": [{"product": oil["id"]}, {"product": wash["id"]}]}).status == 204
    assert api.patch(f"/products/{oil['id']}", {"price": "9.90", "cost": "5.00"})["price"] == "9.90"
    assert [one["code"] for one in api.everything(f"/products?line={line['id']}&q=油&is_active=true")] == ["油"]
    prices = api.post("/price-lists", {"name": "大客户价", "grade": "key"})
    assert api.put(f"/price-lists/{prices['id']}/prices/{oil['id']}", {"price": "8.00"}).status == 204
    assert api.put(f"/price-lists/{prices['id']}", {"name": "大客户", "grade": "key"})["name"] == "大客户"
    assert api.put(f"/product-lines/{line['id']}", {"name": "养护"})["name"] == "养护"
    assert api.delete(f"/product-lines/{line['id']}").status == 422
    assert list(api.post("/products", {"code": "油", "name": "x"})["fields"]) == ["code"]
    assert [len(api.everything(path)) for path in ("/product-lines", "/price-lists")] == [1, 1]
    assert Api.with_token(person(can=[Permission.CUSTOMER_VIEW])).get(f"/products/{oil['id']}").status == 403


def test_due_and_paid_days(api, customer):
    body = {"customer": customer.pk, "ordered_at": AT, "order_no": "A1", "amount": "10.00", "due_on": "2026-04-08"}
    made = api.post("/orders", body)
    assert (made["due_on"], made["paid_on"]) == ("2026-04-08", None)
    assert [len(api.get(f"/orders?unpaid={unpaid}")["items"]) for unpaid in ("true", "false")] == [1, 0]
    pushed = {"order_no": "A1", "ordered_at": AT, "amount": "10.00", "customer": "K1", "paid_on": "2026-05-01"}
    assert api.post("/orders/bulk", {"orders": [pushed]}).status == 200
    now = api.get(f"/orders/{made['id']}")
    assert (now["due_on"], now["paid_on"]) == ("2026-04-08", "2026-05-01")
    assert [len(api.get(f"/orders?unpaid={unpaid}")["items"]) for unpaid in ("true", "false")] == [0, 1]
