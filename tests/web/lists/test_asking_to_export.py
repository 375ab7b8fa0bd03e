"""More rows than a person may take along without asking."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.teams.company import administrator, person
from tests.web.lists.world import content, customer
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.teams.actions import decide_export
from zhike.teams.choices import Confidentiality, ExportState, Permission, Scope
from zhike.teams.models import ExportRequest, Notice, Role, User
from zhike.teams.rules import ExportRules

pytestmark = pytest.mark.django_db
ALL = {"query": "columns=name,phone", "all": "1", "kind": "csv"}


@pytest.fixture
def few() -> None:
    """Two rows with phones, three without, may go without asking."""
    settings_store.write(ExportRules(secret=0, confidential=2, internal=3))


@pytest.fixture
def desk(seller: User, few: None) -> Client:
    Role.objects.update(clearance=Confidentiality.CONFIDENTIAL)
    for n in range(3):
        customer(f"张伟{n}", phone=f"+861380013800{n}", owner=seller)
    client = Client()
    client.force_login(seller)
    return client


def asked(desk: Client) -> ExportRequest:
    desk.post("/lists/customers/export", ALL | {"reason": "年底盘点"})
    return ExportRequest.objects.get()


def test_what_shows_phones_in_plain_needs_an_approval_sooner(desk: Client, seller: User) -> None:
    settings_store.write(ExportRules(secret=0, confidential=2, internal=6))
    assert content(desk.post("/lists/customers/export", ALL | {"query": "columns=name"}))
    refused = desk.post("/lists/customers/export", ALL)
    assert refused.status_code == 422
    assert 'name="reason"' in refused.content.decode()
    Role.objects.update(clearance=Confidentiality.INTERNAL)  # phones are masked for them now
    assert b"138****" in content(desk.post("/lists/customers/export", ALL))
    assert AuditEntry.objects.filter(verb="exported").count() == 2


def test_a_list_cut_into_pieces_counts_as_one(desk: Client, boss: User, seller: User) -> None:
    """A day's files together: what showed as much in plain, without what somebody approved."""

    def take(columns: str, *numbers: int) -> int:
        ids = [Customer.objects.get(name=f"张伟{n}").pk for n in numbers]
        answer = desk.post("/lists/customers/export", {"query": f"columns={columns}", "id": ids, "kind": "csv"})
        assert not answer.streaming or content(answer)
        return answer.status_code

    now = timezone.now()
    with time_machine.travel(now - datetime.timedelta(days=1), tick=False):
        assert (take("name,phone", 0), take("name,phone", 1)) == (200, 200)
        assert take("name,phone", 2) == 422  # two with phones were taken already
        assert (take("name", 2), take("name", 0)) == (200, 422)  # of any kind three
        decide_export(actor=boss, request_id=asked(desk).pk, approve=True, at=now)
        assert content(desk.post(f"/exports/{ExportRequest.objects.get().pk}/file/"))
    with time_machine.travel(now, tick=False):
        desk.force_login(seller)
        assert (take("name,phone", 0, 1), take("name", 2)) == (200, 200)
        assert take("name", 0) == 422


def test_asked_approved_and_fetched(client: Client, desk: Client, boss: User, seller: User) -> None:
    assert desk.post("/lists/customers/export", ALL | {"reason": " "}).status_code == 422
    assert not ExportRequest.objects.exists()
    request = asked(desk)
    assert (request.rows, request.highest, request.reason) == (3, "confidential", "年底盘点")
    assert Notice.objects.get(user=boss).kind == "export.asked"
    assert desk.post(f"/exports/{request.pk}/file/").status_code == 302  # not yet
    client.force_login(boss)
    assert "年底盘点" in client.get("/exports/").content.decode()
    assert client.post(f"/exports/{request.pk}/decide/", {"decision": "approve"}).status_code == 302
    assert Notice.objects.get(user=seller).kind == "export.approved"
    assert f"/exports/{request.pk}/file/" in desk.get("/exports/").content.decode()
    sent = desk.post(f"/exports/{request.pk}/file/")
    assert content(sent).decode().count("13800138") == 3
    assert seller.username in sent.headers["Content-Disposition"]
    assert str(request.pk) in AuditEntry.objects.get(verb="exported").note


def test_a_refusal_says_why_and_opens_nothing(client: Client, desk: Client, boss: User, seller: User) -> None:
    request = asked(desk)
    client.force_login(boss)
    assert client.post(f"/exports/{request.pk}/decide/", {"decision": "refuse"}).status_code == 422
    client.post(f"/exports/{request.pk}/decide/", {"decision": "refuse", "answer": "按店分开导"})
    assert client.post(f"/exports/{request.pk}/decide/", {"decision": "approve"}).status_code == 422  # it is decided
    request.refresh_from_db()
    assert request.state == ExportState.REFUSED
    assert "按店分开导" in desk.get("/exports/").content.decode()
    assert desk.post(f"/exports/{request.pk}/file/").status_code == 302
    assert not AuditEntry.objects.filter(verb="exported").exists()


def test_an_approval_is_for_that_list_only_and_for_some_days(desk: Client, boss: User, seller: User) -> None:
    request = asked(desk)
    decide_export(actor=boss, request_id=request.pk, approve=True, at=timezone.now() - datetime.timedelta(days=8))
    assert desk.post(f"/exports/{request.pk}/file/").status_code == 302  # too old
    ExportRequest.objects.update(decided_at=timezone.now())
    customer("新客户", phone="+8613900139000", owner=seller)
    assert desk.post(f"/exports/{request.pk}/file/").status_code == 302  # more than was approved
    other = Client()
    other.force_login(person("韩梅", can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EXPORT]))
    assert other.post(f"/exports/{request.pk}/file/").status_code == 404
    assert "年底盘点" not in other.get("/exports/").content.decode()
    assert not AuditEntry.objects.filter(verb="exported").exists()


def test_only_who_may_decides(desk: Client, seller: User) -> None:
    request = asked(desk)
    own_shop = person("店长", can=[Permission.EXPORT_APPROVE, Permission.CUSTOMER_EXPORT], scope=Scope.DEPARTMENT)
    for who in (seller, own_shop):
        client = Client()
        client.force_login(who)
        assert client.post(f"/exports/{request.pk}/decide/", {"decision": "approve"}).status_code == 403
    request.refresh_from_db()
    assert request.state == ExportState.WAITING


def test_who_may_approve_takes_along_without_asking(client: Client, few: None) -> None:
    for n in range(5):
        customer(f"张伟{n}", phone=f"+861380013800{n}")
    client.force_login(administrator())
    assert content(client.post("/lists/customers/export", ALL)).count(b"\n") == 6
