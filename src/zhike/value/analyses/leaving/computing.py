"""Learns from the period before last, is judged by the last one, learns again from that, and foretells the next."""

import datetime
import warnings
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import zhike_insight as zi
from zhike.value import arrow
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.leaving.features import Known, asked, known_on, left_after, model_probabilities, of_all
from zhike.value.analyses.leaving.kind import BANDS, LEAST, Options
from zhike.value.analyses.leaving.staying import staying
from zhike.value.analyses.material import Material
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
REASONS = 3
LEARNED_FROM = 100_000  # customers
MONTH = 365.25 / 12
SURELY_GONE = 0.05  # chance to be active below which the lifetime value says nothing of an active customer


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    period = datetime.timedelta(days=options.days)
    last, first = material.as_of - period, material.as_of - 2 * period
    of_all(material, first - period)
    now, then, before = (known_on(material, day, options) for day in (material.as_of, last, first))
    if min(len(now), len(then), len(before)) < LEAST:
        raise TooLittle
    progress(2, 10)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", zi.NotConverged)
        try:
            report = _judged(material, before, then, options)
            progress(6, 10)
            left = left_after(material, then, options)
            names = [name for name in then.features if name in now.features]
            model = _learned(then, names, left, options)
        except (zi.NotEnoughData, zi.BadInput) as problem:
            raise TooLittle from problem
        given = {name: now.features[name] for name in names}
        chance = model.predict_left(given)
        parts = model.reasons(given)
    progress(9, 10)
    lost = _lost(material, now, chance)
    report |= {
        "label": options.label, "days": options.days, "learned_on": last.isoformat(), "customers": len(now),
        "left": float(left.mean()), "learned_from": min(len(then), LEARNED_FROM),
        "kind": model.kind_, "drivers": [[name, round(strength, 4)] for name, strength in model.drivers_],
        "expected": float(chance.sum()), "lost": float(np.nansum(lost)), "survival": _survival(material, options),
        "stays": staying(material, options.days),
    }  # fmt: skip
    return Outcome(report, _findings(material, now, chance, parts, lost))


def _judged(material: Material, before: Known, then: Known, options: Options) -> dict[str, Any]:
    """Learned on what was known two periods ago, asked about the last period, beside what one would do without learning."""
    names = [name for name in before.features if name in then.features]
    model = _learned(before, names, left_after(material, before, options), options)
    chance = model.predict_left({name: then.features[name] for name in names})
    left = left_after(material, then, options)
    gone, expected = model_probabilities(material, then, options)
    rivals = {
        "model": chance, "p_alive": gone, "expected": -expected, "silence": then.features.get("silence", np.zeros(len(then))),
        "ratio": then.features.get("ratio", np.zeros(len(then))),
    }  # fmt: skip
    base = float(left.mean())
    return {
        "tested_on": then.day.isoformat(), "tested": len(then), "test_left": base, "brier": float(np.mean((chance - left) ** 2)),
        "base_brier": base * (1 - base),
        "rivals": [{"name": name, "auc": zi.auc(score, left), "top": _top(score, left)} for name, score in rivals.items()],
        "calibration": [{key: round(value, 4) for key, value in row.items()} for row in zi.calibration(chance, left)],
    }  # fmt: skip


def _learned(known: Known, names: list[str], left: Floats, options: Options) -> zi.ChurnModel:
    """From everybody, or from a sample of very many, which tells as much."""
    rows = np.sort(np.random.default_rng(0).permutation(len(left))[:LEARNED_FROM])
    return zi.ChurnModel(options.method).fit({name: known.features[name][rows] for name in names}, left[rows])


def _top(score: Floats, left: Floats) -> float:
    """Share of those who left among the tenth with the highest score; of equal scores each counts as their mean."""
    _, place, count = np.unique(-score, return_inverse=True, return_counts=True)
    shares = np.repeat(np.bincount(place, left) / count, count)
    return float(shares[: max(1, len(score) // 10)].mean())


def _survival(material: Material, options: Options) -> list[list[float]]:
    """Share still buying by months since the first order; gone is who has been silent for the period."""
    rows = asked(
        material,
        "SELECT date_diff('day', min(date), max(date)) AS lived, date_diff('day', max(date), $day) AS silence FROM orders "
        "WHERE NOT is_return AND amount > 0 GROUP BY customer_id",
        {"day": material.as_of},
    )
    lived, silence = arrow.plain(rows["lived"]), arrow.plain(rows["silence"])
    gone = silence > options.days
    months = np.floor(np.where(gone, lived, lived + silence) / MONTH)
    curve = zi.kaplan_meier(months, gone)
    return [[row["time"], row["survival"], row["low"] or 0.0, row["high"] or row["survival"]] for row in curve.to_pylist()][:60]


def _lost(material: Material, now: Known, chance: Floats) -> Floats:
    """Money that leaves with a customer: what an active one is worth, times the chance."""
    scores = material.scores("clv", "p_alive")
    place = np.minimum(np.searchsorted(scores["customer_id"].to_numpy(), now.customers), scores.num_rows - 1)
    known = scores["customer_id"].to_numpy()[place] == now.customers
    worth, alive = arrow.plain(scores["clv"])[place], arrow.plain(scores["p_alive"])[place]
    return np.where(known & (alive >= SURELY_GONE), chance * worth / np.maximum(alive, SURELY_GONE), np.nan)


def _bands(chance: Floats) -> NDArray[np.str_]:
    return np.select([chance >= least for least, _label in BANDS.values()], list(BANDS), list(BANDS)[-1])


def _findings(material: Material, now: Known, chance: Floats, parts: dict[str, Floats], lost: Floats) -> pa.Table:
    names, matrix = np.array(list(parts)), np.column_stack(list(parts.values()))
    given = np.column_stack([now.features[name] for name in parts])
    order = np.argsort(-np.abs(matrix), axis=1, kind="stable")[:, :REASONS]
    columns: dict[str, Any] = {"customer_id": now.customers, "group": _bands(chance), "value": np.round(chance, 4)}
    for place, at in enumerate(order.T):
        rows = np.arange(len(at))
        columns |= {f"name{place}": names[at], f"given{place}": np.round(given[rows, at], 3)}
        columns |= {f"part{place}": np.round(matrix[rows, at], 3)}
    reasons = ", ".join(f"json_array(name{at}, given{at}, part{at})" for at in range(order.shape[1]))
    return findings(material.con, columns | {"lost": np.round(lost, 2)}, f"{{reasons: [{reasons}], lost: lost}}")


assert set(BANDS) == {"high", "raised", "low"}
