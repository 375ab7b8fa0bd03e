"""Compares those acted on with those held back: what they bought, whether they were alike before, whom it changed most."""

import datetime
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import zhike_insight as zi
from zhike.value.analyses.effect import gathering
from zhike.value.analyses.effect.gathering import Floats, Trial, Words
from zhike.value.analyses.effect.kind import DIMENSIONS, LEAST, SILENCES, VISITS, Options
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress

SHORTEST = 7  # days watched
WEEKS_BEFORE = 8
LEAST_OF_VALUE, MOST_VALUES = 20, 8  # customers of either group of whom something is said; values of a dimension
LEARNED_FROM = 100_000
LEAST_TO_LEARN = 50  # who bought, and who did not, in either group
IN_ORDER = {"silence": SILENCES, "visits": VISITS}
BALANCED = ("silence", "visits", "revenue", "lately", "tenure")


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    day = datetime.date.fromisoformat(options.day)
    watched = min(options.days, (material.as_of - day).days + 1)
    if watched < SHORTEST:
        raise TooLittle
    until = day + datetime.timedelta(days=watched)
    trial = gathering.gathered(material, options, day, until)
    if min(int(trial.treated.sum()), int((~trial.treated).sum())) < LEAST:
        raise TooLittle
    progress(3, 10)
    bought = trial.of["orders"] > 0
    record = gathering.of_record(material, trial)
    values = record | {
        "rfm": gathering.rfm_before(material, trial, day), "silence": gathering.silence_band(trial.of["silence"]),
        "visits": gathering.visits_band(trial.of["visits"]),
    }  # fmt: skip
    progress(6, 10)
    told, gain = _learned(trial, bought, record)
    progress(9, 10)
    report = _brought(trial, bought, options) | {
        "treated": options.treated, "control": options.control, "day": options.day, "days": options.days, "watched": watched,
        "in_both": trial.in_both, "balance": _balance(trial), "by": _by(trial, bought, values), "model": told,
        "weeks": gathering.weeks(material, trial, day, until, WEEKS_BEFORE),
    }  # fmt: skip
    return Outcome(report, _findings(material, trial, bought, gain))


def _brought(trial: Trial, bought: NDArray[np.bool_], options: Options) -> dict[str, Any]:
    """Share of buyers, orders, revenue and margin: of one customer, and of all who were acted on."""
    w = trial.treated
    n, m = int(w.sum()), int((~w).sum())
    alone = float(bought[~w].mean())
    margin = _gain(trial, "earned", "margin_lately")
    spent = n * options.cost
    return {
        "sizes": {"treated": n, "control": m}, "bought": {"treated": float(bought[w].mean()), "control": alone},
        "lift": _told(zi.lift_over_control(int(bought[w].sum()), n, int(bought[~w].sum()), m), 1),
        "visible": zi.smallest_visible_lift(n, m, alone),
        "orders": {"treated": float(trial.of["orders"][w].mean()), "control": float(trial.of["orders"][~w].mean())},
        "revenue": _gain(trial, "spent", "lately"), "margin": margin, "cost": options.cost, "costs": spent,
        "net": {name: value - spent for name, value in margin["all"].items()},
    }  # fmt: skip


def _gain(trial: Trial, after: str, before: str) -> dict[str, Any]:
    """Of one customer as it is, and allowing for what each brought before; the latter times those acted on."""
    w, now, then = trial.treated, trial.of[after], trial.of[before]
    plain = zi.gain_over_control(now[w], now[~w])
    allowing = zi.gain_over_control(now[w], now[~w], before=(then[w], then[~w]))
    return {
        "treated": float(now[w].mean()), "control": float(now[~w].mean()), "plain": _told(plain, 1), "each": _told(allowing, 1),
        "all": _told(allowing, int(w.sum())),
    }  # fmt: skip


def _told(found: zi.Estimate, times: int) -> dict[str, float]:
    return {"value": found.value * times, "low": found.low * times, "high": found.high * times}


def _balance(trial: Trial) -> list[dict[str, Any]]:
    """Whether the groups were alike; amounts by their logarithm, because a few large ones say little."""
    given = {name: trial.of[name] for name in BALANCED}
    scaled = {name: np.log1p(np.maximum(v, 0)) if name in ("revenue", "lately") else v for name, v in given.items()}
    rows = []
    for one in zi.standardised_differences(scaled, trial.treated):
        if np.isnan(one.treated):
            continue
        means = (float(np.nanmean(given[one.feature][side])) for side in (trial.treated, ~trial.treated))
        rows.append({
            "feature": one.feature, **dict(zip(("treated", "control"), means, strict=True)),
            "difference": float(np.clip(one.difference, -9, 9)), "by_chance": one.by_chance, "differs": one.differs,
        })  # fmt: skip
    return rows


def _by(trial: Trial, bought: NDArray[np.bool_], values: dict[str, Words]) -> dict[str, list[dict[str, Any]]]:
    """The lift of each value of a dimension with enough in either group. `sure`: it holds for as many comparisons as are made."""
    found: dict[str, list[Any]] = {}
    for name in DIMENSIONS:
        codes, counts = np.unique(values[name], return_counts=True)
        frequent = codes[np.argsort(-counts, kind="stable")][:MOST_VALUES].tolist()
        if name in IN_ORDER:
            frequent.sort(key=list(IN_ORDER[name]).index)
        parts = [(code, values[name] == code) for code in frequent]
        found[name] = [(code, _counts(trial, bought, part)) for code, part in parts]
        found[name] = [(code, of) for code, of in found[name] if min(of[1], of[3]) >= LEAST_OF_VALUE]
    compared = max(sum(map(len, found.values())), 1)
    return {name: [_row(code, of, compared) for code, of in rows] for name, rows in found.items() if len(rows) > 1}


def _counts(trial: Trial, bought: NDArray[np.bool_], part: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    there, alone = part & trial.treated, part & ~trial.treated
    return int(bought[there].sum()), int(there.sum()), int(bought[alone].sum()), int(alone.sum())


def _row(code: str, of: tuple[int, int, int, int], compared: int) -> dict[str, Any]:
    won, n, won_alone, m = of
    lift, strict = zi.lift_over_control(*of), zi.lift_over_control(*of, confidence=1 - 0.05 / compared)
    return {
        "code": str(code), "treated": n, "control": m, "share_treated": won / n, "share_control": won_alone / m,
        "lift": lift.value, "low": lift.low, "high": lift.high, "sure": bool(strict.low > 0 or strict.high < 0),
    }  # fmt: skip


def _learned(trial: Trial, bought: NDArray[np.bool_], record: dict[str, Words]) -> tuple[dict[str, Any], Floats]:
    """Whom it changed most, judged on unseen customers; and what each would gain, where that order is better than a lot."""
    nobody = np.full(len(bought), np.nan)
    cells = [int((bought[side] == one).sum()) for side in (trial.treated, ~trial.treated) for one in (True, False)]
    if min(cells) < LEAST_TO_LEARN:
        return {"problem": "too_few", "least": LEAST_TO_LEARN}, nobody
    given: dict[str, Any] = {name: trial.of[name] for name in ("silence", "visits", "lately", "tenure")}
    given |= {name: np.log1p(np.maximum(trial.of[name], 0)) for name in ("revenue", "lately")}
    given |= {name: record[name] for name in ("kind", "source") if len(set(record[name].tolist())) > 1}
    given = {name: v for name, v in given.items() if v.dtype.kind == "U" or np.nanmax(v) > np.nanmin(v)}
    rows = np.sort(np.random.default_rng(0).permutation(len(bought))[:LEARNED_FROM])
    some = {name: values[rows] for name, values in given.items()}
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of folds without a rare value
        try:
            model = zi.UpliftModel().fit(some, trial.treated[rows], bought[rows])
        except (zi.NotEnoughData, zi.BadInput):
            return {"problem": "too_few", "least": LEAST_TO_LEARN}, nobody
        gain = model.predict_uplift(given)
    told = {
        "bands": [{name: round(float(value), 4) for name, value in band.items()} for band in model.bands_],
        "curve": [[share, round(value, 5)] for share, value in model.curve_], "qini": model.qini_, "low": model.qini_low_,
        "high": model.qini_high_, "auc": model.balance_, "drivers": [[name, round(v, 3)] for name, v in model.drivers_],
        "sure": model.qini_low_ > 0, "learned_from": len(rows),
    }  # fmt: skip
    return told, gain if model.qini_low_ > 0 else nobody


def _findings(material: Material, trial: Trial, bought: NDArray[np.bool_], gain: Floats) -> pa.Table:
    acted = np.where(trial.treated, "acted", "held")
    group = np.char.add(acted, np.where(bought, "_bought", "_not"))
    columns = {
        "customer_id": trial.customers, "group": group, "value": np.round(gain, 4), "spent": np.round(trial.of["spent"], 2),
        "orders": trial.of["orders"],
    }  # fmt: skip
    return findings(material.con, columns, "{spent: spent, orders: orders}")
