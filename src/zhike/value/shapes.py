"""Pictures as numbers: whale curve, spread, movement. Values in, values out."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 100
BINS_PER_DECADE = 4


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
        np.floor(np.log10(max(np.quantile(positive, 0.01), 1.0)) * BINS_PER_DECADE),
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
