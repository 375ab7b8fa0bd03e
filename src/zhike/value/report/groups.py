"""Counts and sums by grade, stage, class and score."""

from typing import Any

import duckdb
import numpy as np

from zhike.value.rules import RARELY_ALIVE

BY = {
    "grade": "grade",
    "stage": "stage",
    "rfm_class": "rfm_class",
    "segment": "segment",
    "treatment": "treatment",
    "grid": "r_score, f_score",
}
SUMS = """count(*) AS customers, coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue,
          coalesce(sum(margin), 0) AS margin, coalesce(sum(clv), 0) AS clv, coalesce(sum(expected_orders), 0) AS expected_orders,
          coalesce(sum(cost), 0) AS cost, coalesce(sum(profit), 0) AS profit"""

AT_RISK = f"""SELECT stage, sum(clv) AS value,
    sum(CASE WHEN p_alive >= {RARELY_ALIVE} THEN clv * (1 - p_alive) / p_alive ELSE 0 END) AS risk
    FROM scores WHERE frequency > 0 AND clv > 0 GROUP BY stage ORDER BY stage"""  # noqa: S608  a number of ours


def breakdowns(con: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """For each grouping its rows: the group's code (or scores), number of customers and sums."""
    queries = {name: f"SELECT {columns}, {SUMS} FROM scores GROUP BY ALL ORDER BY ALL" for name, columns in BY.items()}  # noqa: S608  from above
    return {name: rows(con, query) for name, query in queries.items()}


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else int(value) if isinstance(value, np.integer) else value
