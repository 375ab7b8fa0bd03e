"""Searching for pairs that may be one customer, and deciding about them."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from zhike.core import audit, queue, settings_store
from zhike.core.choices import AuditVerb
from zhike.customers.choices import PairState, SearchState
from zhike.customers.models import DuplicatePair, DuplicateSearch
from zhike.customers.queries import duplicates as looking
from zhike.customers.settings import DuplicateRules
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


def request_duplicate_search(*, actor: User) -> DuplicateSearch:
    """Compares all customers with each other in the background. Refuses while another search waits or works."""
    access.require(actor, Permission.CUSTOMER_MERGE)
    with transaction.atomic():
        if looking.search_under_way():
            raise ValidationError(_("A search is already under way."))
        search = DuplicateSearch.objects.create(started_by=actor)
        audit.record(actor=actor, verb=AuditVerb.RAN, on=search)
        queue.defer("duplicates.search", lock="duplicates", search_id=search.pk)
    return search


def carry_out_duplicate_search(*, search_id: int) -> None:
    """Does a search that was asked for; begun again from the start when its worker was killed, and left alone when it has ended."""
    from zhike.customers import comparing

    search = DuplicateSearch.objects.filter(pk=search_id)
    if not search.filter(state__in=[SearchState.WAITING, SearchState.RUNNING]).update(state=SearchState.RUNNING, progress=0):
        return
    try:
        customers, found = comparing.compare_all(
            settings_store.read(DuplicateRules).least_probability, lambda share: search.update(progress=min(int(share * 100), 99))
        )
    except Exception:
        search.update(state=SearchState.FAILED, finished_at=Now())
        raise
    search.update(state=SearchState.DONE, progress=100, customers=customers, found=found, finished_at=Now())


@transaction.atomic
def keep_apart(*, actor: User, pair: int, at: datetime.datetime) -> DuplicatePair:
    """They are not the same; the pair is never proposed again."""
    access.require(actor, Permission.CUSTOMER_MERGE)
    found = looking.open_pairs(actor).select_for_update(of=("self",)).get(pk=pair)
    found.state, found.decided_by, found.decided_at = PairState.DIFFERENT, actor, at
    found.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found.first, note=f"not the same as {found.second} (#{found.second_id})")
    return found
