"""Consent, given or withdrawn. Lines are only added."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers import finding
from zhike.customers.choices import Channel, ConsentPurpose
from zhike.customers.events import CustomerChanged
from zhike.customers.models import Consent
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def record_consent(
    *, actor: User, customer: finding.Key, purpose: str, is_given: bool, evidence: str, at: datetime.datetime, channel: str = ""
) -> Consent:  # fmt: skip
    """A blank channel means every channel. Without evidence nothing is recorded."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    found = finding.locked(actor, customer)
    problems = {}
    if purpose not in ConsentPurpose.values:
        problems["purpose"] = [_("There is no such purpose.")]
    if channel and channel not in Channel.values:
        problems["channel"] = [_("There is no such channel.")]
    if not evidence.strip():
        problems["evidence"] = [_("Say how the customer said so: form, call, message.")]
    if problems:
        raise ValidationError(problems)
    row = Consent.objects.create(
        customer=found,
        purpose=purpose,
        channel=channel,
        is_given=is_given,
        evidence=evidence.strip()[:200],
        at=at,
        recorded_by=actor,
    )
    word = f"consent.{purpose}" + (f".{channel}" if channel else "")
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={word: [None, is_given]}, note=row.evidence)
    announce(CustomerChanged(found.pk, ("consents",)))
    return row
