"""Showing a masked field to somebody who says why."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit, settings_store
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers import finding, masking
from zhike.customers.models import Address, Contact, Customer, Identifier
from zhike.customers.settings import RevealRules
from zhike.teams import access
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import User

COLUMNS = ("phone", "email", "wechat", "credit_code", "member_no", "birthday", "region")


@transaction.atomic
def reveal_field(*, actor: User, customer: finding.Key, code: str, reason: str, at: datetime.datetime) -> str:
    """The plain value, once; written to the audit trail with the reason. Limited a person and day; `secret` is never revealed.

    `code` is a column, a profile field, or `contact.<id>.phone`, `identifier.<id>`, `address.<id>`.
    """
    access.require(actor, Permission.CUSTOMER_REVEAL)
    found = finding.visible(actor, customer)
    if len(reason.strip()) < 2:
        raise ValidationError({"reason": [_("Say why you need it.")]})
    kind, field, value = _value(found, code)
    if masking.class_of(masking.field_classes(), field) == Confidentiality.SECRET and masking.is_masked(
        actor, Confidentiality.SECRET
    ):
        raise PermissionDenied(_("Secret fields are not revealed."))
    User.objects.select_for_update().get(pk=actor.pk)  # counts one after another
    limit, start = (
        settings_store.read(RevealRules).daily_limit,
        timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0),
    )
    if AuditEntry.objects.filter(actor=actor, verb=AuditVerb.REVEALED, at__gte=start).count() >= limit:
        raise ValidationError({"reason": [_("You have revealed %(limit)s fields today; more is not possible.") % {"limit": limit}]})
    audit.record(actor=actor, verb=AuditVerb.REVEALED, on=found, changes={"field": [None, code]}, note=reason.strip()[:200])
    return masking.readable(kind, value)


def _value(customer: Customer, code: str) -> tuple[str, str, str]:
    """Kind, the field whose class counts, and the plain text."""
    part, _dot, rest = code.partition(".")
    key, _dot, column = rest.partition(".")
    if part == "contact" and key.isdigit() and column in ("phone", "email", "wechat"):
        return column, column, str(getattr(Contact.objects.get(pk=int(key), customer=customer), column))
    if part == "identifier" and key.isdigit():
        identifier = Identifier.objects.get(pk=int(key), customer=customer)
        return identifier.kind, identifier.kind, identifier.value
    if part == "address" and key.isdigit():
        return "address", "address", Address.objects.get(pk=int(key), customer=customer).detail
    value = getattr(customer, code) if code in COLUMNS else customer.profile.get(code)
    if value in (None, ""):
        raise ValidationError({"code": [_("There is no such field.")]})
    return code, code, str(value)
