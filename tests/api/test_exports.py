"""Asking for a large export by program."""

import pytest
from django.utils import timezone

from tests.api.client import Api
from tests.teams.company import person
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers.actions import create_customer
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
