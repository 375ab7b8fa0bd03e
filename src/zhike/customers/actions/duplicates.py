"""Deciding about pairs that may be one customer."""

import datetime

from django.db import transaction

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.choices import PairState
from zhike.customers.models import DuplicatePair
from zhike.customers.queries import duplicates as looking
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def keep_apart(*, actor: User, pair: int, at: datetime.datetime) -> DuplicatePair:
    """They are not the same; the pair is never proposed again."""
    access.require(actor, Permission.CUSTOMER_MERGE)
    found = looking.open_pairs(actor).select_for_update(of=("self",)).get(pk=pair)
    found.state, found.decided_by, found.decided_at = PairState.DIFFERENT, actor, at
    found.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found.first, note=f"not the same as {found.second} (#{found.second_id})")
    return found
