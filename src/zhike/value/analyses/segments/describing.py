"""What the segments are like: traits, rules, tests, pictures; and which of them were there last time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

import zhike_insight as zi
from zhike.value.analyses.segments.clustering import Clustered, Floats

SAME = 0.8  # mean distance in standard units below which a segment counts as the one of last time
POINTS = 900
CLEAR = 0.35  # standard units from everybody's mean, from which a trait is worth a word
MOST_TRAITS = 4


def matched(found: Clustered, previous: Mapping[str, Any]) -> list[str]:
    """A code for each segment: the one of last time where the same features meet in nearly the same centre, else a new one."""
    from scipy.optimize import linear_sum_assignment

    before = previous.get("segments", []) if previous.get("features") == found.columns else []
    centres = _centres(found)
    codes: list[str] = [""] * found.k
    if before:
        known = np.array([[one["z"][name] for name in found.columns] for one in before])
        apart = np.sqrt(((centres[:, None] - known[None]) ** 2).mean(axis=2))
        for mine, theirs in zip(*linear_sum_assignment(apart), strict=True):
            if apart[mine, theirs] < SAME:
                codes[mine] = str(before[theirs]["code"])
    highest = max([0, *(int(one["code"]) for one in previous.get("segments", []))])
    for at, code in enumerate(codes):
        if not code:
            highest += 1
            codes[at] = str(highest)
    return codes


def segments(found: Clustered, codes: list[str], rules: list[zi.Rule], tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest first."""
    centres, of_rule = _centres(found), {rule.segment: rule for rule in rules}
    rows = []
    for at, code in enumerate(codes):
        inside = found.labels == at
        rule = of_rule.get(at)
        rows.append({
            "code": code, "customers": int(inside.sum()), "share": round(float(inside.mean()), 5),
            "z": {name: round(float(z), 4) for name, z in zip(found.columns, centres[at], strict=True)},
            "mean": {name: round(float(x), 4) for name, x in zip(found.columns, _typical(found, inside), strict=True)},
            "traits": _traits(found, centres[at]), "clearness": round(float(found.clearness[inside].mean()), 4),
            "rule": None if rule is None else {
                "conditions": [_condition(found, text) for text in rule.conditions],
                "precision": round(rule.precision, 4), "recall": round(rule.recall, 4),
            },
            "tests": [
                {name: _finite(row[name]) for name in ("test", "figure", "least", "passed")}
                for row in tests
                if row["segment"] == at
            ],
        })  # fmt: skip
    return rows


def middle(found: Clustered) -> dict[str, float]:
    """Of all customers: the median of figures, the share of a category's value."""
    everybody = np.ones(len(found.labels), dtype=bool)
    return {name: round(float(x), 4) for name, x in zip(found.columns, _typical(found, everybody), strict=True)}


def scatter(found: Clustered, codes: list[str]) -> dict[str, Any] | None:
    """Some customers by the two figures that tell the segments apart best."""
    figures = [at for at, name in enumerate(found.columns) if "=" not in name]
    if len(figures) < 2:
        return None
    spread = _centres(found)[:, figures].var(axis=0)
    y, x = (figures[int(at)] for at in np.argsort(-spread, kind="stable")[:2])
    rows = np.random.default_rng(0).permutation(len(found.labels))[:POINTS]
    points = [[round(float(a), 2), round(float(b), 2)] for a, b in found.readable[rows][:, [x, y]]]
    return {
        "x": found.columns[x], "y": found.columns[y],
        "points": [[*point, codes[label]] for point, label in zip(points, found.labels[rows].tolist(), strict=True)],
    }  # fmt: skip


def _centres(found: Clustered) -> Floats:
    """Means of the segments in standard units from everybody's mean, column by column."""
    centred = found.matrix - found.matrix.mean(axis=0)
    scale = found.matrix.std(axis=0)
    centred = centred / np.where(scale > 0, scale, 1.0)
    return np.array([centred[found.labels == at].mean(axis=0) for at in range(found.k)])


def _typical(found: Clustered, inside: Any) -> Floats:
    """The middle of what is known, everybody's where nothing is."""
    shares = np.array(["=" in name for name in found.columns])
    some = found.known[inside]
    some = np.where(np.isfinite(some).any(axis=0), some, found.readable[inside])
    return np.asarray(np.where(shares, np.nanmean(some, axis=0), np.nanmedian(some, axis=0)))


def _traits(found: Clustered, centre: Floats) -> list[list[Any]]:
    """Column and direction of what differs most; of a category only what there is more of."""
    order = np.argsort(-np.abs(centre), kind="stable")
    clear = [int(at) for at in order if abs(centre[at]) >= CLEAR and (centre[at] > 0 or "=" not in found.columns[at])]
    return [[found.columns[at], 1 if centre[at] > 0 else -1] for at in clear[:MOST_TRAITS]]


def _condition(found: Clustered, text: str) -> list[Any]:
    place, sign, cut = text.split(" ")
    return [found.columns[int(place)], sign, float(cut)]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
