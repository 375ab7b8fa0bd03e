"""Scores some customers again with what a run learned."""

import datetime
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from django.db import connection

from zhike.value import arrow, fitted, matrix, order_sums, previous, standing, writeback
from zhike.value.assembly import customers_of, finish
from zhike.value.fitted import Floats
from zhike.value.learned import Learned
from zhike.value.models import Run, Score
from zhike.value.previous import Codes, Standing
from zhike.value.rfm_cuts import score_by_cuts
from zhike.value.rules import Assumptions, CostRules, RfmRules, restored

if TYPE_CHECKING:
    from zhike.value.snapshot import Manifest

READERS = 3  # of contacts, side by side: each waits for the disk most of the time, for one page of an index after the other


def score(run: Run, customers: list[int], today: datetime.date, facts: "Manifest | None" = None) -> int:
    """Puts fresh rows in place of theirs (sorted ids); who bought nothing any more loses the row. Gives how many have one.

    `facts`: take their orders from this copy, for thousands of customers.
    """
    base, before, contacts = _from_copy(run, customers, today, facts) if facts else _from_orders(run, customers, today)
    found = _ids(base)
    gone = sorted(set(customers) - set(found.tolist()))
    if len(found):
        writeback.replace(run.pk, _scored(run, base, before, contacts), gone)
    else:
        Score.objects.filter(run_id=run.pk, customer_id__in=gone).delete()
    return len(found)


def _from_orders(run: Run, customers: list[int], today: datetime.date) -> tuple[pa.Table, Standing, Floats]:
    base = order_sums.of(customers, **_asked(run, today))
    return base, _before(run, _ids(base)), _contacts(run, _ids(base), today)


def _from_copy(run: Run, customers: list[int], today: datetime.date, facts: "Manifest") -> tuple[pa.Table, Standing, Floats]:
    """The copy is read while the database is, and that by several connections."""
    asked = np.array(customers, np.int64)
    with ThreadPoolExecutor(1 + READERS) as beside:
        talked = [beside.submit(_contacts_apart, run, some, today) for some in np.array_split(asked, READERS)]
        sums = beside.submit(order_sums.of, customers, facts, **_asked(run, today))
        with _page_by_page():
            before = _before(run, asked)
        base, contacts = sums.result(), np.concatenate([one.result() for one in talked])
    found = np.searchsorted(asked, _ids(base))
    return base, before.take(found), contacts[found]


def _contacts_apart(run: Run, customers: Codes, today: datetime.date) -> Floats:
    """In a thread, which has a connection of its own."""
    try:
        return _contacts(run, customers, today)
    finally:
        connection.close()


def _asked(run: Run, today: datetime.date) -> dict[str, Any]:
    margin, window = restored(Assumptions, run.assumptions).default_margin, restored(RfmRules, run.assumptions).window_days
    return {"as_of": run.as_of, "today": today, "margin_rate": margin, "window_days": window}


def _before(run: Run, customers: Codes) -> Standing:
    return previous.standing(run.pk, customers, only=True)[0]


def _contacts(run: Run, customers: Codes, today: datetime.date) -> Floats:
    return matrix.contact_costs(customers, restored(CostRules, run.assumptions), max(run.as_of, today), only=True)


def _scored(run: Run, base: pa.Table, before: Standing, contacts: Floats) -> pa.Table:
    assumptions, learned = restored(Assumptions, run.assumptions), Learned.of(run)
    columns = standing.silence(base, learned.typical_rhythm) | fitted.predict(learned.models, customers_of(base), assumptions)
    columns |= matrix.sides(base, contacts, restored(CostRules, run.assumptions))
    base = score_by_cuts(base, learned.rfm, restored(RfmRules, run.assumptions).monetary)
    return finish(run, base, columns, learned, before)


def _ids(base: pa.Table) -> Codes:
    return arrow.plain(base["customer_id"]).astype(np.int64)


@contextmanager
def _page_by_page() -> Iterator[None]:
    """Inside, the rows of thousands of customers are read in the order in which they lie on the disk, each page once and several at
    a time, not customer by customer: less than half the time where they are not in the server's memory."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_indexscan TO DEFAULT")
