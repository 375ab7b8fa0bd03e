"""Creating, changing, deleting and restoring a customer."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.core.models import AuditEntry
from zhike.customers import entered, finding, pairs, tokens
from zhike.customers.actions.many import ManyChanged
from zhike.customers.events import CustomerChanged, CustomerCreated
from zhike.customers.keeping import Conflict, last_change, saved
from zhike.customers.models import Customer
from zhike.customers.rules.merging import is_empty
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

SEARCHED = {"name", "number", "phone", "email", "credit_code", "member_no", "wechat"}
IDENTIFYING = SEARCHED | {"birthday", "kind"}


@transaction.atomic
def create_customer(
    *, actor: User, values: Mapping[str, Any], at: datetime.datetime, owner: User | None = None, in_pool: bool = False
) -> Customer:
    """`values` by column or field code. Owned by its creator; by somebody else or nobody only with the right to hand over."""
    access.require(actor, Permission.CUSTOMER_CREATE)
    if in_pool or (owner is not None and owner.pk != actor.pk):
        access.require(actor, Permission.CUSTOMER_TRANSFER)
    today = timezone.localdate(at)
    cleaned = entered.clean(actor, {"name": "", **values}, today=today)
    holder = None if in_pool else owner or actor
    customer = Customer(
        **cleaned.columns, owner=holder, owner_since=today if holder else None, department=(holder or actor).department,
        profile={code: value for code, value in cleaned.profile.items() if value is not None}, created_by=actor,
    )  # fmt: skip
    filled = {code: value for code, value in {**cleaned.columns, **customer.profile}.items() if not is_empty(value)}
    customer.provenance = {code: _origin(actor, today, customer.source_id) for code in filled}
    customer.search = tokens.tokens_of(customer)
    saved(customer)
    audit.record(actor=actor, verb=AuditVerb.CREATED, on=customer, changes={code: [None, value] for code, value in filled.items()})
    pairs.note(customer)
    announce(CustomerCreated(customer.pk))
    return customer


@transaction.atomic
def change_customer(
    *, actor: User, customer: finding.Key, values: Mapping[str, Any], at: datetime.datetime, version: int | None = None,
    undoes: AuditEntry | None = None,
) -> Customer:  # fmt: skip
    """Changes what `values` names, leaves the rest. With a `version` that is not the current one it raises `Conflict`."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    found = finding.locked(actor, customer)
    if version is not None and version != found.version:
        raise Conflict(found, last_change(found))
    today = timezone.localdate(at)
    cleaned = entered.clean(actor, values, today=today)
    changes = _differences(found, cleaned)
    entered.refuse_masked(actor, found, list(changes))
    if not changes:
        return found
    _assign(found, cleaned, changes, _origin(actor, today, None))
    if SEARCHED & changes.keys():
        found.search = tokens.tokens_of(found)
    found.version += 1
    saved(found)
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes=changes, undoes=undoes)
    if IDENTIFYING & changes.keys():
        pairs.note(found)
    announce(CustomerChanged(found.pk, tuple(changes)))
    return found


@transaction.atomic
def delete_customer(*, actor: User, customer: finding.Key, at: datetime.datetime) -> Customer:
    """Into the recycle bin, with everything that hangs on it."""
    access.require(actor, Permission.CUSTOMER_DELETE)
    found = finding.locked(actor, customer)
    found.deleted_at = at
    found.version += 1
    found.save(update_fields=["deleted_at", "version", "updated_at"])
    audit.record(actor=actor, verb=AuditVerb.DELETED, on=found)
    announce(CustomerChanged(found.pk, ("deleted_at",)))
    return found


@transaction.atomic
def delete_customers(*, actor: User, customers: Any, at: datetime.datetime) -> ManyChanged:
    """Many into the recycle bin: `customers` is a query set or a list of ids. Those that the actor may not change stay."""
    access.require(actor, Permission.CUSTOMER_DELETE)
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    found = list(rows.values_list("pk", "name", "version"))
    Customer.objects.filter(pk__in=[row[0] for row in found]).update(deleted_at=at, updated_at=at, version=F("version") + 1)
    entries = audit.record_many(
        actor=actor, verb=AuditVerb.DELETED, object_type="customer", rows=[(key, name, {}) for key, name, _version in found]
    )
    for key, _name, _version in found:
        announce(CustomerChanged(key, ("deleted_at",)))
    return ManyChanged(len(found), entries)


@transaction.atomic
def restore_customer(*, actor: User, customer: int) -> Customer:
    """Out of the recycle bin."""
    access.require(actor, Permission.CUSTOMER_DELETE)
    found = Customer.objects.in_bin_of(actor).select_for_update(of=("self",)).get(pk=customer)
    found.deleted_at = None
    found.version += 1
    saved(found)
    audit.record(actor=actor, verb=AuditVerb.RESTORED, on=found)
    announce(CustomerChanged(found.pk, ("deleted_at",)))
    return found


@transaction.atomic
def restore_customers(*, actor: User, customers: Any) -> ManyChanged:
    """Many out of the recycle bin. One whose customer number somebody else has by now stays there."""
    access.require(actor, Permission.CUSTOMER_DELETE)
    rows = Customer.objects.in_bin_of(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    waiting = list(rows.values_list("pk", "name", "number"))
    taken = set(Customer.objects.living().filter(number__in={row[2] for row in waiting} - {""}).values_list("number", flat=True))
    found: list[tuple[int, str]] = []
    for key, name, number in waiting:
        if number not in taken:
            found.append((key, name))
            taken |= {number} if number else set()
    Customer.objects.filter(pk__in=[key for key, _name in found]).update(deleted_at=None, version=F("version") + 1)
    entries = audit.record_many(
        actor=actor, verb=AuditVerb.RESTORED, object_type="customer", rows=[(key, name, {}) for key, name in found]
    )
    for key, _name in found:
        announce(CustomerChanged(key, ("deleted_at",)))
    return ManyChanged(len(found), entries)


def _differences(customer: Customer, cleaned: entered.Cleaned) -> audit.Changes:
    changes = audit.differences(customer, cleaned.columns)
    for code, value in cleaned.profile.items():
        if customer.profile.get(code) != value:
            changes[code] = [customer.profile.get(code), value]
    return changes


def _assign(customer: Customer, cleaned: entered.Cleaned, changes: audit.Changes, origin: dict[str, Any]) -> None:
    for code in changes:
        value = cleaned.columns[code] if code in cleaned.columns else cleaned.profile[code]
        if code in cleaned.columns:
            setattr(customer, code, value)
        elif value is None:
            customer.profile.pop(code, None)
        else:
            customer.profile[code] = value
        if is_empty(value):
            customer.provenance.pop(code, None)
        else:
            customer.provenance[code] = origin


def _origin(actor: User, today: datetime.date, source_id: int | None) -> dict[str, Any]:
    return {"on": today.isoformat(), "by": actor.pk} | ({"source": source_id} if source_id else {})
