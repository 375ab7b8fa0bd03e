"""Who answers for a customer, and who else may see it."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.core.models import AuditEntry
from zhike.customers import finding
from zhike.customers.actions.many import ManyChanged
from zhike.customers.events import CustomerChanged, CustomersTransferred
from zhike.customers.models import Customer, CustomerShare
from zhike.teams import access
from zhike.teams.actions.notices import give_notice
from zhike.teams.choices import Permission
from zhike.teams.models import Department, User


@transaction.atomic
def transfer_customers(*, actor: User, customers: Any, to: User | None, at: datetime.datetime, reason: str = "") -> int:
    """Hands over those of `customers` (a query set or ids) that the actor may change; to nobody: the public pool.

    Each customer keeps the change of owner in its own history; the new owner gets one notice. Gives how many changed hands.
    """
    done = transfer_part(actor=actor, customers=customers, to=to, at=at, reason=reason)
    if done.entries is not None:
        [last] = AuditEntry.objects.filter(pk=done.entries[1])
        tell_new_owner(actor=actor, to=to, count=done.count, customer=last.object_id or 0, name=last.object_name, reason=reason)
    return done.count


def tell_new_owner(*, actor: User, to: User | None, count: int, customer: int, name: str, reason: str = "") -> None:
    """One line in the message center, however many customers."""
    if to is not None and to.pk != actor.pk:
        params = {"from": str(actor), "count": count, "name": name, "reason": reason}
        give_notice(
            to=[to.pk], kind="customers.transferred", params=params, url=f"/customers/{customer}/" if count == 1 else "/customers/"
        )


@transaction.atomic
def transfer_part(*, actor: User, customers: Any, to: User | None, at: datetime.datetime, reason: str = "") -> ManyChanged:
    """The same without a word to the new owner: a part of a hand-over of very many."""
    access.require(actor, Permission.CUSTOMER_TRANSFER)
    if to is not None and not to.is_active:
        raise ValidationError({"to": [_("This person no longer works here.")]})
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).exclude(owner=to) if to else _owned(actor, customers)
    found = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", "name", "owner_id", "owner__name"))
    changed: dict[str, Any] = {
        "owner": to,
        "owner_since": timezone.localdate(at) if to else None,
        "updated_at": at,
        "version": F("version") + 1,
    }
    if to is not None and to.department_id:
        changed["department"] = to.department
    keys = [row[0] for row in found]
    Customer.objects.filter(pk__in=keys).update(**changed)
    history = ((key, name, {"owner": [_person(owner_id, owner), to]}) for key, name, owner_id, owner in found)
    entries = audit.record_many(actor=actor, verb=AuditVerb.TRANSFERRED, object_type="customer", rows=history, note=reason)
    announce(CustomersTransferred(tuple(keys), to.pk if to else None))
    return ManyChanged(len(found), entries)


@transaction.atomic
def move_to_department(*, actor: User, customers: Any, department: Department | None, at: datetime.datetime) -> ManyChanged:
    """Those of `customers` that the actor may change; the owner stays. It decides who sees them: the right to hand over."""
    access.require(actor, Permission.CUSTOMER_TRANSFER)
    rows = Customer.objects.editable_by(actor).filter(pk__in=customers).order_by("pk").select_for_update(of=("self",))
    found = [row for row in rows.values_list("pk", "name", "department_id", "department__name") if row[2] != _key(department)]
    Customer.objects.filter(pk__in=[row[0] for row in found]).update(department=department, updated_at=at, version=F("version") + 1)
    history = ((key, name, {"department": [_person(before, called), department]}) for key, name, before, called in found)
    entries = audit.record_many(actor=actor, verb=AuditVerb.CHANGED, object_type="customer", rows=history)
    return ManyChanged(len(found), entries)


def _key(department: Department | None) -> int | None:
    return department.pk if department else None


@transaction.atomic
def share_customer(*, actor: User, customer: finding.Key, user: User, can_edit: bool = False) -> CustomerShare:
    """Lets a colleague outside the scope see, or also change, this one customer."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    found = finding.locked(actor, customer)
    if not user.is_active:
        raise ValidationError({"user": [_("This person no longer works here.")]})
    share, _created = CustomerShare.objects.update_or_create(customer=found, user=user, defaults={"can_edit": can_edit})
    word = "edit" if can_edit else "view"
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={"shared_with": [None, user]}, note=word)
    announce(CustomerChanged(found.pk, ("shares",)))
    return share


@transaction.atomic
def unshare_customer(*, actor: User, customer: finding.Key, user: User) -> None:
    access.require(actor, Permission.CUSTOMER_EDIT)
    found = finding.locked(actor, customer)
    removed, _models = CustomerShare.objects.filter(customer=found, user=user).delete()
    if removed:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={"shared_with": [user, None]})
        announce(CustomerChanged(found.pk, ("shares",)))


def _owned(actor: User, customers: Any) -> Any:
    return Customer.objects.editable_by(actor).filter(pk__in=customers, owner__isnull=False)


def _person(key: int | None, name: str | None) -> dict[str, Any] | None:
    return {"id": key, "name": name} if key else None
