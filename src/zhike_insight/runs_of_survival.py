"""How long customers stay, from a table of contracts, as the command line runs it: a table and a result of plain data."""

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.lifetime.discrete import ShiftedBetaGeometric
from zhike_insight.lifetime.triples import Floats, NotEnoughData
from zhike_insight.runs import outcome_of, plain
from zhike_insight.runs_of_features import _column, _names
from zhike_insight.survival import CoxModel, concordance, kaplan_meier

FOLDS = 5
AHEAD = 5  # renewals foretold


def survival_run(
    features: dict[str, Any], duration: str, target: str, positive: str | None = None, *, discount: float = 0.1, seed: int = 0
) -> tuple[pa.Table, dict[str, Any]]:
    """How long customers stay, and what makes them leave sooner.

    Returns
    -------
    (Arrow table, dict)
        `row` (from 1), `duration`, `left`, `risk` (factor on the rate of leaving; 1 without features); {"rows", "left", "positive",
        "median": time by which half have left or None, "curve": the rows of `kaplan_meier`, "drivers": factor, interval and p of
        each feature, the surest first, "concordance": on rows not seen, "left_out": columns that nearly all differ}, and where all
        began together and durations are numbers of renewals, "contract": the shifted beta-geometric model with "retention" of the
        renewals to come and "residual_periods", discounted at `discount` a renewal.

    Raises
    ------
    ValueError
        There is no such column, the durations are no numbers, or `target` does not hold two values.
    """
    t = _column(features, duration)
    if t.dtype == object:
        raise ValueError(f"{duration!r} must be numbers")
    left, positive = outcome_of(features, target, positive)
    curve = kaplan_meier(t, left)
    result: dict[str, Any] = {
        "rows": len(t), "left": int(left.sum()), "positive": positive, "curve": curve.to_pylist(),
        "median": next((row["time"] for row in curve.to_pylist() if row["survival"] <= 0.5), None),
    }  # fmt: skip
    left_out = _names(features, but=target)
    used = {name: values for name, values in features.items() if name not in (duration, target, *left_out)}
    X, names = _indicators(used)
    risk = np.ones(len(t))
    if names:
        model = CoxModel(l2=1.0).fit(X, t, left)
        risk = model.risk(X)
        result |= {"drivers": _drivers(model, names), "concordance": _honest(X, t, left, seed)}
    result["left_out"] = left_out
    if (active := _cohort(t, left)) is not None:
        result["contract"] = _contract(active, discount)
    table = pa.table({"row": np.arange(1, len(t) + 1), "duration": t, "left": left.astype(bool), "risk": risk})
    return table, plain(result)


def _indicators(features: dict[str, Any]) -> tuple[Floats, list[str]]:
    """Numbers as they are (missing: the median), of texts one column for each value but the most frequent; all of them vary."""
    columns: dict[str, Floats] = {}
    for name, values in features.items():
        if values.dtype != object:
            known = values[np.isfinite(values)]
            columns[name] = np.where(np.isfinite(values), values, np.median(known) if len(known) else 0.0)
            continue
        texts = values.astype(str)
        found, counts = np.unique(texts, return_counts=True)
        usual = found[np.argmax(counts)]
        columns |= {f"{name}={value}": (texts == value).astype(np.float64) for value in found if value != usual}
    kept = {name: column for name, column in columns.items() if column.std() > 0}
    return np.column_stack(list(kept.values())) if kept else np.empty((0, 0)), list(kept)


def _drivers(model: CoxModel, names: list[str]) -> list[dict[str, Any]]:
    b, wide = model.coefficients_, 1.96 * model.standard_errors_
    figures = (np.exp(b).tolist(), np.exp(b - wide).tolist(), np.exp(b + wide).tolist(), model.p_values_.tolist())
    found = [dict(zip(("feature", "factor", "low", "high", "p"), row, strict=True)) for row in zip(names, *figures, strict=True)]
    return sorted(found, key=lambda row: float(row["p"]))


def _honest(X: Floats, t: Floats, left: Floats, seed: int) -> float | None:
    """Concordance of rows that the model has not seen; pairs are compared within a fold."""
    fold = np.random.default_rng(seed).permutation(len(t)) % FOLDS
    scores = []
    for i in range(FOLDS):
        inside, outside = fold != i, fold == i
        try:
            model = CoxModel(l2=1.0).fit(X[inside], t[inside], left[inside])
        except NotEnoughData:
            return None
        scores.append(concordance(t[outside], left[outside], model.risk(X[outside])))
    return float(np.mean(scores))


def _cohort(t: Floats, left: Floats) -> Floats | None:
    """Those still there at the start and after each renewal, if all began together: whoever is still there, is at the last one."""
    last = t.max()
    if last < 2 or (t != np.round(t)).any() or t.min() < 1 or (t[left == 0] != last).any() or not left.any():
        return None
    return np.asarray([len(t) - ((left == 1) & (t <= k)).sum() for k in range(int(last) + 1)], dtype=np.float64)


def _contract(active: Floats, discount: float) -> dict[str, Any]:
    model = ShiftedBetaGeometric().fit(active)
    renewed = len(active) - 1
    ahead = np.arange(renewed + 1, renewed + 1 + AHEAD)
    return {
        "alpha": model.alpha_, "beta": model.beta_, "log_likelihood": model.log_likelihood_, "active": active.tolist(),
        "retention": [{"renewal": int(n), "share": float(share)} for n, share in zip(ahead, model.retention(ahead), strict=True)],
        "residual_periods": float(model.expected_residual_periods(renewed, discount=discount)), "discount": discount,
    }  # fmt: skip
