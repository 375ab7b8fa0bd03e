"""Taking one audited change of a customer back."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.core.models import AuditEntry
from zhike.customers import entered, finding, tokens
from zhike.customers.actions.details import add_identifier, save_address, save_contact
from zhike.customers.actions.relationships import relate
from zhike.customers.events import CustomerChanged, CustomersTransferred
from zhike.customers.keeping import saved
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries.history import can_be_undone, taken_away
from zhike.customers.rules import columns
from zhike.customers.rules.merging import is_empty
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def undo_change(*, actor: User, entry: int, at: datetime.datetime) -> Customer:
    """Puts back what the change replaced, if nothing has been changed again since; the undo is itself a change in the history."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    change = AuditEntry.objects.get(pk=entry, object_type="customer")
    customer = finding.locked(actor, change.object_id or 0)
    codes = set(FieldDefinition.objects.values_list("code", flat=True))
    if not can_be_undone(change, codes):
        raise ValidationError({"entry": [_("This kind of change cannot be undone here.")]})
    if AuditEntry.objects.filter(undoes=change).exists():
        raise ValidationError({"entry": [_("It has been undone already.")]})
    if change.verb == AuditVerb.TRANSFERRED:
        return _give_back(actor, customer, change, at)
    if part := taken_away(change):
        return _bring_back(actor, customer, change, part)
    entered.refuse_masked(actor, customer, list(change.changes))
    for code, (_before, after) in change.changes.items():
        if audit.plain(entered.value_of(customer, code)) != after:
            raise ValidationError({"entry": [_("It has been changed again since.")]})
    return _put_back(actor, customer, change, at)


def _put_back(actor: User, customer: Customer, change: AuditEntry, at: datetime.datetime) -> Customer:
    history: audit.Changes = {}
    origin = {"on": timezone.localdate(at).isoformat(), "by": actor.pk}
    for code, (before, _after) in change.changes.items():
        old = _restored(code, before)
        history[code] = [entered.value_of(customer, code), old]
        if code in columns.COLUMNS:
            setattr(customer, code, old)
        elif old is None:
            customer.profile.pop(code, None)
        else:
            customer.profile[code] = old
        if is_empty(old):
            customer.provenance.pop(code, None)
        else:
            customer.provenance[code] = origin
    customer.search = tokens.tokens_of(customer)
    customer.version += 1
    saved(customer)
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=customer, changes=history, undoes=change)
    announce(CustomerChanged(customer.pk, tuple(history)))
    return customer


def _bring_back(actor: User, customer: Customer, change: AuditEntry, part: str) -> Customer:
    """What was taken away, as a new row: the old one is gone with its id. Another main one that there is by now stays so."""
    was: dict[str, Any] = {code.partition(".")[2]: before for code, (before, _after) in change.changes.items()}
    if part == "contact":
        is_main = bool(was.get("is_main")) and not customer.contacts.filter(is_main=True).exists()
        save_contact(actor=actor, customer=customer, **(was | {"is_main": is_main}))
    elif part == "address":
        is_main = bool(was.get("is_main")) and not customer.addresses.filter(is_main=True).exists()
        save_address(actor=actor, customer=customer, **(was | {"is_main": is_main}))
    else:
        for kind, before in was.items():
            if part == "identifier":
                add_identifier(actor=actor, customer=customer, kind=kind, value=before)
            else:
                relate(actor=actor, customer=customer, other=before["id"], kind=kind, note=change.note)
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=customer, undoes=change)
    return customer


def _restored(code: str, before: Any) -> Any:
    """From the trail's JSON to the column's type; an empty text where the column knows no null."""
    if code not in columns.COLUMNS:
        return before
    if before is None:
        return _empty_value(code)
    return columns.clean(code, before)


def _give_back(actor: User, customer: Customer, change: AuditEntry, at: datetime.datetime) -> Customer:
    access.require(actor, Permission.CUSTOMER_TRANSFER)
    before, after = change.changes["owner"]
    if customer.owner_id != (after["id"] if after else None):
        raise ValidationError({"entry": [_("It has been changed again since.")]})
    owner = User.objects.filter(pk=before["id"], is_active=True).first() if before else None
    if before and owner is None:
        raise ValidationError({"entry": [_("This person no longer works here.")]})
    now_owner = customer.owner
    customer.owner, customer.owner_since = owner, timezone.localdate(at) if owner else None
    customer.department = owner.department if owner and owner.department_id else customer.department
    customer.version += 1
    customer.save(update_fields=["owner", "owner_since", "department", "version", "updated_at"])
    audit.record(actor=actor, verb=AuditVerb.TRANSFERRED, on=customer, changes={"owner": [now_owner, owner]}, undoes=change)
    announce(CustomersTransferred((customer.pk,), owner.pk if owner else None))
    return customer


def _empty_value(code: str) -> Any:
    column = Customer._meta.get_field(code.removesuffix("_id"))
    assert isinstance(column, Field)
    return column.get_default()
