"""Where customers stood in an earlier run: what grace and movement are judged against."""

from dataclasses import dataclass, fields

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray

from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.order_arrays import numbers

Codes = NDArray[np.int64]

GRADES, STAGES, CLASSES = ([str(value) for value in kind] for kind in (Grade, Stage, RfmClass))
NONE = -1  # code of "not there" or "no grade"; a day that is not known


def _code(column: str, names: list[str]) -> str:
    places = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(names))
    return f"(CASE {column} {places} ELSE {NONE} END)::smallint"


def _day(column: str) -> str:
    return f"coalesce({column} - date '1970-01-01', {NONE})"


COLUMNS = (
    "customer_id", _code("grade", GRADES), _code("stage", STAGES), _code("rfm_class", CLASSES),
    _day("grade_since"), _day("grace_until"), _day("as_of"),
)  # fmt: skip
# Read in no order, by all the server's processes that are free, and put in order here.
STOOD = f"""
    SELECT {", ".join(f"array_send(array_agg({column}))" for column in COLUMNS)}
    FROM zhike_score WHERE run_id = %(run)s AND (%(some)s::bigint[] IS NULL OR customer_id = ANY(%(some)s))
""".encode()  # noqa: S608  our own words


@dataclass(frozen=True)
class Standing:
    """Arrays of one length: codes are places in `GRADES`, `STAGES`, `CLASSES`, days count from 1970; `NONE` where unknown."""

    grade: Codes
    stage: Codes
    rfm_class: Codes
    grade_since: Codes
    grace_until: Codes
    as_of: Codes

    def take(self, places: Codes) -> "Standing":
        return Standing(*(getattr(self, field.name)[places] for field in fields(self)))


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
    """The customers by id, and the columns of `Standing`."""
    row = psycopg.Cursor(connection.connection).execute(STOOD, {"run": run_id, "some": some}, binary=True).fetchone()
    if row is None or row[0] is None:
        return None
    columns = [numbers(packed).astype(np.int64) for packed in row]
    order = np.argsort(columns[0])
    return [column[order] for column in columns]
