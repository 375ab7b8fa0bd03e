"""Single customers scored again with what the current run learned, between two runs."""

import datetime

from django.db import transaction

from zhike.core import events
from zhike.value import locks
from zhike.value.events import CustomersRescored
from zhike.value.models import Run


def rescore_customers(*, customer_ids: list[int], as_of: datetime.date) -> int:
    """Scores these customers again from their orders up to `as_of`, inside the caller's transaction. Gives how many have a score.

    Nobody is seen as of an earlier day than the run's; who has a later purchase is seen as of that.
    Before the first run nothing happens.
    """
    if not customer_ids:
        return 0
    with transaction.atomic():
        locks.no_switch()
        run = Run.objects.filter(is_current=True).first()
        if run is None:
            return 0
        from zhike.value import scoring_some  # with numbers and models: not in every process, only where an order comes in

        scored = scoring_some.score(run, sorted(set(customer_ids)), as_of)
        events.announce(CustomersRescored(tuple(customer_ids)))
    return scored
