"""Scores some customers again with what a run learned."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection

from zhike.value import fitted, matrix, order_sums, previous, standing, writeback
from zhike.value.assembly import customers_of, finish
from zhike.value.learned import Learned
from zhike.value.models import Run, Score
from zhike.value.rfm_cuts import score_by_cuts
from zhike.value.rules import Assumptions, CostRules, RfmRules, restored

if TYPE_CHECKING:
    from zhike.value.snapshot import Manifest


def score(run: Run, customers: list[int], today: datetime.date, facts: "Manifest | None" = None) -> int:
    """Puts fresh rows in place of theirs (sorted ids); who bought nothing any more loses the row. Gives how many have one.

    `facts`: take their orders from this copy, for thousands of customers.
    """
    assumptions, rfm = restored(Assumptions, run.assumptions), restored(RfmRules, run.assumptions)
    learned = Learned.of(run)
    base = order_sums.of(
        customers, facts, as_of=run.as_of, today=today, margin_rate=assumptions.default_margin, window_days=rfm.window_days
    )
    found = base["customer_id"].to_pylist()
    gone = sorted(set(customers) - set(found))
    if not found:
        Score.objects.filter(run_id=run.pk, customer_id__in=gone).delete()
        return 0
    with _page_by_page() if facts else nullcontext():
        before, _ = previous.standing(run.pk, np.array(found), only=True)
        sides = matrix.sides(base, restored(CostRules, run.assumptions), max(run.as_of, today), only=True)
    columns = standing.silence(base, learned.typical_rhythm) | fitted.predict(learned.models, customers_of(base), assumptions)
    columns |= sides
    base = score_by_cuts(base, learned.rfm, rfm.monetary)
    writeback.replace(run.pk, finish(run, base, columns, learned, before), gone)
    return len(found)


@contextmanager
def _page_by_page() -> Iterator[None]:
    """Inside, the rows of thousands of customers are read in the order in which they lie on the disk, each page once and several at
    a time, not customer by customer: less than half the time where they are not in the server's memory."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_indexscan TO DEFAULT")
