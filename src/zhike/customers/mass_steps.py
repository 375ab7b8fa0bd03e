"""What a mass change does with one part of its customers, and how each is taken back."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.core.models import AuditEntry
from zhike.customers.actions.holding_back import Draw, hold_back
from zhike.customers.actions.many import ManyChanged, change_customers, put_back
from zhike.customers.actions.ownership import move_to_department, transfer_part
from zhike.customers.actions.records import delete_customers, restore_customers
from zhike.customers.actions.tags import put_tags_back, tag_customers
from zhike.customers.choices import MassKind
from zhike.customers.models import Customer, MassChange
from zhike.teams.choices import Permission
from zhike.teams.models import Department, User

RIGHTS = {
    MassKind.SET: Permission.CUSTOMER_EDIT, MassKind.HAND_OVER: Permission.CUSTOMER_TRANSFER,
    MassKind.DEPARTMENT: Permission.CUSTOMER_TRANSFER, MassKind.TAG: Permission.CUSTOMER_EDIT,
    MassKind.HOLD_BACK: Permission.CUSTOMER_EDIT,
    MassKind.DELETE: Permission.CUSTOMER_DELETE, MassKind.RESTORE: Permission.CUSTOMER_DELETE,
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some of the ids of a mass change, for who asked for it."""

    mass: MassChange
    actor: User
    ids: list[int]
    at: datetime.datetime

    def told(self, name: str) -> Any:
        return self.mass.params.get(name)


def step(part: Part) -> ManyChanged:
    return STEPS[MassKind(part.mass.kind)](part)


def _set(part: Part) -> ManyChanged:
    values = {part.told("field"): part.told("value")}
    return change_customers(actor=part.actor, customers=part.ids, values=values, at=part.at, note=part.told("note") or "")


def _hand_over(part: Part) -> ManyChanged:
    reason = part.told("reason") or ""
    key = part.told("to")  # None: the public pool
    person = User.objects.filter(pk=key, is_active=True).first() if key else None
    if key and person is None:
        raise ValidationError({"to": [_("This person no longer works here.")]})
    return transfer_part(actor=part.actor, customers=part.ids, to=person, at=part.at, reason=reason)


def _department(part: Part) -> ManyChanged:
    key = part.told("department")
    department = Department.objects.filter(pk=key).first() if key else None
    if key and department is None:
        raise ValidationError({"department": [_("There is no such choice.")]})
    return move_to_department(actor=part.actor, customers=part.ids, department=department, at=part.at)


def _tag(part: Part) -> ManyChanged:
    add, remove = part.told("add") or [], part.told("remove") or []
    return tag_customers(actor=part.actor, customers=part.ids, at=part.at, add=add, remove=remove)


def _hold_back(part: Part) -> ManyChanged:
    draw = Draw(part.told("acted"), part.told("held"), part.told("per_cent"), part.told("seed"))
    return hold_back(actor=part.actor, customers=part.ids, draw=draw, at=part.at, is_first=part.mass.done == 0)


def _delete(part: Part) -> ManyChanged:
    return delete_customers(actor=part.actor, customers=part.ids, at=part.at)


def _restore(part: Part) -> ManyChanged:
    return restore_customers(actor=part.actor, customers=part.ids)


def _undo(part: Part) -> ManyChanged:
    undone = part.mass.undoes
    assert undone is not None
    lines = list(AuditEntry.objects.filter(pk__in=part.ids).order_by("pk"))
    return ManyChanged(BACK[MassKind(undone.kind)](part, undone, lines))


def _set_back(part: Part, undone: MassChange, lines: list[AuditEntry]) -> int:
    return put_back(actor=part.actor, field=undone.params["field"], lines=lines, at=part.at)


def _hand_back(part: Part, undone: MassChange, lines: list[AuditEntry]) -> int:
    """To those who had them and still work here; nobody's go back to the pool."""
    count, reason = 0, _("Hand-over taken back")
    for key, keys in _by_before(lines, "owner").items():
        to = User.objects.filter(pk=key, is_active=True).first() if key else None
        if key and to is None:
            continue
        same = Customer.objects.filter(pk__in=keys, owner=undone.params.get("to") or None)
        same_keys = list(same.values_list("pk", flat=True))
        count += transfer_part(actor=part.actor, customers=same_keys, to=to, at=part.at, reason=reason).count
    return count


def _department_back(part: Part, undone: MassChange, lines: list[AuditEntry]) -> int:
    count = 0
    for key, keys in _by_before(lines, "department").items():
        department = Department.objects.filter(pk=key).first() if key else None
        if key and department is None:
            continue
        same = Customer.objects.filter(pk__in=keys, department=undone.params.get("department") or None)
        same_keys = list(same.values_list("pk", flat=True))
        count += move_to_department(actor=part.actor, customers=same_keys, department=department, at=part.at).count
    return count


def _tags_back(part: Part, undone: MassChange, lines: list[AuditEntry]) -> int:
    return put_tags_back(actor=part.actor, lines=lines, at=part.at)


def _bring_back(part: Part, undone: MassChange, lines: list[AuditEntry]) -> int:
    return restore_customers(actor=part.actor, customers=[line.object_id for line in lines]).count


def _by_before(lines: list[AuditEntry], field: str) -> dict[int, list[int]]:
    """Customers by what stood there before; 0: nothing."""
    pairs = sorted(((line.changes[field][0] or {}).get("id") or 0, line.object_id or 0) for line in lines)
    return {key: [customer for _key, customer in group] for key, group in groupby(pairs, key=lambda pair: pair[0])}


STEPS: dict[MassKind, Callable[[Part], ManyChanged]] = {
    MassKind.SET: _set, MassKind.HAND_OVER: _hand_over, MassKind.DEPARTMENT: _department, MassKind.TAG: _tag,
    MassKind.HOLD_BACK: _hold_back, MassKind.DELETE: _delete, MassKind.RESTORE: _restore, MassKind.UNDO: _undo,
}  # fmt: skip
BACK: dict[MassKind, Callable[[Part, MassChange, list[AuditEntry]], int]] = {
    MassKind.SET: _set_back, MassKind.HAND_OVER: _hand_back, MassKind.DEPARTMENT: _department_back, MassKind.TAG: _tags_back,
    MassKind.HOLD_BACK: _tags_back, MassKind.DELETE: _bring_back,
}  # fmt: skip
