"""Who looked at whom: a line of the audit trail for each person, customer and day, so that it tells and does not drown the rest."""

import datetime

from django.utils import timezone

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.core.prepared import Prepared
from zhike.customers.models import Customer
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

_TOLD = Prepared(
    lambda customer, person, since: AuditEntry.objects.filter(
        object_type="customer", object_id=customer, at__gte=since, actor=person, verb=AuditVerb.VIEWED
    ).values_list("pk", flat=True)[:1],
    int, int, datetime.datetime,
)  # fmt: skip


def note_look(*, actor: User, customer: Customer, at: datetime.datetime) -> None:
    """The caller has fetched the customer through `visible_to`."""
    access.require(actor, Permission.CUSTOMER_VIEW)
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    if not _TOLD(customer.pk, actor.pk, today):
        audit.record(actor=actor, verb=AuditVerb.VIEWED, on=customer)
