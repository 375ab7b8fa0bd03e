"""Asking for a large export and deciding: what is written down, who is told, what is refused."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from tests.teams.company import administrator, person
from zhike.core import settings_store
from zhike.core.models import AuditEntry
from zhike.teams.actions import ask_for_export, decide_export, record_export
from zhike.teams.actions.exports import ApprovalNeeded
from zhike.teams.choices import Confidentiality, ExportState, Permission, Scope
from zhike.teams.models import ExportRequest, Notice, User
from zhike.teams.rules import ExportRules
from zhike.teams.sheets import Export

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 3, 10, 10, 5, 30, 500, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


RIGHT = Permission.CUSTOMER_EXPORT
LIST = Export("customers", "csv", rows=5, query="region=上海", highest=Confidentiality.CONFIDENTIAL)


@pytest.fixture
def boss() -> User:
    return administrator()


@pytest.fixture
def seller() -> User:
    settings_store.write(ExportRules(secret=0, confidential=2, internal=3))
    return person(can=[Permission.CUSTOMER_VIEW, RIGHT])


def ask(actor: User, export: Export = LIST, reason: str = "年底盘点") -> ExportRequest:
    return ask_for_export(actor=actor, right=RIGHT, export=export, reason=reason, at=AT)


def approved(boss: User, request: ExportRequest) -> ExportRequest:
    return decide_export(actor=boss, request_id=request.pk, approve=True, at=AT)


def take(actor: User, export: Export = LIST, approval: ExportRequest | None = None) -> AuditEntry:
    record_export(actor=actor, right=RIGHT, export=export, at=AT, approval=approval)
    return AuditEntry.objects.filter(verb="exported").latest("pk")


def test_what_is_asked_is_kept_written_down_and_told_to_who_approves(boss: User, seller: User) -> None:
    other = person("韩梅", can=[Permission.EXPORT_APPROVE], scope=Scope.ALL)
    row = ask(seller, Export("customers", "xlsx", 2, "q", (3, 4), Confidentiality.SECRET), reason=f"  {'长' * 1500} ")
    row.refresh_from_db()
    assert (row.asked_by, row.asked_at, row.screen, row.kind, row.query, row.chosen, row.rows, row.highest, row.reason) == (
        seller, AT, "customers", "xlsx", "q", [3, 4], 2, "secret", "长" * 1000,
    )  # fmt: skip
    entry = AuditEntry.objects.get(object_type="exportrequest", verb="created")
    assert (entry.actor, entry.object_id, entry.changes) == (seller, row.pk, {"rows": [None, 2], "reason": [None, row.reason]})
    told = Notice.objects.filter(kind="export.asked")
    assert {one.user for one in told} == {boss, other}
    assert {(one.url, one.params["from"], one.params["rows"]) for one in told} == {("/exports/", "李雷", 2)}


def test_who_may_not_export_cannot_ask_either_and_nobody_without_a_reason(seller: User) -> None:
    with pytest.raises(PermissionDenied):
        ask(person(can=[Permission.CUSTOMER_VIEW]))
    with pytest.raises(ValidationError) as problem:
        ask(seller, reason=" ")
    assert list(problem.value.message_dict) == ["reason"]
    assert not ExportRequest.objects.exists()


def test_one_who_approves_and_asks_is_not_told_by_themselves(boss: User) -> None:
    ask(boss)
    assert not Notice.objects.exists()


def test_the_answer_is_kept_written_down_and_told(boss: User, seller: User) -> None:
    row = ask(seller)
    with pytest.raises(ValidationError) as problem:
        decide_export(actor=boss, request_id=row.pk, approve=False, answer=" ", at=AT)
    assert list(problem.value.message_dict) == ["answer"]
    decide_export(actor=boss, request_id=row.pk, approve=False, answer=f" {'短' * 1500}", at=AT)
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.decided_at, row.answer) == (ExportState.REFUSED, boss, AT, "短" * 1000)
    entry = AuditEntry.objects.get(object_type="exportrequest", verb="changed")
    assert (entry.actor, entry.object_id, entry.changes) == (boss, row.pk, {"state": ["waiting", "refused"]})
    told = Notice.objects.get(user=seller)
    assert (told.kind, told.url, told.params) == ("export.refused", "/exports/", {"rows": 5, "answer": "短" * 1000})
    with pytest.raises(ValidationError) as problem:
        approved(boss, row)
    assert list(problem.value.message_dict) == ["state"]


def test_only_who_approves_for_the_whole_company_decides(seller: User) -> None:
    row = ask(seller)
    for who in (seller, person(can=[Permission.EXPORT_APPROVE]), person(can=[RIGHT], scope=Scope.ALL)):
        with pytest.raises(PermissionDenied):
            approved(who, row)


def test_what_leaves_is_in_the_trail_with_its_filters_and_its_approval(boss: User, seller: User) -> None:
    few = take(seller, Export("customers", "csv", 2, "x" * 600, highest=Confidentiality.CONFIDENTIAL))
    assert (few.actor, few.object_type, few.changes) == (
        seller, "customers", {"rows": [None, 2], "confidentiality": [None, "confidential"]},
    )  # fmt: skip
    assert "x" * 500 in few.note
    assert "x" * 501 not in few.note
    assert "CSV" in few.note
    assert take(boss, Export("customers", "csv", 9)).note.endswith("–")
    row = approved(boss, ask(seller))
    assert take(seller, approval=row).changes == {
        "rows": [None, 5], "confidentiality": [None, "confidential"], "approval": [None, row.pk],
    }  # fmt: skip


def test_up_to_what_is_free_nobody_is_asked_and_one_more_says_how_many_are_left(seller: User) -> None:
    take(seller, Export("customers", "csv", 1, highest=Confidentiality.CONFIDENTIAL))
    with translation.override("en"), pytest.raises(ApprovalNeeded) as problem:
        take(seller, Export("customers", "csv", 2, highest=Confidentiality.CONFIDENTIAL))
    assert (problem.value.free, problem.value.export.rows) == (2, 2)
    [said] = problem.value.messages
    assert said.startswith("2 rows with confidential data need an approval; up to 2 a day do not. Today it was 1 already. ")
    take(seller, Export("customers", "csv", 1, highest=Confidentiality.CONFIDENTIAL))
    with pytest.raises(PermissionDenied):
        take(person(can=[Permission.CUSTOMER_VIEW]), Export("customers", "csv", 1))


@pytest.mark.parametrize(
    "other",
    [
        {"screen": "orders"}, {"kind": "xlsx"}, {"query": ""}, {"chosen": (1,)}, {"highest": Confidentiality.SECRET}, {"rows": 6},
    ],
)  # fmt: skip
def test_an_approval_is_for_what_was_asked_and_for_nothing_else(boss: User, seller: User, other: dict[str, Any]) -> None:
    row = approved(boss, ask(seller))
    with pytest.raises(ValidationError):
        take(seller, replace(LIST, **other), approval=row)
    assert take(seller, approval=row).changes["approval"] == [None, row.pk]


def test_an_approval_is_for_who_asked_and_for_some_days(boss: User, seller: User) -> None:
    row = ask(seller)
    with pytest.raises(ValidationError):
        take(seller, approval=row)  # it waits
    approved(boss, row)
    row.refresh_from_db()
    with pytest.raises(ValidationError):
        take(person("韩梅", can=[RIGHT]), approval=row)
    for late, is_over in ((datetime.timedelta(0), False), (datetime.timedelta(seconds=1), True)):
        row.decided_at = AT - datetime.timedelta(days=7) - late
        if is_over:
            with pytest.raises(ValidationError):
                take(seller, approval=row)
        else:
            take(seller, approval=row)


def test_a_list_may_have_grown_by_a_tenth(boss: User, seller: User) -> None:
    row = approved(boss, ask(seller, Export("customers", "csv", 10)))
    with pytest.raises(ValidationError):
        take(seller, Export("customers", "csv", 12), approval=row)
    take(seller, Export("customers", "csv", 11), approval=row)


def test_what_was_asked_for_or_approved_does_not_count_as_taken(boss: User, seller: User) -> None:
    ask(seller, Export("customers", "csv", 3))
    row = approved(boss, ask(seller))
    take(seller, approval=row)
    take(seller, Export("customers", "csv", 3))  # all that is free
    with pytest.raises(ApprovalNeeded):
        take(seller, Export("customers", "csv", 1))


def test_the_day_begins_at_midnight_here(boss: User, seller: User) -> None:
    """What left before is not counted, what left at midnight is; nor what others took, nor what shows less in plain."""
    midnight = timezone.localtime(AT).replace(hour=0, minute=0, second=0, microsecond=0)
    two = Export("customers", "csv", 2, highest=Confidentiality.CONFIDENTIAL)
    take(boss, two)
    take(seller, Export("customers", "csv", 1))
    with time_machine.travel(midnight - datetime.timedelta(microseconds=1), tick=False):
        take(seller, two)
    with time_machine.travel(midnight, tick=False):
        take(seller, two)
    with pytest.raises(ApprovalNeeded):
        take(seller, two)
