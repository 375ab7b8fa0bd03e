"""Contacts, addresses and further identifiers of a customer."""

import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers import finding, pairs, tokens
from zhike.customers.choices import IdentifierKind
from zhike.customers.events import CustomerChanged
from zhike.customers.models import Address, Contact, Customer, Identifier
from zhike.customers.rules import columns
from zhike.customers.rules.values import InvalidValue
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


class ContactValues(TypedDict, total=False):
    name: str
    phone: str
    email: str
    wechat: str
    position: str
    birthday: str | datetime.date | None
    is_main: bool
    note: str


class AddressValues(TypedDict, total=False):
    label: str
    region: str
    detail: str
    is_main: bool


_CONTACT = {
    "name": columns.name, "phone": columns.phone, "email": columns.email, "wechat": columns.line(40), "position": columns.line(60),
    "birthday": columns.birthday, "is_main": bool, "note": columns.text,
}  # fmt: skip
_ADDRESS = {"label": columns.line(30), "region": columns.line(60), "detail": columns.line(200), "is_main": bool}


@transaction.atomic
def save_contact(*, actor: User, customer: finding.Key, contact: int | None = None, **values: Unpack[ContactValues]) -> Contact:
    """Adds a contact, or changes the one with this id. The main one is at most one."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    owner = finding.locked(actor, customer)
    row = Contact.objects.get(pk=contact, customer=owner) if contact else Contact(customer=owner)
    cleaned = _cleaned(_CONTACT, dict(values) if contact else {"name": "", **values})
    if len(cleaned.get("name", "")) > 60:
        raise ValidationError({"name": [_("At most %(length)s characters.") % {"length": 60}]})
    if cleaned.get("is_main"):
        owner.contacts.filter(is_main=True).exclude(pk=contact or 0).update(is_main=False)
    _save(actor, owner, row, cleaned)
    tokens.refresh([owner.pk])
    return row


@transaction.atomic
def delete_contact(*, actor: User, contact: int) -> None:
    access.require(actor, Permission.CUSTOMER_EDIT)
    row = Contact.objects.get(pk=contact, customer__in=Customer.objects.visible_to(actor))
    _delete(actor, row.customer_id, row)
    tokens.refresh([row.customer_id])


@transaction.atomic
def save_address(*, actor: User, customer: finding.Key, address: int | None = None, **values: Unpack[AddressValues]) -> Address:
    access.require(actor, Permission.CUSTOMER_EDIT)
    owner = finding.locked(actor, customer)
    row = Address.objects.get(pk=address, customer=owner) if address else Address(customer=owner)
    cleaned = _cleaned(_ADDRESS, dict(values))
    if not (cleaned.get("detail") or row.detail):
        raise ValidationError({"detail": [_("This is needed.")]})
    if cleaned.get("is_main"):
        owner.addresses.filter(is_main=True).exclude(pk=address or 0).update(is_main=False)
    _save(actor, owner, row, cleaned)
    return row


@transaction.atomic
def delete_address(*, actor: User, address: int) -> None:
    access.require(actor, Permission.CUSTOMER_EDIT)
    row = Address.objects.get(pk=address, customer__in=Customer.objects.visible_to(actor))
    _delete(actor, row.customer_id, row)


@transaction.atomic
def add_identifier(*, actor: User, customer: finding.Key, kind: str, value: str) -> Identifier:
    """A further phone, e-mail, plate, … by which the customer is found and recognised."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    owner = finding.locked(actor, customer)
    if kind not in IdentifierKind.values:
        raise ValidationError({"kind": [_("There is no such kind.")]})
    try:
        kept = columns.clean_identifier(kind, value)
    except InvalidValue as problem:
        raise ValidationError({"value": [str(problem)]}) from problem
    row, created = Identifier.objects.get_or_create(customer=owner, kind=kind, value=kept)
    if created:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=owner, changes={f"identifier.{kind}": [None, kept]})
        tokens.refresh([owner.pk])
        pairs.note(owner)
        announce(CustomerChanged(owner.pk, ("identifiers",)))
    return row


@transaction.atomic
def delete_identifier(*, actor: User, identifier: int) -> None:
    access.require(actor, Permission.CUSTOMER_EDIT)
    row = Identifier.objects.get(pk=identifier, customer__in=Customer.objects.visible_to(actor))
    owner = finding.locked(actor, row.customer_id)
    row.delete()
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=owner, changes={f"identifier.{row.kind}": [row.value, None]})
    tokens.refresh([owner.pk])
    announce(CustomerChanged(owner.pk, ("identifiers",)))


def _cleaned(cleaners: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    cleaned, problems = {}, {}
    for code, raw in values.items():
        try:
            cleaned[code] = cleaners[code](raw)
        except InvalidValue as problem:
            problems[code] = [str(problem)]
    if problems:
        raise ValidationError(problems)
    return cleaned


def _save(actor: User, owner: Customer, row: Contact | Address, cleaned: dict[str, Any]) -> None:
    word = str(row._meta.model_name)
    changes = audit.differences(row, cleaned)
    for code, value in cleaned.items():
        setattr(row, code, value)
    row.save()
    if changes:
        history = {f"{word}.{code}": change for code, change in changes.items()}
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=owner, changes=history, note=f"{word} #{row.pk}")
        announce(CustomerChanged(owner.pk, (word,)))


def _delete(actor: User, customer_id: int, row: Contact | Address) -> None:
    """The trail keeps all of it, so that `undo_change` can bring it back."""
    owner = finding.locked(actor, customer_id)
    word, known = str(row._meta.model_name), _CONTACT if isinstance(row, Contact) else _ADDRESS
    gone: audit.Changes = {f"{word}.{code}": [value, None] for code in known if (value := getattr(row, code))}
    row.delete()
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=owner, changes=gone)
    announce(CustomerChanged(owner.pk, (word,)))
