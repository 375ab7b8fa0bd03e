"""Single customers scored again with what the current run learned, between two runs."""

import datetime

from django.db import transaction

from zhike.core import events
from zhike.value import locks
from zhike.value.events import CustomersRescored
from zhike.value.models import Run, Score
from zhike.value.rules import Assumptions, RfmRules, restored


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
        scored = _score(run, sorted(set(customer_ids)), as_of)
        events.announce(CustomersRescored(tuple(customer_ids)))
    return scored


def _score(run: Run, customers: list[int], today: datetime.date) -> int:
    import numpy as np

    from zhike.value import fitted, order_sums, previous, standing, writeback  # the models load only where an order comes in
    from zhike.value.assembly import customers_of, finish
    from zhike.value.learned import Learned
    from zhike.value.rfm_cuts import score_by_cuts

    assumptions, rfm = restored(Assumptions, run.assumptions), restored(RfmRules, run.assumptions)
    learned = Learned.of(run)
    base = order_sums.sums_of(
        customers, as_of=run.as_of, today=today, margin_rate=assumptions.default_margin, window_days=rfm.window_days
    )
    found = base["customer_id"].to_pylist()
    gone = sorted(set(customers) - set(found))
    if not found:
        Score.objects.filter(run_id=run.pk, customer_id__in=gone).delete()
        return 0
    before, _ = previous.standing(run.pk, np.array(found), only=True)
    columns = standing.silence(base, learned.typical_rhythm) | fitted.predict(learned.models, customers_of(base), assumptions)
    base = score_by_cuts(base, learned.rfm, rfm.monetary)
    writeback.replace(run.pk, finish(run, base, columns, learned, before), gone)
    return len(found)
