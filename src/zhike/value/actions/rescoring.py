"""Single customers scored again with what the current run learned, between two runs."""

import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.core import events
from zhike.value import locks
from zhike.value.events import CustomersRescored
from zhike.value.models import Run

if TYPE_CHECKING:
    from zhike.value.snapshot import Manifest


def rescore_customers(*, customer_ids: list[int], as_of: datetime.date, facts: "Manifest | None" = None) -> int:
    """Scores these customers again from their orders up to `as_of`, inside the caller's transaction. Gives how many have a score.

    Nobody is seen as of an earlier day than the run's; who has a later purchase is seen as of that.
    Before the first run nothing happens. `facts`: take the orders from this copy, which is quicker for many customers; who has
    ordered since it was made must be scored once more.
    """
    if not customer_ids:
        return 0
    with transaction.atomic():
        locks.no_switch()
        run = Run.objects.filter(is_current=True).first()
        if run is None:
            return 0
        from zhike.value import scoring_some  # with numbers and models: not in every process, only where an order comes in

        scored = scoring_some.score(run, sorted(set(customer_ids)), as_of, facts)
        events.announce(CustomersRescored(tuple(customer_ids)))
    return scored
