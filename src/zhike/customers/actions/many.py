"""The same value into many customers at once, and taking that back."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Func, JSONField, TextField, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.core.models import AuditEntry
from zhike.customers import entered, masking
from zhike.customers.events import CustomerChanged
from zhike.customers.models import Customer
from zhike.customers.rules.merging import is_empty
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

COLUMNS = ("source_id", "region", "preferred_channel", "language", "do_not_disturb")  # what many customers can have alike
FEW = 200  # whose suggestions are looked at again at once; those of more wait for the next list


@dataclass(frozen=True)
class ManyChanged:
    count: int
    entries: tuple[int, int] | None = None  # the first and the last line of it in the audit trail


@transaction.atomic
def change_customers(
    *, actor: User, customers: Any, values: Mapping[str, Any], at: datetime.datetime, note: str = ""
) -> ManyChanged:
    """One field of those of `customers` (a query set or ids) that the actor may change; who has the value already stays so.

    Every customer keeps the change in its own history. Fields that tell customers apart are refused, and those that the actor
    may not see in plain.
    """
    access.require(actor, Permission.CUSTOMER_EDIT)
    code, value = _one_value(actor, values, timezone.localdate(at))
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    found = list(rows.values_list("pk", "name", code if code in COLUMNS else "profile"))
    before = {key: kept if code in COLUMNS else kept.get(code) for key, _name, kept in found}
    keys = [key for key, kept in before.items() if kept != value]
    origin = {"on": timezone.localdate(at).isoformat(), "by": actor.pk}
    changed: dict[str, Any] = {
        "updated_at": at,
        "version": F("version") + 1,
        "provenance": _with("provenance", code, value, origin),
    }
    changed |= {code: value} if code in COLUMNS else {"profile": _with("profile", code, value, value)}
    Customer.objects.filter(pk__in=keys).update(**changed)
    wanted = set(keys)
    history = ((key, name, {code: [before[key], value]}) for key, name, _kept in found if key in wanted)
    entries = audit.record_many(actor=actor, verb=AuditVerb.CHANGED, object_type="customer", rows=history, note=note)
    for key in keys if len(keys) <= FEW else ():
        announce(CustomerChanged(key, (code,)))
    return ManyChanged(len(keys), entries)


def put_back(*, actor: User, field: str, lines: Iterable[AuditEntry], at: datetime.datetime) -> int:
    """What these lines of the trail say that a mass change of `field` replaced, wherever nothing has been changed again since."""
    by_before: dict[str, tuple[Any, Any, list[int]]] = {}
    for line in lines:
        old, new = line.changes[field]
        by_before.setdefault(f"{old!r} {new!r}", (old, new, []))[2].append(line.object_id or 0)
    count = 0
    for old, new, keys in by_before.values():
        kept = Customer.objects.filter(pk__in=keys).values_list("pk", field if field in COLUMNS else "profile")
        same = [key for key, now in kept if (now if field in COLUMNS else now.get(field)) == new]
        count += change_customers(actor=actor, customers=same, values={field: "" if old is None else old}, at=at).count
    return count


def _one_value(actor: User, values: Mapping[str, Any], today: datetime.date) -> tuple[str, Any]:
    cleaned = entered.clean(actor, values, today=today)
    known = {**cleaned.columns, **cleaned.profile}
    if len(known) != 1:
        raise ValidationError(_("Change one field at a time."))
    [(code, value)] = known.items()
    if code in cleaned.columns and code not in COLUMNS:
        raise ValidationError({code: [_("This cannot be the same for many customers.")]})
    if masking.is_masked(actor, masking.class_of(masking.field_classes(), code)):
        raise ValidationError({code: [_("You may not change what you may not see.")]})
    return code, value


def _with(column: str, code: str, value: Any, kept: Any) -> Func:
    """The JSON of the column with the code in it, or without it where the value is empty."""
    if is_empty(value):
        gone = Value(code, output_field=TextField())
        return Func(F(column), gone, template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())
    more = Value({code: kept}, output_field=JSONField())
    return Func(F(column), more, template="(%(expressions)s)", arg_joiner=" || ", output_field=JSONField())
