"""A run's scores brought in step with orders that changed after its copy of the facts was made."""

import datetime

from django.db import transaction

from zhike.value import incremental, snapshot
from zhike.value.actions.rescoring import rescore_customers
from zhike.value.models import Run

AT_ONCE = 100_000
FEW = 300  # up to so many, their orders are sooner found in the database than in a sweep over the copy


def catch_up(run: Run, facts: snapshot.Manifest, customers: list[int], today: datetime.date) -> None:
    """Scores those whose orders changed since the run's copy of the facts, and notes the newer copy as the one its scores show."""
    copy = facts if len(customers) > FEW else None
    for start in range(0, len(customers), AT_ONCE):
        rescore_customers(customer_ids=customers[start : start + AT_ONCE], as_of=today, facts=copy)
    snapshot.pin(facts)
    with transaction.atomic():
        kept = Run.objects.select_for_update().get(pk=run.pk)
        rescored = kept.report["facts"].get("rescored", 0) + len(customers)
        kept.report["facts"] |= {"token": facts.token, "version": facts.version, "rescored": rescored}
        kept.save(update_fields=["report"])


def changed_since(run: Run, facts: snapshot.Manifest) -> list[int] | None:
    """Customers whose orders changed between the run's copy of the facts and this one; None when that copy is gone or of an
    earlier version, whose parts are others."""
    known = snapshot.pinned(run.report["facts"]["token"])
    return incremental.touched(known, facts) if known and known.layout == facts.layout else None
