"""Every refusal in one shape, whoever speaks it, with a reference that stands in the log."""

import logging

import pytest
from django.test import Client

from tests.api.client import Answer, Api
from tests.teams.company import administrator, person
from zhike.api import today
from zhike.customers.models import Customer
from zhike.teams.choices import Language, Permission
from zhike.teams.models import User

pytestmark = pytest.mark.django_db


def check(answer: Answer, status: int, error: str, caplog: pytest.LogCaptureFixture) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body.keys() == {"error", "message", "fields", "reference"}
    assert answer["error"] == error
    assert answer["message"]
    assert any(answer["reference"] in record.getMessage() for record in caplog.records)


@pytest.fixture
def caplog(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="zhike.api")
    return caplog


def test_a_method_that_an_address_does_not_know(caplog):
    answer = Api.with_token(administrator()).send("DELETE", "/suggestions")
    check(answer, 405, "method_not_allowed", caplog)
    assert "GET" in answer.headers["Allow"]


def test_the_usual_refusals(caplog, monkeypatch):
    seller = person("周磊", can=[Permission.CUSTOMER_VIEW], language=Language.ENGLISH)
    hidden = Customer.objects.create(name="别家")
    api = Api.with_token(seller)
    check(Api(Client(), {}).get("/customers"), 401, "unauthenticated", caplog)
    check(api.get("/settings"), 403, "forbidden", caplog)
    check(api.get(f"/customers/{hidden.pk}"), 404, "not_found", caplog)
    check(api.get("/nothing/of/the/kind"), 404, "not_found", caplog)
    check(api.get("/suggestions?rule=nonsense"), 422, "invalid", caplog)
    monkeypatch.setattr(today.queries, "figures", lambda *_: 1 / 0)
    check(api.get("/suggestions/figures"), 500, "broken", caplog)


def test_a_body_that_is_no_json(caplog):
    client = Client()
    api = Api.with_token(administrator())
    answer = client.post("/api/customers", "{", content_type="application/json", headers=api.headers | {"Idempotency-Key": "k"})
    check(Answer(answer), 400, "unreadable", caplog)


def test_who_owes_a_password_is_told_in_the_same_shape(caplog):
    owing = person("新人", can=[Permission.CUSTOMER_VIEW])
    User.objects.filter(pk=owing.pk).update(must_change_password=True)
    owing.refresh_from_db()
    check(Api.in_browser(owing).get("/customers"), 403, "forbidden", caplog)
