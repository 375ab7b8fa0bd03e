"""What customers will buy: the published models' expectations, and what they overlook learned from the customers' own past."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from scipy.special import stdtrit

from zhike_insight.estimator import NotConverged
from zhike_insight.lifetime.bgnbd import BetaGeoNBD
from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.mbgnbd import ModifiedBetaGeoNBD
from zhike_insight.lifetime.pareto import ParetoNBD
from zhike_insight.lifetime.triples import Floats, NotEnoughData
from zhike_insight.tables import sale_days

KINDS: Mapping[str, type[BuyingModel]] = {"bgnbd": BetaGeoNBD, "mbgnbd": ModifiedBetaGeoNBD, "pareto_nbd": ParetoNBD}
WINDOWS = (4, 8, 13, 26)  # weeks, for recent purchases
EARLIER, STEP, ORIGINS = 0.25, 0.08, 3  # length and distance of the earlier forecasts, as shares of the history, and their number
FEWEST = 30  # repeat purchases, and customers, without which nothing can be learned from an earlier day
YEAR = 364  # days: the same weekdays
LEAST = 1e-6
BOUND = 2.0  # of the correction of one customer, as logarithm


@dataclass(frozen=True)
class Origin:
    """A forecast made at an earlier day, with what came: what the corrections and the interval of the total are learned from."""

    as_of: date
    days: int
    actual: float
    expected: float


@dataclass(frozen=True)
class PurchaseForecast:
    """Result of `forecast_purchases`.

    Attributes
    ----------
    table : Arrow table
        `customer_id`, `expected` (purchase days until the end), `low` and `high` (between which the customer's number falls with
        the confidence asked for), and the expectation of each single model by its name; ordered by customer.
    total, total_low, total_high : float
        Sum over all, and its interval from how far earlier forecasts missed.
    season : float
        Factor of the season, 1 where the history is shorter than two years.
    origins : list of Origin
    """

    table: pa.Table
    total: float
    total_low: float
    total_high: float
    season: float
    origins: list[Origin]


def forecast_purchases(
    transactions: Table, as_of: date, until: date, *, confidence: float = 0.9, sample: int = 50_000, seed: int = 0
) -> PurchaseForecast:
    """Purchases of every customer after `as_of` up to `until`: three models stacked.

    Parameters
    ----------
    transactions : Ibis table
        As `zhike_insight.transactions` gives it; rows after `as_of` are not looked at.
    as_of, until : date
    confidence : float
        Of the intervals, between 0 and 1.
    sample : int
        Most customers of one earlier day to learn from.
    seed : int
        For that sample.

    Returns
    -------
    PurchaseForecast

    Raises
    ------
    ValueError
        `until` is not after `as_of`, or the confidence is out of range.
    NotEnoughData
        Nobody bought again before `as_of`.

    Notes
    -----
    1. BG/NBD, modified BG/NBD and Pareto/NBD are fitted; the base is the geometric mean of their expectations. 2. The same is done
    at up to three earlier days and compared with what came from there until `as_of`: a Poisson regression and a boosted one
    learn by which factor a customer bought more or less than the base, from frequency, spend, silence against the own rhythm and
    recent purchases. 3. Their mean factor orders the customers; the sum stays that of the base. 4. With two years of history the
    sum is multiplied by the square root of actual / expected in the same season a year earlier. Nothing after `as_of` is used.
    Stacking: Wolpert (1992), *Neural Networks* 5(2). The interval of a customer is that of a negative binomial whose dispersion
    the earlier days give.

    Examples
    --------
    >>> from datetime import timedelta
    >>> from zhike_insight import transactions as table
    >>> start = date(2025, 1, 6)
    >>> rows = [(who, start + timedelta(days=who + step * (5 + who))) for who in range(30) for step in range(1 + who % 7)]
    >>> bought = table({"customer_id": [who for who, _ in rows], "date": [day for _, day in rows], "amount": [10.0] * len(rows)})
    >>> found = forecast_purchases(bought, date(2025, 5, 1), date(2025, 7, 31))
    >>> found.table.num_rows, round(found.total, 1)  # no interval: the history is too short for an earlier day to learn from
    (30, 27.5)
    """
    if until <= as_of or not 0 < confidence < 1:
        raise ValueError("until must be after as_of, and confidence between 0 and 1")
    now = _seen(transactions, as_of, until)
    length = (until - as_of).days
    history = round(float(now.age.max() * 7)) if len(now.age) else 0
    base, single = _base(now, length)
    past = _earlier(transactions, as_of, length, history)
    season = _season(transactions, as_of, length, history)
    learned = [(seen, *_base(seen, days)) for seen, days in past]
    factor, spread = _learn(learned, sample, np.random.default_rng(seed))
    expected = base * factor(now, base, single)
    expected *= base.sum() / max(expected.sum(), 1e-300) * season
    low, high = _interval(expected, spread, confidence)
    origins = [
        Origin(seen.as_of, days, float(seen.came.sum()), float(of.sum()))
        for (seen, days), (_, of, _) in zip(past, learned, strict=True)
    ]
    total = float(expected.sum())
    width = _width(origins, length, total, confidence)
    columns = {"customer_id": now.customers, "expected": expected, "low": low, "high": high, **single}
    return PurchaseForecast(pa.table(columns), total, total * np.exp(-width), total * np.exp(width), season, origins)


@dataclass(frozen=True)
class _Seen:
    """Customers as known on a day (times in weeks), and what came after."""

    as_of: date
    customers: pa.Array
    frequency: Floats
    recency: Floats
    age: Floats
    spend: Floats
    recent: Floats  # one column a window
    came: Floats


def _seen(transactions: Table, as_of: date, until: date) -> _Seen:
    days = sale_days(transactions.filter(transactions.date <= until))
    past = days.date <= as_of
    counts = {f"recent_{weeks}": (past & (days.date > as_of - timedelta(weeks=weeks))).sum() for weeks in WINDOWS}
    found = days.group_by("customer_id").agg(
        days=past.sum(),
        first_on=days.date.min(where=past),
        last_on=days.date.max(where=past),
        sales=days.sales.sum(where=past),
        came=(~past).sum(),
        **counts,
    )
    rows = found.filter(found.days > 0).order_by("customer_id").to_pyarrow()
    numbers = {name: rows[name].to_numpy().astype(np.float64) for name in ("days", "sales", "came", *counts)}
    first, last = (rows[name].cast("date32").cast("int32").to_numpy().astype(np.float64) for name in ("first_on", "last_on"))
    end = float((as_of - date(1970, 1, 1)).days)
    recent = np.column_stack([numbers[f"recent_{weeks}"] - (first > end - 7 * weeks) for weeks in WINDOWS])
    mean = numbers["sales"] / numbers["days"]
    middle = mean.mean() if len(mean) else 0.0
    spend = np.log((mean + 0.01 * middle + 1e-300) / (middle + 1e-300))
    times = (last - first) / 7, (end - first) / 7
    return _Seen(as_of, rows["customer_id"].combine_chunks(), numbers["days"] - 1, *times, spend, recent, numbers["came"])


def _base(seen: _Seen, days: int) -> tuple[Floats, dict[str, Floats]]:
    given = seen.frequency, seen.recency, seen.age
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConverged)  # all alike is no reason not to forecast
        fitted = {name: kind().fit(*given) for name, kind in KINDS.items()}
    single = {name: np.maximum(model.expected_purchases(days / 7, *given), LEAST) for name, model in fitted.items()}
    return np.exp(np.mean([np.log(values) for values in single.values()], axis=0)), single


def _earlier(transactions: Table, as_of: date, length: int, history: int) -> list[tuple[_Seen, int]]:
    days = min(length, int(EARLIER * history))
    found = []
    for k in range(ORIGINS):
        then = as_of - timedelta(days=days + int(k * STEP * history))
        if days >= 7:
            seen = _seen(transactions, then, then + timedelta(days=days))
            if seen.frequency.sum() >= FEWEST and len(seen.age) >= FEWEST and seen.came.sum() >= FEWEST:
                found.append((seen, days))
    return found


def _season(transactions: Table, as_of: date, length: int, history: int) -> float:
    if history < 2 * YEAR or length > YEAR:
        return 1.0
    then = as_of - timedelta(days=YEAR)
    seen = _seen(transactions, then, then + timedelta(days=length))
    try:
        base, _ = _base(seen, length)
    except NotEnoughData:
        return 1.0
    return float(np.clip(np.sqrt(max(seen.came.sum(), 1.0) / base.sum()), 0.5, 2.0))


def _features(seen: _Seen, base: Floats, single: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """The few that a line can use, and all; rounded, so that the order in which an engine adds money decides nothing."""
    log_base = np.log(base)
    silence = seen.age - seen.recency
    rhythm = (seen.recency + 1) / (seen.frequency + 1)
    few = [log_base, seen.spend, np.log1p(seen.frequency), np.log1p(seen.age)]
    against = [np.log(values) - log_base for values in single.values()]
    more = [np.log1p(silence), np.log1p(silence / rhythm), (seen.frequency == 0).astype(np.float64)]
    every = np.round(np.column_stack([*few, *against, *np.log1p(seen.recent.T), *more]), 5)
    return every[:, : len(few)], every


def _learn(learned: list[tuple[_Seen, Floats, dict[str, Floats]]], sample: int, rng: np.random.Generator) -> tuple[Any, float]:
    """Factor of a customer by the two regressions, and the dispersion around the forecast."""
    if not learned:
        return (lambda _seen, base, _single: np.ones(len(base))), 0.0
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import PoissonRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = [_training(*one, sample, rng) for one in learned]
    few, many, level, came = (np.concatenate(column) for column in zip(*parts, strict=True))
    weight = level / level.mean()
    line = make_pipeline(StandardScaler(), PoissonRegressor(alpha=1e-3, max_iter=500))
    line.fit(few, came / level, poissonregressor__sample_weight=weight)
    trees = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=100,
        learning_rate=0.05,
        max_leaf_nodes=6,
        min_samples_leaf=100,
        random_state=0,
        early_stopping=False,
    ).fit(many, came / level, sample_weight=weight)

    def factor(a: Floats, b: Floats) -> Floats:
        logs = (np.log(line.predict(a)) + np.log(np.maximum(trees.predict(b), 1e-9))) / 2
        return np.asarray(np.exp(np.clip(logs, -BOUND, BOUND)))

    mean = level * factor(few, many)
    spread = float(((came - mean) ** 2 - mean).sum() / (mean**2).sum())
    return (lambda seen, base, single: factor(*_features(seen, base, single))), max(spread, 0.0)


def _training(
    seen: _Seen, base: Floats, single: Mapping[str, Floats], sample: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    few, many = _features(seen, base, single)
    level = base * seen.came.sum() / base.sum()
    some = np.sort(rng.choice(len(base), sample, replace=False)) if len(base) > sample else slice(None)
    return few[some], many[some], level[some], seen.came[some]


def _interval(expected: Floats, spread: float, confidence: float) -> tuple[Floats, Floats]:
    """Quantiles of the negative binomial, taken once for expectations that agree to a hundredth."""
    from scipy.stats import nbinom

    step = np.round(np.log(np.maximum(expected, LEAST)), 2)
    values, place = np.unique(step, return_inverse=True)
    size = 1 / max(spread, 1e-9)
    chance = size / (size + np.exp(values))
    tail = (1 - confidence) / 2
    return tuple(np.asarray(nbinom.ppf(q, size, chance))[place] for q in (tail, 1 - tail))  # type: ignore[return-value]


def _width(origins: list[Origin], length: int, total: float, confidence: float) -> float:
    """Half the interval of the logarithm of the total: earlier misses, larger for a longer future, and chance."""
    if not origins:
        return float("nan")
    misses = [np.log(o.actual / o.expected) * np.sqrt(length / o.days) for o in origins]
    deviation = np.sqrt(np.mean(np.square(misses)) + 1 / max(total, 1.0))
    return float(stdtrit(len(origins), 0.5 + confidence / 2) * deviation)
