"""The five tests a segment must pass before anybody works with it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.lifetime.triples import BadInput
from zhike_insight.segments.clusters import Rule

# test → the least figure that passes
SEGMENT_TESTS: Mapping[str, float] = {
    "relevant": 0.2, "described": 0.6, "large": 0.02, "reachable": 0.3, "profitable": 0.0, "stable": 0.6
}  # fmt: skip


def segment_tests(
    labels: Any, *, goal: Any = None, rules: Sequence[Rule] | None = None, reachable: Any = None, profit: Any = None,
    stability: float | None = None, least: Mapping[str, float] = SEGMENT_TESTS,
) -> pa.Table:  # fmt: skip
    """Figures, pass or fail, of each segment in each test for which there is something to judge by.

    Parameters
    ----------
    labels : array of int, shape (n,)
    goal : array, shape (n,), optional
        What the segments are for: spend, response, satisfaction …
    rules : sequence of Rule, optional
        As `describe` gives them.
    reachable : array of 0/1, shape (n,), optional
        Consented, and with a channel.
    profit : array, shape (n,), optional
        Expected margin of a customer less what it costs to work with them; money.
    stability : float, optional
        As `stability` gives it, of all segments together.
    least : mapping of str to float
        Least figure that passes.

    Returns
    -------
    Arrow table, ordered by segment and test
        `segment`, `test`, `figure`, `least`, `passed`. The figures: *relevant* distance of the segment's mean of the goal
        from that of all
        others, in standard deviations (Cohen's d, without sign); *described* F1 of its rule; *large* its share of customers;
        *reachable* the share who can be reached; *profitable* mean profit of a customer; *stable* the adjusted Rand index.

    Raises
    ------
    BadInput
        There is no customer, or lengths differ.

    Notes
    -----
    After Kotler & Keller (measurable, substantial, accessible, differentiable, actionable), in figures. The cuts are
    conventions: .2 is a
    small effect (Cohen 1988), .6 see `stability`.

    Examples
    --------
    >>> table = segment_tests([0, 0, 0, 1], profit=[5, 5, 5, -1])
    >>> [(row["segment"], row["test"], row["passed"]) for row in table.to_pylist()]
    [(0, 'large', True), (0, 'profitable', True), (1, 'large', True), (1, 'profitable', False)]
    """
    y = np.asarray(labels)
    if not len(y):
        raise BadInput("there is no customer")
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in _given(goal, reachable, profit).items()}
    wrong = [name for name, values in columns.items() if values.shape != y.shape]
    if wrong:
        raise BadInput(f"{wrong[0]} must be as long as the labels")
    by_rule = {rule.segment: _f1(rule) for rule in rules or ()}
    rows = []
    for segment in np.unique(y).tolist():
        inside = y == segment
        figures = {"large": float(inside.mean())}
        if "goal" in columns:
            figures["relevant"] = _distance(columns["goal"], inside)
        if rules is not None:
            figures["described"] = by_rule.get(segment, 0.0)
        for name, test in (("reachable", "reachable"), ("profit", "profitable")):
            if name in columns:
                figures[test] = float(np.nanmean(columns[name][inside])) if np.isfinite(columns[name][inside]).any() else 0.0
        if stability is not None:
            figures["stable"] = float(stability)
        rows += [
            {
                "segment": int(segment), "test": test, "figure": figures[test], "least": float(least[test]),
                "passed": bool(figures[test] > least[test] if test == "profitable" else figures[test] >= least[test]),
            }
            for test in SEGMENT_TESTS if test in figures
        ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _given(goal: Any, reachable: Any, profit: Any) -> dict[str, Any]:
    return {name: values for name, values in (("goal", goal), ("reachable", reachable), ("profit", profit)) if values is not None}


def _f1(rule: Rule) -> float:
    return 2 * rule.precision * rule.recall / (rule.precision + rule.recall)


def _distance(goal: Any, inside: Any) -> float:
    known = np.isfinite(goal)
    mine, others = goal[inside & known], goal[~inside & known]
    if len(mine) < 2 or len(others) < 2:
        return 0.0
    pooled = np.sqrt(((len(mine) - 1) * mine.var(ddof=1) + (len(others) - 1) * others.var(ddof=1)) / (len(mine) + len(others) - 2))
    apart = abs(float(mine.mean() - others.mean()))
    return float(apart / pooled) if pooled > 0 else (0.0 if apart == 0 else float("inf"))
