"""What a line of the audit trail says: who, from where, about what, before and after."""

import datetime
from decimal import Decimal

import pytest

from tests.teams.company import administrator, person
from zhike.core import audit, origin
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.models import Address, Customer

pytestmark = pytest.mark.django_db
SAID = ("actor_id", "actor_name", "channel", "address", "verb", "object_type", "object_id", "object_name", "changes", "note")


def said(entry: AuditEntry) -> tuple[object, ...]:
    entry.refresh_from_db()
    return tuple(getattr(entry, name) for name in SAID)


def test_a_line_says_who_did_what_from_where_to_which_record() -> None:
    boss, customer = administrator("老板"), Customer.objects.create(name="客" * 120)
    with origin.coming_from("api", "10.0.0.7"):
        first = audit.record(actor=boss, verb=AuditVerb.CHANGED, on=customer, changes={"region": ["", "上海"]}, note="电话里说的")
        then = audit.record(actor=boss, verb=AuditVerb.CHANGED, on=customer, undoes=first)
    changed = {"region": ["", "上海"]}
    assert said(first) == (
        boss.pk, "老板", "api", "10.0.0.7", "changed", "customer", customer.pk, "客" * 120, changed, "电话里说的",
    )  # fmt: skip
    assert then.undoes == first
    assert said(then)[-2:] == ({}, "")


def test_what_has_no_record_or_no_name_or_nobody_who_did_it() -> None:
    export = audit.record(actor=None, verb=AuditVerb.EXPORTED, on="customers")
    assert said(export)[:2] == (None, "")
    assert said(export)[5:8] == ("customers", None, "")
    customer = Customer.objects.create(name="客户")
    nameless = Address.objects.create(customer=customer, detail="中山路")
    assert audit.record(actor=None, verb=AuditVerb.CREATED, on=nameless).object_name == f"#{nameless.pk}"
    assert audit.record(actor=None, verb=AuditVerb.CREATED, on=customer).object_name == "客户"


def test_a_long_name_is_cut_and_every_kind_of_value_is_kept_readable() -> None:
    long = person("长" * 60, username="long")
    long.__class__.__str__, kept = (lambda self: "名" * 300), long.__class__.__str__
    try:
        assert audit.record(actor=None, verb=AuditVerb.CREATED, on=long).object_name == "名" * 200
    finally:
        long.__class__.__str__ = kept
    li = person("李雷")
    values = {
        "owner": [None, li], "on": [datetime.date(2026, 3, 8), datetime.time(9, 30)], "amount": [Decimal("1.50"), 2],
        "tags": [["a"], ("b", Decimal(3))],
    }  # fmt: skip
    entry = audit.record(actor=None, verb=AuditVerb.CHANGED, on="x", changes=values)
    entry.refresh_from_db()
    assert entry.changes == {
        "owner": [None, {"id": li.pk, "name": "李雷"}], "on": ["2026-03-08", "09:30:00"], "amount": ["1.50", 2],
        "tags": [["a"], ["b", "3"]],
    }  # fmt: skip


def test_many_lines_say_as_much_as_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    boss = administrator("老板")
    rows = [(key, f"{key}" * 201, {"region": ["", Decimal(key)]}) for key in (1, 2, 3)]
    with origin.coming_from("job", "10.0.0.8"):
        ends = audit.record_many(actor=boss, verb=AuditVerb.CHANGED, object_type="customer", rows=rows, note="批量")
    written = list(AuditEntry.objects.order_by("pk"))
    assert ends == (written[0].pk, written[-1].pk)
    assert [said(one) for one in written] == [
        (boss.pk, "老板", "job", "10.0.0.8", "changed", "customer", key, f"{key}" * 200, {"region": ["", str(key)]}, "批量")
        for key in (1, 2, 3)
    ]
    assert audit.record_many(actor=boss, verb=AuditVerb.CHANGED, object_type="customer", rows=[]) is None


def test_differences_are_of_what_differs_alone() -> None:
    customer = Customer(name="客户", region="上海")
    assert audit.differences(customer, {"name": "客户", "region": "北京"}) == {"region": ["上海", "北京"]}
