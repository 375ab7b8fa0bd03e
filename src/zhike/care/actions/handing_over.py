"""What stood on the list of somebody who leaves, or moves without their customers."""

import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from zhike.care.actions.answering import OPEN
from zhike.care.actions.generating import refresh_customers
from zhike.care.models import Suggestion
from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.models import Customer
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def hand_over_suggestions(*, actor: User, person: User, heir: User, on: datetime.date) -> int:
    """Open and postponed ones go to whom the customer has now, else to the heir; then the rules look at these customers anew.
    After `customers.hand_over`, whose transfers have moved what the person's own customers were due."""
    access.require(actor, Permission.PEOPLE_EDIT)
    theirs = Suggestion.objects.filter(assignee=person, state__in=OPEN)
    customers = list(theirs.values_list("customer_id", flat=True))
    owner = Customer.objects.filter(pk=OuterRef("customer_id"), owner__is_active=True).exclude(owner=person).values("owner_id")
    moved = theirs.update(assignee_id=Coalesce(Subquery(owner[:1]), heir.pk))
    if moved:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, changes={"suggestions": [moved, 0]})
        refresh_customers(actor=None, customer_ids=customers, on=on)
    return moved
