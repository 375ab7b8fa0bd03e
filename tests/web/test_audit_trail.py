"""The audit trail, as an administrator and as others see it."""

import datetime
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.teams.company import administrator, person, role
from tests.web.record import text
from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers import actions
from zhike.customers.keeping import last_change
from zhike.customers.models import Customer, DuplicateSearch, FieldDefinition
from zhike.customers.queries.history import history
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import User

pytestmark = pytest.mark.django_db


def test_who_may_not_see_everything_neither_opens_nor_exports_the_trail(client: Client) -> None:
    client.force_login(person(can=[Permission.AUDIT_VIEW, Permission.CUSTOMER_EXPORT], scope=Scope.DEPARTMENT))
    assert client.get(reverse("settings-audit")).status_code == 403
    assert client.post(reverse("list-export", args=["audit"]), {"all": "1", "kind": "csv"}).status_code == 403


def test_the_trail_is_exported_masked_like_on_the_screen(client: Client) -> None:
    customer = Customer.objects.create(name="客户")
    audit.record(actor=None, verb=AuditVerb.CHANGED, on=customer, changes={"phone": ["+8613800138000", "+8613900139000"]})
    client.force_login(person(can=[Permission.AUDIT_VIEW, Permission.CUSTOMER_EXPORT], scope=Scope.ALL))
    answer = client.post(reverse("list-export", args=["audit"]), {"all": "1", "kind": "csv"})
    lines = b"".join(answer.streaming_content).decode()
    assert "****" in lines
    assert "13800138000" not in lines


def test_the_trail_is_filtered_by_person_verb_record_and_day(office: Client) -> None:
    li = person("李雷")
    audit.record(actor=li, verb=AuditVerb.EXPORTED, on="customers", note="first")
    audit.record(actor=None, verb=AuditVerb.CHANGED, on=li, changes={"position": ["店员", "店长"]}, note="second")
    url = reverse("settings-audit")
    page = text(office.get(url))
    assert "店员" in page
    assert "店长" in page
    for query, seen, unseen in (
        ({"person": li.pk}, "first", "second"),
        ({"verb": "changed"}, "second", "first"),
        ({"record": "李雷"}, "second", "first"),
        ({"record": f"user:{li.pk}"}, "second", "first"),
    ):
        page = text(office.get(url, query))
        assert seen in page
        assert unseen not in page
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    assert "No match" in text(office.get(url, {"at_from": tomorrow.isoformat()}))
    assert office.get(url, {"at_from": "2026-99-99", "person": "x", "at": "x"}).status_code == 200


def test_a_long_trail_is_turned_over_page_by_page(office: Client) -> None:
    for number in range(103):
        audit.record(actor=None, verb=AuditVerb.RAN, on=f"job {number}", note=f"run-{number}-")
    page = text(office.get(reverse("settings-audit")))
    assert "run-102-" in page
    assert "run-2-" not in page
    middle = office.get(re.search(r'href="([^"]+)"[^>]*rel="next"', page)[1].replace("&amp;", "&"))
    last = text(office.get(re.search(r'href="([^"]+)"[^>]*rel="next"', text(middle))[1].replace("&amp;", "&")))
    assert "run-2-" in last
    assert "run-2-" not in text(middle)


def test_a_secret_fact_is_masked_in_the_trail_below_that_clearance(client: Client) -> None:
    FieldDefinition.objects.create(
        code="illness", label_zh="病史", label_en="Illness", ring="extended", type="text", confidentiality="secret"
    )
    customer = Customer.objects.create(name="客户")
    audit.record(actor=None, verb=AuditVerb.CHANGED, on=customer, changes={"illness": ["", "糖尿病"], "region": ["", "浦东"]})
    auditor = person()
    auditor.roles.add(role([Permission.AUDIT_VIEW], scope=Scope.ALL, clearance=Confidentiality.CONFIDENTIAL))
    client.force_login(auditor)
    page = text(client.get(reverse("settings-audit")))
    assert "糖尿病" not in page
    assert "浦东" in page


def test_facts_of_customers_stay_masked_in_the_trail_for_who_may_not_see_them(client: Client) -> None:
    customer = Customer.objects.create(name="客户")
    audit.record(actor=None, verb=AuditVerb.CHANGED, on=customer, changes={"phone": ["+8613800138000", "+8613900139000"]})
    client.force_login(person(can=[Permission.AUDIT_VIEW], scope=Scope.ALL))
    page = text(client.get(reverse("settings-audit")))
    assert "13800138000" not in page
    assert "****" in page


def test_a_record_without_a_name_is_written_down_by_its_number(office: Client) -> None:
    search = DuplicateSearch.objects.create()
    entry = audit.record(actor=None, verb=AuditVerb.RAN, on=search)
    assert entry.object_name == f"#{search.pk}"


def looks(customer: Customer) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(object_type="customer", object_id=customer.pk, verb=AuditVerb.VIEWED).order_by("pk")
    return [(one.actor_name, one.channel) for one in entries]


def test_who_looked_at_a_record_is_told_once_a_day_by_screen_and_api(client: Client) -> None:
    anna, li = person("安娜", can=[Permission.CUSTOMER_VIEW], scope=Scope.ALL), person("李雷", can=[Permission.CUSTOMER_VIEW])
    customer = Customer.objects.create(name="客户")
    client.force_login(anna)
    for _again in range(2):
        assert client.get(reverse("customer", args=[customer.pk])).status_code == 200
        assert client.get(reverse("customer", args=[customer.pk]), headers={"X-Part": "panel"}).status_code == 200
    assert looks(customer) == [("安娜", "web")]
    client.force_login(li)
    assert client.get(reverse("customer", args=[customer.pk])).status_code == 404
    boss = administrator(name="王芳")
    client.force_login(boss)
    assert client.get(f"/api/customers/{customer.pk}").status_code == 200
    assert looks(customer) == [("安娜", "web"), ("王芳", "api")]


def test_who_looked_leads_from_the_record_to_the_trail_for_who_may_read_that(client: Client, office: Client) -> None:
    customer = Customer.objects.create(name="客户")
    page = text(office.get(reverse("customer", args=[customer.pk]), {"tab": "history"}))
    [address] = re.findall(r'href="([^"]*record=customer[^"]*)"', page)
    trail = text(office.get(unescape(address)))
    assert f">{customer.name}<" in trail
    client.force_login(person("安娜", can=[Permission.CUSTOMER_VIEW, Permission.AUDIT_VIEW], scope=Scope.DEPARTMENT))
    assert "record=customer" not in text(client.get(reverse("customer", args=[customer.pk]), {"tab": "history"}))


def test_a_look_is_no_change(boss: User) -> None:
    """Neither what somebody else saved first, nor work on a record that an undone import would keep."""
    customer = actions.create_customer(actor=boss, values={"name": "客户"}, at=timezone.now())
    actions.note_look(actor=boss, customer=customer, at=timezone.now())
    last = last_change(customer)
    assert last is not None
    assert last.verb == AuditVerb.CREATED
    assert [one.verb for one in history(customer)] == [AuditVerb.CREATED]


def test_states_are_told_in_words(office: Client, boss: User) -> None:
    changes = {"state": ["asked", "approved"], "customer": [7, 7]}
    audit.record(actor=boss, verb=AuditVerb.CHANGED, on="creditdecision", changes=changes)
    page = text(office.get(reverse("settings-audit"), {"kind": "creditdecision"}))
    assert "<del>waiting for approval</del> → <ins>approved</ins>" in page
    assert "<del>7</del>" not in page
