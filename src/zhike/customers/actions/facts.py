"""Confirming that what is known is still so."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers import finding
from zhike.customers.entered import value_of
from zhike.customers.events import CustomerChanged
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.rules.merging import is_empty
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def confirm_facts(*, actor: User, customer: finding.Key, codes: Sequence[str], at: datetime.datetime) -> Customer:
    """The customer said that these are still right. Changes no value, so it never conflicts with somebody who is editing."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    found = finding.locked(actor, customer)
    known = set(FieldDefinition.objects.filter(code__in=codes).values_list("code", flat=True))
    if not codes or set(codes) - known:
        raise ValidationError({"codes": [_("There is no such field.")]})
    if any(is_empty(value_of(found, code)) for code in codes):
        raise ValidationError({"codes": [_("Nothing is known yet that could be confirmed.")]})
    today = timezone.localdate(at).isoformat()
    changes = {f"confirmed.{code}": [(found.provenance.get(code) or {}).get("on"), today] for code in codes}
    for code in codes:
        found.provenance[code] = {**(found.provenance.get(code) or {}), "on": today, "by": actor.pk}
    found.save(update_fields=["provenance"])
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes=changes)
    announce(CustomerChanged(found.pk, ("provenance",)))
    return found
