"""What customers cost, bring now and will bring: eight cells with a treatment each."""

import datetime
from collections.abc import Mapping
from dataclasses import asdict

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

CONTACTS = """
    SELECT array_send(array_agg(customer_id)), array_send(array_agg(hundredths))
    FROM (SELECT customer_id, (100 * sum((%(prices)s::jsonb ->> kind)::numeric))::bigint AS hundredths
          FROM zhike_interaction
          WHERE state = 'done' AND at > %(start)s AND at <= %(end)s AND %(prices)s::jsonb ? kind
            AND (%(some)s::bigint[] IS NULL OR customer_id = ANY(%(some)s))
          GROUP BY customer_id ORDER BY customer_id) rows
"""


def sides(base: pa.Table, rules: CostRules, as_of: datetime.date, *, only: bool = False) -> dict[str, Floats]:
    """Cost and present profit of each customer. `only`: read only the contacts of these, for a few customers."""
    customers = arrow.plain(base["customer_id"]).astype(np.int64)
    contacts = contact_costs(customers, rules, as_of, only=only)
    return {"cost": costs(base, contacts, rules), "profit": np.round(np.round(arrow.plain(base["year_margin"]), 6), 2)}


def contact_costs(customers: NDArray[np.int64], rules: CostRules, as_of: datetime.date, *, only: bool = False) -> Floats:
    """What the contacts of 52 weeks with each of these (sorted ids) cost; 0 where none is recorded. `only`: read only theirs."""
    from psycopg.types.json import Jsonb

    end = datetime.datetime.combine(as_of + datetime.timedelta(1), datetime.time(), timezone.get_default_timezone())
    prices = {name: price for name, price in asdict(rules).items() if name not in NOT_A_CONTACT}
    values = {
        "prices": Jsonb(prices), "start": end - datetime.timedelta(YEAR), "end": end, "some": customers.tolist() if only else None,
    }  # fmt: skip
    connection.ensure_connection()
    row = psycopg.Cursor(connection.connection).execute(CONTACTS, values, binary=True).fetchone()
    if row is None or row[0] is None:
        return np.zeros(len(customers))
    known, hundredths = (numbers(packed) for packed in row)
    place = np.minimum(np.searchsorted(known, customers), len(known) - 1)
    return np.where(known[place] == customers, hundredths[place] / 100, 0.0)


def costs(base: pa.Table, contacts: Floats, rules: CostRules) -> Floats:
    """To win (when the first purchase lies within the 52 weeks) and to keep."""
    bought, gave_back, age = (arrow.plain(base[name]) for name in ("year_orders", "year_returns", "age"))
    return np.asarray(
        np.round(contacts + bought * rules.order + gave_back * rules.giving_back + (age < YEAR) * rules.winning, 2),
        dtype=np.float64,
    )


def placed(columns: Mapping[str, Floats], cuts: Mapping[str, float] | None = None) -> ValueMatrix:
    return value_matrix(columns["cost"], columns["profit"], columns["clv"], cuts=cuts)
