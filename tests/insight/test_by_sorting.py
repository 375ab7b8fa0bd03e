"""Summaries by a sort in memory are the summaries of the two groupings, on whatever the table holds."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

import zhike_insight as zi
from zhike_insight import by_sorting, tables

AS_OF = date(2025, 12, 31)
RNG = np.random.default_rng(5)
ROWS = 3000


def orders(ids, *, days=400, returns=0.1, margins=0.7):
    """Several orders a day, some returned, some of unknown margin, some unusable, some later than the day asked for."""
    amount = np.round(RNG.gamma(2, 40, ROWS), 2)
    amount[RNG.random(ROWS) < returns] *= -1
    amount[:3] = np.nan, np.inf, 0
    day = pa.array((20089 + days * RNG.random(ROWS)).astype(np.int32), pa.int32(), mask=RNG.random(ROWS) < 0.01)
    margin = pa.array(amount * 0.3, mask=RNG.random(ROWS) >= margins)
    found = {"customer_id": ids, "date": day.cast(pa.date32()), "amount": amount}
    return pa.table(found | ({"margin": margin} if margins is not None else {}))


SHOPPERS = (RNG.random(ROWS) ** 2 * 700).astype(np.int64)
TABLES = {
    "whole numbers": orders(SHOPPERS),
    "with gaps": orders(SHOPPERS * 10**15 - 3),
    "below zero": orders(SHOPPERS - 300),
    "from a million on": orders(SHOPPERS + 10**6),
    "unsigned": orders(SHOPPERS.astype(np.uint64) + 2**63),
    "texts": orders(pa.array([None if n == 9 else f"客户{n}" for n in SHOPPERS])),
    "no margin known": orders(SHOPPERS, margins=0),
    "every margin known": orders(SHOPPERS, margins=1),
    "returns only": orders(SHOPPERS, returns=1),
    "no return": orders(SHOPPERS, returns=0),
    "four thousand years": orders(SHOPPERS, days=-4000 * 365),
    "many texts of four thousand years": orders(pa.array([f"客户{n // 2}" for n in range(ROWS)]), days=-4000 * 365),
    "one customer": orders(np.zeros(ROWS, np.int32)),
    "one day": orders(SHOPPERS, days=0),
    "nothing": orders(SHOPPERS).slice(0, 0),
}


@pytest.fixture(scope="module")
def connection():
    return zi.connect()


@pytest.fixture
def bound(connection):
    """Puts rows into DuckDB."""

    def put(rows):
        connection.con.register("given", rows)
        connection.con.execute("CREATE OR REPLACE TABLE orders AS FROM given")
        return zi.transactions(connection.table("orders"))

    return put


def by_customer(found):
    return found.to_pyarrow().sort_by("customer_id")


@pytest.mark.parametrize(("name", "rate"), [*((name, None) for name in TABLES), ("whole numbers", 0.25), ("no margin known", 0.25)])
def test_both_ways_agree(bound, name, rate, monkeypatch):
    sorted_ = by_customer(zi.summaries(bound(TABLES[name]), AS_OF, margin_rate=rate))
    monkeypatch.setattr(tables, "MOST_SORTED", -1)
    grouped = by_customer(zi.summaries(bound(TABLES[name]), AS_OF, margin_rate=rate))
    assert sorted_.schema == grouped.schema
    for column in grouped.column_names:
        one, other = sorted_[column], grouped[column]
        if pa.types.is_floating(one.type):
            assert one.is_valid() == other.is_valid(), column
            np.testing.assert_allclose(one.to_numpy(), other.to_numpy(), rtol=1e-9, atol=1e-9, err_msg=column)
        else:
            assert one == other, column


def test_only_what_duckdb_holds_is_sorted(bound, monkeypatch):
    asked = []
    monkeypatch.setattr(tables, "sums_of_customers", lambda *given: asked.append(given) or by_sorting.sums_of_customers(*given))
    rows = TABLES["whole numbers"]
    zi.summaries(bound(rows), AS_OF)
    assert len(asked) == 1
    zi.summaries(zi.transactions(rows), AS_OF)  # in memory: an expression
    zi.summaries(bound(rows.append_column("order_id", rows["customer_id"])), AS_OF)  # orders of several lines
    monkeypatch.setattr(tables, "MOST_SORTED", 100)
    zi.summaries(bound(rows), AS_OF)  # too many for the memory
    assert len(asked) == 1
