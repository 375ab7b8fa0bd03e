"""Where customers stood in an earlier run: what grace and movement are judged against."""

from dataclasses import dataclass

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.order_arrays import numbers

Codes = NDArray[np.int64]

GRADES, STAGES, CLASSES = ([str(value) for value in kind] for kind in (Grade, Stage, RfmClass))
NONE = -1  # code of "not there" or "no grade"; a day that is not known

SELECT = """
    SELECT array_send(array_agg(customer_id)), array_send(array_agg(grade)), array_send(array_agg(stage)),
           array_send(array_agg(rfm_class)), array_send(array_agg(since)), array_send(array_agg(grace)),
           array_send(array_agg(day))
    FROM (SELECT customer_id, coalesce(array_position(%(grades)s::text[], grade::text), 0) AS grade,
                 coalesce(array_position(%(stages)s::text[], stage::text), 0) AS stage,
                 coalesce(array_position(%(classes)s::text[], rfm_class::text), 0) AS rfm_class,
                 coalesce(grade_since - date '1970-01-01', -1) AS since, coalesce(grace_until - date '1970-01-01', -1) AS grace,
                 as_of - date '1970-01-01' AS day
          FROM zhike_score WHERE run_id = %(run)s AND (%(some)s::bigint[] IS NULL OR customer_id = ANY(%(some)s))
          ORDER BY customer_id) rows
"""


@dataclass(frozen=True)
class Standing:
    """Arrays of one length: codes are places in `GRADES`, `STAGES`, `CLASSES`, days count from 1970; `NONE` where unknown."""

    grade: Codes
    stage: Codes
    rfm_class: Codes
    grade_since: Codes
    grace_until: Codes
    as_of: Codes


def standing(run_id: int | None, customers: Codes, *, only: bool = False) -> tuple[Standing, int]:
    """How each of these customers (sorted ids) stood in a run, and how many of the run's customers are not among these.

    `only`: read only their rows, for a few customers.
    """
    rows = _read(run_id, customers.tolist() if only else None) if run_id else None
    if rows is None:
        nothing = np.full(len(customers), NONE, np.int64)
        return Standing(*[nothing] * 6), 0
    known, columns = rows[0], rows[1:]
    place = np.minimum(np.searchsorted(known, customers), len(known) - 1)
    there = known[place] == customers
    found = [np.where(there, column[place], NONE) for column in columns]
    return Standing(*found), int(len(known) - there.sum())


def _read(run_id: int, some: list[int] | None) -> list[Codes] | None:
    values = {"run": run_id, "some": some, "grades": GRADES, "stages": STAGES, "classes": CLASSES}
    row = psycopg.Cursor(connection.connection).execute(SELECT, values, binary=True).fetchone()
    if row is None or row[0] is None:
        return None
    customers, grade, stage, rfm_class, *days = (numbers(packed).astype(np.int64) for packed in row)
    return [customers, grade - 1, stage - 1, rfm_class - 1, *days]
