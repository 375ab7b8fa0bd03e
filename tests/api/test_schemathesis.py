"""The API against its own OpenAPI file, with made-up requests: no failure of ours, and every answer as the file says."""

import random
from contextlib import contextmanager

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.api.client import Api
from tests.api.operations import OPERATIONS, SCHEMA
from zhike.api import limits
from zhike.customers.actions import create_customer

pytestmark = pytest.mark.django_db
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 2}
CHECKS = [not_a_server_error, response_schema_conformance]
FILES = {
    "fetch_backup",
    "export_customers",
    "export_orders",
    "fetch_export",
    "fetch_file",
    "fetch_import_errors",
}  # answered by a file, not by JSON


_wsgi = get_wsgi_application()


def application(environ, start_response):
    """Closes the answer, as a server does; uncompressed, since schemathesis does not unpack."""
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    response = _wsgi(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


DESCRIBED = schemathesis.openapi.from_dict(SCHEMA)
DESCRIBED.app = application
DESCRIBED.config.generation.with_security_parameters = False


class Undone(Exception):
    """Ends the transaction of one example."""


@contextmanager
def kept_connection():
    """The test's transaction lives on one connection; a real request would give it back at its end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def company(boss, monkeypatch):
    """Something behind every id, and all the time in the world."""
    monkeypatch.setattr(limits, "usual", limits.Limiter(10**6))
    monkeypatch.setattr(limits, "costly", limits.Limiter(10**6))
    customer = create_customer(actor=boss, values={"name": "王小明", "phone": "13912345678"}, at=timezone.now())
    api = Api.with_token(boss)
    address = f"/customers/{customer.pk}"
    ids = {"customer_id": customer.pk, "person_id": boss.pk, "user_id": boss.pk}
    for name, path, data in (
        ("contact_id", f"{address}/contacts", {"name": "司机"}), ("address_id", f"{address}/addresses", {"detail": "中山路"}),
        ("identifier_id", f"{address}/identifiers", {"kind": "plate", "value": "沪A1"}),
        ("interaction_id", "/interactions/plan", {"customer": customer.pk, "kind": "call", "at": "2099-01-01T00:00:00Z"}),
        ("department_id", "/departments", {"name": "x"}), ("role_id", "/roles", {"name": "x"}),
        ("view_id", "/views", {"screen": "customers", "name": "x", "query": ""}),
        ("field_id", "/fields", {"code": "hat", "type": "text", "label_zh": "帽", "label_en": "Hat"}),
    ):  # fmt: skip
        made = api.post(path, data)
        assert made.status == 201, made.body
        ids[name] = made["id"]
    return api, ids


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.name not in FILES], ids=lambda one: one.name)
def test_any_request_is_answered_as_the_file_says(operation, company, caplog):
    caplog.set_level("CRITICAL")
    with kept_connection():
        for mode, examples in EXAMPLES.items():
            if mode == GenerationMode.POSITIVE or can_be_wrong(operation):
                send_made_up(operation, mode, examples, *company)


def can_be_wrong(operation):
    """Whether anything in the request has a form: not a path of any text alone, nor nothing at all."""
    parameters = [one for one in operation.details["parameters"] if one["in"] != "path" or one["name"].endswith("_id")]
    return bool(parameters) or "requestBody" in operation.details


def send_made_up(operation, mode, examples, api, ids):
    described = DESCRIBED[operation.path][operation.method]
    dice = random.Random(operation.name)

    @seed(20260308)
    @hypothesis_settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(case=described.as_strategy(generation_mode=mode))
    def run(case):
        for name in case.path_parameters or {}:
            if name in ids and dice.random() < 0.6:
                case.path_parameters[name] = ids[name]
        case.headers = {**(case.headers or {}), **api.headers}
        try:
            with transaction.atomic():
                case.call_and_validate(checks=CHECKS, base_url="http://localhost")
                raise Undone
        except Undone:
            pass

    run()
