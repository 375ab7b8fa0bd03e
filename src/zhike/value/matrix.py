"""What customers cost, bring now and will bring: eight cells with a treatment each."""

import datetime
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from zhike.value import arrow
from zhike.value.order_arrays import numbers
from zhike.value.rules import CostRules
from zhike_insight import ValueMatrix, value_matrix

Floats = NDArray[np.float64]
YEAR = 364  # days, two of the half years that trends compare
NOT_A_CONTACT = ("winning", "order", "giving_back")

KINDS = tuple(field.name for field in fields(CostRules) if field.name not in NOT_A_CONTACT)
AT_ONCE = 10_000_000  # contacts; an array of PostgreSQL holds a gigabyte

# Row by row, so that all the server's processes that are free share the reading; they are added up here.
CONTACTS = """
    SELECT array_send(array_agg(customer_id)), array_send(array_agg(place))
    FROM (SELECT customer_id, CASE kind {places} END::smallint AS place
          FROM zhike_interaction
          WHERE state = 'done' AND at > %(start)s AND at <= %(end)s AND kind = ANY(%(kinds)s)
            AND (%(some)s::bigint[] IS NULL OR customer_id = ANY(%(some)s)) AND customer_id %% %(parts)s = %(part)s) rows
""".format(places=" ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(KINDS))).encode()  # noqa: S608  our own words


def sides(base: pa.Table, contacts: Floats, rules: CostRules) -> dict[str, Floats]:
    """Cost and present profit of each customer, given what the contacts with each cost."""
    return {"cost": costs(base, contacts, rules), "profit": np.round(np.round(arrow.plain(base["year_margin"]), 6), 2)}


def contact_costs(customers: NDArray[np.int64], rules: CostRules, as_of: datetime.date, *, only: bool = False) -> Floats:
    """What the contacts of 52 weeks with each of these (sorted ids) cost; 0 where none is recorded. `only`: read only theirs."""
    end = datetime.datetime.combine(as_of + datetime.timedelta(1), datetime.time(), timezone.get_default_timezone())
    prices = np.array([getattr(rules, kind) for kind in KINDS])
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    parts = 1 if only else 1 + _about(cursor) // AT_ONCE
    values = {
        "kinds": list(KINDS), "start": end - datetime.timedelta(YEAR), "end": end, "some": customers.tolist() if only else None,
        "parts": parts,
    }  # fmt: skip
    total = np.zeros(len(customers) + 1)  # the last is for whoever is not among these
    for part in range(parts):
        row = cursor.execute(CONTACTS, values | {"part": part}, binary=True).fetchone()
        if row and row[0] is not None:
            known, kind = (numbers(packed) for packed in row)
            place = np.minimum(np.searchsorted(customers, known), max(len(customers) - 1, 0))
            among = np.append(customers, 0)[place] == known
            total += np.bincount(np.where(among, place, len(customers)), prices[kind], len(total))
    return np.round(total[:-1], 2)


def _about(cursor: "psycopg.Cursor[Any]") -> int:
    """How many contacts there are."""
    row = cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'zhike_interaction'::regclass").fetchone()
    return max(row[0], 0) if row else 0


def costs(base: pa.Table, contacts: Floats, rules: CostRules) -> Floats:
    """To win (when the first purchase lies within the 52 weeks) and to keep."""
    bought, gave_back, age = (arrow.plain(base[name]) for name in ("year_orders", "year_returns", "age"))
    return np.asarray(
        np.round(contacts + bought * rules.order + gave_back * rules.giving_back + (age < YEAR) * rules.winning, 2),
        dtype=np.float64,
    )


def placed(columns: Mapping[str, Floats], cuts: Mapping[str, float] | None = None) -> ValueMatrix:
    return value_matrix(columns["cost"], columns["profit"], columns["clv"], cuts=cuts)
