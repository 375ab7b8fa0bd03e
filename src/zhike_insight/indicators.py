"""Nine indicators of what a customer is worth, in three pillars: present, future, social."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhike_insight.lifetime.triples import BadInput

Floats = npt.NDArray[np.float64]
PILLARS: Mapping[str, tuple[str, ...]] = {
    "present": ("profit", "volume", "cost"), "future": ("credit", "loyalty", "trust"),
    "social": ("innovation", "network", "interaction"),
}  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """One column that speaks for an indicator.

    Attributes
    ----------
    indicator : str
        One of the nine in `PILLARS`.
    column : str
        Of the table; missing values are nan or null.
    weight : float
        Beside the other evidence of the indicator.
    more_is_better : bool
    """

    indicator: str
    column: str
    weight: float = 1.0
    more_is_better: bool = True


def nine_indicators(table: pa.Table, evidence: list[Evidence], *, weights: Mapping[str, float] | None = None) -> pa.Table:
    """Nine scores of 0 to 100 for each customer, the pillars and the total, each with its confidence.

    Parameters
    ----------
    table : Arrow table
        A row for each customer: `customer`, and the columns of the evidence (numbers; a column that is not there is missing for
        everybody).
    evidence : list of Evidence
    weights : mapping, optional
        Indicator → weight in its pillar and in the total, 1 where not given; 0 leaves it out.

    Returns
    -------
    Arrow table
        `customer`; for each indicator `<name>` (0–100, null without evidence) and `<name>_confidence` (0–1: the weight of its
        evidence that is known); the same for "present", "future", "social" and "total", which are means by weight of the indicators
        that are known.

    Raises
    ------
    BadInput
        There is no `customer` column, an indicator is unknown, a weight is negative or all are 0.

    Notes
    -----
    A column is scored by the share of customers with a worse value, stretched so that the best have 100 and the worst 0; equal
    values have equal scores, and where all known values are alike everybody has 50. Missing evidence lowers the confidence and
    leaves the score to what is known. Source of the nine: the value of a customer beyond money in customer relationship textbooks.

    Examples
    --------
    >>> customers = pa.table({"customer": [1, 2, 3], "margin": [10.0, 20.0, None], "returns": [0.0, 0.5, 0.0]})
    >>> found = nine_indicators(customers, [Evidence("profit", "margin"), Evidence("credit", "returns", more_is_better=False)])
    >>> found.select(["profit", "credit", "total", "total_confidence"]).to_pylist()[2]
    {'profit': None, 'credit': 100.0, 'total': 100.0, 'total_confidence': 0.1111111111111111}
    """
    names = [name for pillar in PILLARS.values() for name in pillar]
    by_weight = _weights(names, weights or {})
    if "customer" not in table.column_names:
        raise BadInput("the table needs a column customer")
    wrong = [one.indicator for one in evidence if one.indicator not in names or one.weight < 0]
    if wrong:
        raise BadInput(f"{wrong[0]} is none of the nine indicators, or its weight is negative")
    texts = [one.column for one in evidence if one.column in table.column_names and not _holds_numbers(table[one.column].type)]
    if texts:
        raise BadInput(f"column {texts[0]} must hold numbers")
    scores, sure = {}, {}
    for name in names:
        scores[name], sure[name] = _indicator(table, [one for one in evidence if one.indicator == name])
    columns = {"customer": table["customer"]}
    for name in names:
        columns |= {name: _nullable(scores[name]), f"{name}_confidence": pa.array(sure[name])}
    for name, parts in {**PILLARS, "total": tuple(names)}.items():
        mean, confidence = _mean([(scores[one], sure[one], by_weight[one]) for one in parts], table.num_rows)
        columns |= {name: _nullable(mean), f"{name}_confidence": pa.array(confidence)}
    return pa.table(columns)


def _holds_numbers(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_null)
    return any(test(kind) for test in tests)


def _weights(names: list[str], given: Mapping[str, float]) -> dict[str, float]:
    wrong = [name for name in given if name not in names]
    if wrong:
        raise BadInput(f"{wrong[0]} is none of the nine indicators")
    found = {name: float(given.get(name, 1.0)) for name in names}
    if not all(np.isfinite(value) and value >= 0 for value in found.values()) or not any(found.values()):
        raise BadInput("weights must not be negative, and one must be above 0")
    return found


def _indicator(table: pa.Table, evidence: list[Evidence]) -> tuple[Floats, Floats]:
    """Score and confidence; nothing speaks for an indicator without evidence."""
    rows = table.num_rows
    parts = []
    for one in evidence:
        known = one.column in table.column_names
        values = table[one.column].cast(pa.float64()).to_numpy() if known else np.full(rows, np.nan)
        score = _worse(values if one.more_is_better else -values)
        parts.append((score, np.isfinite(score).astype(np.float64), one.weight))
    return _mean(parts, rows)


def _worse(values: Floats) -> Floats:
    """The share of the known values that are worse, stretched to 0–100."""
    known = np.isfinite(values)
    score = np.full(len(values), np.nan)
    if not known.any():
        return score
    ordered = np.sort(values[known])
    below = np.searchsorted(ordered, values[known], side="left")
    most = np.searchsorted(ordered, ordered[-1], side="left")
    score[known] = 100.0 * below / most if most else 50.0
    return score


def _mean(parts: list[tuple[Floats, Floats, float]], rows: int) -> tuple[Floats, Floats]:
    """Mean of the known scores by weight, and the mean of the confidences by weight, missing ones counting 0."""
    total = sum(weight for _score, _sure, weight in parts)
    if not parts or not total:
        return np.full(rows, np.nan), np.zeros(rows)
    known = sum(np.isfinite(score) * weight for score, _sure, weight in parts)
    added = sum(np.nan_to_num(score) * weight for score, _sure, weight in parts)
    sure = sum(confidence * weight for _score, confidence, weight in parts)
    mean = np.divide(added, known, out=np.full(rows, np.nan), where=np.asarray(known) > 0)
    return mean, np.asarray(sure, dtype=np.float64) / total


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=~np.isfinite(values))
