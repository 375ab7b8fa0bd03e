"""Asking for a large export by program."""

import csv
import io
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers.actions import create_customer
from zhike.sales.actions import record_order
from zhike.teams.actions import export_files
from zhike.teams.choices import Permission, Scope
from zhike.teams.rules import ExportRules

pytestmark = pytest.mark.django_db


def test_a_large_export_is_asked_for_approved_and_fetched(api, boss):
    settings_store.write(ExportRules(confidential=1, internal=1))
    for name in ("张伟", "王芳"):
        create_customer(actor=boss, values={"name": name}, at=timezone.now())
    seller = Api.with_token(person(can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EXPORT], scope=Scope.ALL))
    refused = seller.post("/customers/export?kind=person")
    assert (refused.status, refused["error"]) == (422, "approval_needed")
    asked = seller.post("/customers/export?kind=person&reason=audit")
    assert (asked.status, asked["state"], asked["rows"]) == (202, "waiting", 2)
    assert seller.post(f"/exports/{asked['id']}/decision", {"approve": True}).status == 403
    address = f"/customers/export?kind=person&approval={asked['id']}"
    assert seller.post(address).status == 422
    assert [one["id"] for one in api.everything("/exports?state=waiting")] == [asked["id"]]
    assert api.post(f"/exports/{asked['id']}/decision", {"approve": False}).status == 422
    assert api.post(f"/exports/{asked['id']}/decision", {"approve": True})["state"] == "approved"
    assert seller.post(f"/customers/export?approval={asked['id']}").status == 422  # other filters
    assert b"".join(seller.post(address).response.streaming_content).count(b"\n") == 3
    assert AuditEntry.objects.filter(verb="exported").count() == 1


def test_many_rows_are_made_in_the_background_and_fetched(api, boss, monkeypatch):
    monkeypatch.setattr(export_files, "AT_ONCE", 1)
    for name in ("张伟", "王芳"):
        create_customer(actor=boss, values={"name": name, "tags": ["会员"]}, at=timezone.now())
    asked = api.post("/customers/export?kind=person&tag=会员&format=xlsx")
    assert (asked.status, asked["state"], asked["file_state"]) == (202, "free", "waiting")
    assert api.post("/customers/export?kind=person&tag=会员&format=xlsx")["id"] == asked["id"]
    address = f"/exports/{asked['id']}"
    assert api.get(f"{address}/file").status == 422
    other = Api.with_token(person(can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EXPORT], scope=Scope.ALL))
    assert {other.get(address).status, other.get(f"{address}/file").status, other.post(f"{address}/cancel").status} == {404}
    export_files.make_file(request_id=asked["id"], at=timezone.now())
    now = api.get(address)
    assert (now["file_state"], now["done"]) == ("ready", 2)
    assert b"".join(api.get(f"{address}/file").response.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(verb="exported").count() == 2
    second = api.post("/customers/export?kind=person")
    assert api.post(f"/exports/{second['id']}/cancel").status == 200
    export_files.make_file(request_id=second["id"], at=timezone.now())
    assert api.get(f"/exports/{second['id']}")["file_state"] == "cancelled"
    again = api.post(f"/exports/{second['id']}/make")
    assert (again.status, again["file_state"]) == (202, "waiting")
    assert other.post(f"/exports/{second['id']}/make").status == 404
    export_files.make_file(request_id=again["id"], at=timezone.now())
    assert b"".join(api.get(f"/exports/{again['id']}/file").response.streaming_content).count(b"\n") == 3
    monkeypatch.setattr(export_files, "AT_ONCE", 2)
    assert b"".join(api.post(f"/exports/{second['id']}/make").response.streaming_content).count(b"\n") == 3


def test_orders_leave_as_customers_do(api, boss):
    wei = create_customer(actor=boss, values={"name": "张伟"}, at=timezone.now())
    for number, amount in (("A0001", "10.50"), ("A0002", "99")):
        record_order(actor=boss, customer=wei, ordered_at=timezone.now(), amount=Decimal(amount), order_no=number)
    sent = b"".join(api.post("/orders/export?amount_from=50").response.streaming_content).decode("utf-8-sig")
    header, line, *others = csv.reader(io.StringIO(sent))
    assert {"order_no": "A0002", "customer": "张伟", "amount": "99.00"}.items() <= dict(zip(header, line, strict=True)).items()
    assert not others
    entry = AuditEntry.objects.get(verb="exported")
    assert header[-1].startswith(f"#{entry.pk} · ")
    assert entry.changes["rows"] == [None, 1]
    seller = Api.with_token(person(can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EXPORT], scope=Scope.ALL))
    assert seller.post("/orders/export").status == 403
