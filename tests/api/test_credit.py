"""Credit of customers through the API."""

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.teams.choices import Permission, Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(boss):
    return Customer.objects.create(name="海通物流有限公司", kind="organisation", owner=boss)


def test_asked_granted_looked_at_and_ended(api, customer):
    address = f"/customers/{customer.pk}/credit"
    assert api.get(address)["grade"] == ""
    assert api.post(address, {"reason": "x"}).status == 422
    made = api.post(address, {"reason": "年度协议", "grade": "B", "limit": "20000.00"})
    assert (made.status, made["state"], made["limit"], made["terms"]) == (201, "approved", "20000.00", None)
    Order.objects.create(customer=customer, ordered_at=timezone.now(), amount=500, due_on=timezone.localdate())
    now = api.get(address)
    assert (now["grade"], now["limit"], now["terms"], now["open"], now["free"]) == ("B", "20000.00", 30, "500.00", "19500.00")
    assert now["decision"] == made["id"]
    assert api.post(f"/credit-decisions/{made['id']}/decide", {"approve": True}).status == 422
    assert api.post(f"/credit-decisions/{made['id']}/end")["state"] == "ended"
    assert [one["id"] for one in api.everything(f"/credit-decisions?customer={customer.pk}")] == [made["id"]]
    rules = api.send("PATCH", "/value/assumptions/credit", {"terms": [90, 60, 30, 15, 0]})
    assert rules["terms"] == [90, 60, 30, 15, 0]
    assert api.get("/value/assumptions")["credit"]["terms"][0] == 90


def test_who_is_not_cleared_finds_nothing(customer):
    wide = person("马", can=[Permission.CUSTOMER_VIEW, Permission.VALUE_VIEW], scope=Scope.ALL)  # cleared for internal fields only
    narrow = Api.with_token(wide)
    assert narrow.get(f"/customers/{customer.pk}/credit").status == 404
    assert narrow.everything("/credit-decisions") == []
    assert "credit" not in [one["name"] for one in narrow.get("/analyses/kinds").body]
    assert narrow.get("/analyses?kind=credit")["items"] == []
