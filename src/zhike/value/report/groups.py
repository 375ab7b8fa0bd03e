"""Counts and sums by grade, stage, class and score, the whale curve, the spread of the lifetime values."""

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BY = {"grade": "grade", "stage": "stage", "rfm_class": "rfm_class", "segment": "segment", "grid": "r_score, f_score"}
SUMS = """count(*) AS customers, coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue,
          coalesce(sum(margin), 0) AS margin, coalesce(sum(clv), 0) AS clv, coalesce(sum(expected_orders), 0) AS expected_orders"""
POINTS = 100
BINS_PER_DECADE = 4


def breakdowns(con: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """For each grouping its rows: the group's code (or scores), number of customers and sums."""
    queries = {name: f"SELECT {columns}, {SUMS} FROM scores GROUP BY ALL ORDER BY ALL" for name, columns in BY.items()}  # noqa: S608  from above
    return {name: rows(con, query) for name, query in queries.items()}


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall()]


def whale_curve(contribution: Floats) -> list[list[float]]:
    """Cumulative share of the contribution by the best x per cent of the customers: [per cent of customers, share of the total].

    With customers who cost money the curve rises above one before it falls to it.
    """
    total = float(contribution.sum())
    if not len(contribution) or total <= 0:
        return []
    reached = np.cumsum(np.sort(contribution)[::-1]) / total
    places = np.maximum(np.ceil(np.arange(1, POINTS + 1) / POINTS * len(reached)).astype(int) - 1, 0)
    return [[0.0, 0.0], *([float(k), round(float(reached[place]), 5)] for k, place in enumerate(places, 1))]


def spread(values: Floats) -> list[dict[str, float]]:
    """Histogram of the positive values over equal steps of their logarithm."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return []
    low, high = (
        np.floor(np.log10(max(np.quantile(positive, 0.001), 0.01)) * BINS_PER_DECADE),
        np.log10(positive.max()) * BINS_PER_DECADE,
    )
    edges = 10 ** (np.arange(low, np.floor(high) + 2) / BINS_PER_DECADE)
    counts, _ = np.histogram(np.maximum(positive, edges[0]), edges)
    return [
        {"from": round(float(start), 2), "to": round(float(end), 2), "customers": int(count)}
        for start, end, count in zip(edges, edges[1:], counts, strict=False)
    ]


def movement(before: NDArray[np.int64], after: NDArray[np.int64], names: list[str]) -> dict[str, dict[str, int]]:
    """How many went from where to where: {before: {after: customers}}; before "" were not there, after "" have none."""
    labels = ["", *names]
    pairs = np.bincount((before + 1) * len(labels) + after + 1, minlength=len(labels) ** 2).reshape(len(labels), len(labels))
    return {
        labels[i]: {labels[j]: int(pairs[i, j]) for j in range(len(labels)) if pairs[i, j]}
        for i in range(len(labels))
        if pairs[i].any()
    }


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else int(value) if isinstance(value, np.integer) else value
