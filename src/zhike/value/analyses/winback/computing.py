"""Learns from those who came back after such a silence: how likely it is, and what the second life was worth beside the first."""

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
from zhike.value.analyses.material import Material
from zhike.value.analyses.winback.kind import BANDS, LEAST, Options
from zhike.value.fitted import WEEK, YEAR_WEEKS, Fitted
from zhike.value.journal import Progress
from zhike.value.rules import Assumptions, restored

Floats = NDArray[np.float64]
LONGEST = 5 * 365  # days of silence after which nobody is called a customer who has gone
LEARNED_FROM = 100_000
YEAR = 365
FIRST_TENTH = 10
DAYS = """
    CREATE TABLE bought AS SELECT customer_id, date, sum(amount)::DOUBLE AS amount, sum(margin)::DOUBLE AS margin
    FROM orders WHERE NOT is_return AND amount > 0 GROUP BY 1, 2
"""
LIVES = """
    SELECT customer_id, date_diff('day', max(date), $day)::DOUBLE AS silence,
        date_diff('day', min(date), max(date))::DOUBLE AS lived,
        count(*)::DOUBLE AS visits, sum(amount) AS revenue, sum(margin) AS margin,
        (sum(amount) - arg_min(amount, date)) / nullif(count(*) - 1, 0) AS mean_spend
    FROM bought WHERE date <= $day GROUP BY 1
    HAVING date_diff('day', max(date), $day) BETWEEN $silence AND $longest ORDER BY 1
"""
BACK = "SELECT DISTINCT customer_id FROM bought WHERE date > $day AND date <= $until"
RETURNS = """
    WITH gaps AS (SELECT customer_id, date, lag(date) OVER (PARTITION BY customer_id ORDER BY date) AS before FROM bought),
    firsts AS (
        SELECT customer_id, min(date) AS back FROM gaps WHERE date_diff('day', before, date) BETWEEN $silence AND $longest
        AND date <= $latest GROUP BY 1)
    SELECT customer_id, count(*) FILTER (date < back)::DOUBLE AS visits, sum(amount) FILTER (date < back) AS revenue,
        sum(margin) FILTER (date < back) AS margin,
        date_diff('day', min(date), max(date) FILTER (date < back))::DOUBLE AS lived,
        (sum(amount) FILTER (date < back) - arg_min(amount, date)) / nullif(count(*) FILTER (date < back) - 1, 0) AS mean_spend,
        coalesce(sum(margin) FILTER (date >= back AND date < back + 365), 0) AS second
    FROM bought JOIN firsts USING (customer_id) GROUP BY customer_id
"""


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    models = Fitted(material.run.models_fitted.get("bgnbd", {}), material.run.models_fitted.get("gamma_gamma", {}))
    if not models.complete:
        raise TooLittle
    material.con.execute(DAYS)
    last = material.as_of - datetime.timedelta(days=options.days)
    before = last - datetime.timedelta(days=options.days)
    now, then, earlier = (_gone(material, day, options) for day in (material.as_of, last, before))
    came, came_earlier = (_back(material, of, day, options) for of, day in ((then, last), (earlier, before)))
    if min(came.sum(), came_earlier.sum(), (1 - came).sum(), (1 - came_earlier).sum()) < LEAST or not len(now["customer_id"]):
        raise TooLittle
    progress(3, 10)
    assumptions = restored(Assumptions, material.run.assumptions)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", zi.NotConverged)
        report = _judged(earlier, came_earlier, then, came)
        model = _learned(then, came)
        chance = 1 - model.predict_left(_features(now))
    progress(7, 10)
    lives, ratios = _second_lives(material, models, options)
    horizon = assumptions.horizon_months / 12
    worth = _worth(models, now, horizon, assumptions.discount_rate) * _each(ratios, now["visits"])
    gain = chance * worth - options.cost
    group = _groups(gain)
    report |= {
        "silence": options.silence, "days": options.days, "cost": options.cost, "as_of": str(material.as_of), "gone": len(chance),
        "expected": float(chance.sum()), "worth": float(worth.sum()), "pays": int((gain > 0).sum()),
        "gain": float(gain[gain > 0].sum()), "months": assumptions.horizon_months, "lives": lives,
        "drivers": [[name, round(-strength, 4)] for name, strength in model.drivers_],
    }  # fmt: skip
    columns = {
        "customer_id": now["customer_id"], "group": group, "value": np.round(gain, 2), "chance": np.round(chance, 4),
        "worth": np.round(worth, 2), "silence": now["silence"],
    }  # fmt: skip
    return Outcome(report, findings(material.con, columns, "{chance: chance, worth: worth, silence: silence}"))


def _gone(material: Material, day: datetime.date, options: Options) -> dict[str, Any]:
    """Who counted as gone on that day, and the first life."""
    told = {"day": day, "silence": options.silence, "longest": LONGEST}
    return _columns(material.con.sql(LIVES, params=told).to_arrow_table())


def _columns(table: pa.Table) -> dict[str, Any]:
    ids = np.asarray(table["customer_id"].to_numpy())
    return {"customer_id": ids} | {name: arrow.plain(table[name]) for name in table.column_names if name != "customer_id"}


def _back(material: Material, of: dict[str, Any], day: datetime.date, options: Options) -> Floats:
    until = day + datetime.timedelta(days=options.days)
    found = material.con.sql(BACK, params={"day": day, "until": until}).to_arrow_table()
    return np.isin(of["customer_id"], found["customer_id"].to_numpy()).astype(np.float64)


def _features(of: dict[str, Any]) -> dict[str, Floats]:
    rhythm = of["lived"] / np.maximum(of["visits"] - 1, 1)
    ratio = np.where(of["visits"] > 1, np.minimum(of["silence"] / np.maximum(rhythm, 1.0), 50.0), np.nan)
    spend = np.log1p(np.maximum(of["revenue"], 0) / of["visits"])
    return {"silence": of["silence"], "lived": of["lived"], "visits": np.log(of["visits"]), "spend": spend, "ratio": ratio}


def _learned(of: dict[str, Any], came: Floats) -> zi.ChurnModel:
    rows = np.sort(np.random.default_rng(0).permutation(len(came))[:LEARNED_FROM])
    given = {name: values[rows] for name, values in _features(of).items()}
    return zi.ChurnModel("logistic").fit(given, 1 - came[rows])


def _judged(earlier: dict[str, Any], came_earlier: Floats, then: dict[str, Any], came: Floats) -> dict[str, Any]:
    """Learned one period earlier, asked about the last one, beside the length of the silence alone."""
    chance = 1 - _learned(earlier, came_earlier).predict_left(_features(then))
    base = float(came.mean())
    judged = [{key: round(value, 4) for key, value in row.items()} for row in zi.calibration(chance, came)]
    return {
        "tested": len(came), "came": int(came.sum()), "base": base, "auc": zi.auc(chance, came), "calibration": judged,
        "silence_auc": zi.auc(-then["silence"], came), "brier": float(np.mean((chance - came) ** 2)),
        "base_brier": base * (1 - base),
    }  # fmt: skip


def _second_lives(material: Material, models: Fitted, options: Options) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Of those who came back at least a year ago: margin of the year from the return on, beside what the first life lets expect.
    The ratio of a band holds where enough came back; else that of all; else the first life is taken as it is."""
    latest = material.as_of - datetime.timedelta(days=YEAR)
    told = {"silence": options.silence, "longest": LONGEST, "latest": latest}
    of = _columns(material.con.sql(RETURNS, params=told).to_arrow_table())
    expected = _worth(models, of, 1.0, 0.0)
    rows, band = [], _bands(of["visits"])
    whole = _ratio(of["second"], expected)
    ratios = {}
    for name in BANDS:
        part = band == name
        own = _ratio(of["second"][part], expected[part])
        ratios[name] = own or whole or 1.0
        if part.any():
            rows.append({
                "band": name, "n": int(part.sum()), "actual": float(of["second"][part].mean()),
                "expected": float(expected[part].mean()), "ratio": own,
            })  # fmt: skip
    return rows, ratios


def _ratio(actual: Floats, expected: Floats) -> float | None:
    return float(max(actual.sum(), 0) / expected.sum()) if len(actual) >= LEAST and expected.sum() > 0 else None


def _worth(models: Fitted, of: dict[str, Any], years: float, discount: float) -> Floats:
    """Margin from the return on: the purchase that it is, and what follows at the rate of the first life."""
    x, active, spend = of["visits"] - 1, of["lived"] / WEEK, of["mean_spend"]
    if not len(x):
        return np.zeros(0)
    buying, spending = models.buying_model(), models.spending_model()
    after = zi.second_lifetime_value(
        buying, spending, x, active, spend, horizon=years * YEAR_WEEKS, time_unit="week", discount_rate=discount
    )
    rate = np.clip(np.where(of["revenue"] > 0, of["margin"] / np.maximum(of["revenue"], 1e-9), 0), 0, 1)
    return np.asarray((after + spending.expected_spend(x, spend)) * rate)


def _bands(visits: Floats) -> NDArray[np.str_]:
    return np.select([visits <= 1, visits <= 4], ["once", "few"], "many")


def _each(ratios: dict[str, float], visits: Floats) -> Floats:
    return np.array([ratios[name] for name in BANDS])[np.searchsorted([2, 5], visits, side="right")]


def _groups(gain: Floats) -> NDArray[np.str_]:
    """The tenth that brings most is to be tried first, as far as it pays."""
    edge = np.sort(gain)[-max(len(gain) // FIRST_TENTH, 1)]
    return np.select([gain <= 0, gain >= edge], ["leave", "first"], "pays")
