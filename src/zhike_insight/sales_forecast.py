"""Orders and revenue of the months or weeks to come, by segment, chosen and judged by forecasts made at earlier days."""

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from scipy.special import stdtrit

from zhike_insight.lifetime.triples import Floats, NotEnoughData
from zhike_insight.seasons import LEAST_DAYS, seasonality
from zhike_insight.tables import _usable

TECHNIQUES = ("naive", "seasonal_naive", "level", "trend")
YEAR = {"month": 12, "week": 52}
FEWEST = {"month": 6, "week": 12}  # periods of history
ORIGINS = {"month": 6, "week": 8}  # earlier days at which a forecast is made
ALPHAS = (0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
DAMPING = 0.85
TOTAL = None  # the segment of all together
MEASURES = ("orders", "revenue")


@dataclass(frozen=True)
class SalesForecast:
    """Result of `forecast_sales`.

    Attributes
    ----------
    table : Arrow table
        `segment` (null for all together), `measure` ("orders" or "revenue"), `start` (first day of the period), `expected`, `low`,
        `high`; the expectations of the segments add up to that of all.
    history : Arrow table
        `segment`, `measure`, `start`, `actual`: the whole periods of the past.
    back_test : Arrow table
        `measure`, `technique` ("naive": as the last period, "seasonal_naive": as a year ago, "level", "trend"), `error` (sum of the
        absolute misses over the sum of what came), `bias` (sum of the forecasts over that of what came, less 1), `chosen`.
    coverage : dict
        Measure → share of the earlier forecasts whose interval, made without themselves, held what came.
    origins : int
        Earlier days at which forecasts were made.
    """

    table: pa.Table
    history: pa.Table
    back_test: pa.Table
    coverage: dict[str, float]
    origins: int


def forecast_sales(
    table: Table, as_of: datetime.date, *, periods: int = 6, period: str = "month", confidence: float = 0.8
) -> SalesForecast:
    """Orders and revenue of the next periods.

    Parameters
    ----------
    table : Ibis table
        As `zhike_insight.transactions` gives it, with a column `segment` (one for each order) where forecasts by segment
        are wanted. Rows after `as_of` are not looked at.
    as_of : date
        The first period forecast is the first that is not over on this day.
    periods : int
        How many.
    period : {"month", "week"}
        Of the calendar; weeks begin on Monday.
    confidence : float
        Of the intervals.

    Returns
    -------
    SalesForecast

    Raises
    ------
    ValueError
        An option is out of range.
    NotEnoughData
        Fewer than six whole months, or twelve whole weeks.

    Notes
    -----
    "level" and "trend" divide each period by the sum of the day factors of `seasonality` (so that a festival that moves from
    January to February moves with it, and a month of five Saturdays is known as such), smooth what is left exponentially (Brown;
    with damped trend, Gardner & McKenzie 1985), and multiply by the factors of the days to come. Each technique forecasts from up
    to six earlier days (eight for weeks) with what was known there; the one with the least error over all segments is taken, for
    each measure. The intervals are those misses, for each distance, in the logarithm, with Student's quantile. Orders are sales;
    returns lower revenue.

    Examples
    --------
    >>> from zhike_insight import transactions
    >>> days = [datetime.date(2025, 1, 1) + datetime.timedelta(days=i) for i in range(365)]
    >>> table = transactions({"customer_id": [1] * 365, "date": days, "amount": [10.0] * 365})
    >>> found = forecast_sales(table, days[-1], periods=2).table.to_pylist()
    >>> [(row["measure"], row["start"].month, round(row["expected"])) for row in found]
    [('orders', 1, 31), ('orders', 2, 28), ('revenue', 1, 310), ('revenue', 2, 280)]
    """
    if period not in YEAR or periods < 1 or not 0 < confidence < 1:
        raise ValueError("period must be month or week, periods at least 1, and confidence between 0 and 1")
    daily = _daily(table, as_of)
    starts = _starts(daily.first, as_of, period)
    if len(starts) - 1 < FEWEST[period]:
        raise NotEnoughData(f"at least {FEWEST[period]} whole {period}s of history are needed")
    starts = starts + _next(starts[-1], period, periods)
    past = len(starts) - 1 - periods
    sums = {measure: _sums(daily, values, starts[: past + 1]) for measure, values in daily.values.items()}
    origins = [past - k for k in range(1, ORIGINS[period] + 1) if past - k >= FEWEST[period]]
    weights = {end: _weights(daily, starts, end) for end in (past, *origins)}
    rows, tests, coverage = [], [], {}
    for measure in MEASURES:
        judged = {t: _judged(t, sums[measure], weights, origins, periods, period) for t in TECHNIQUES}
        errors = {name: _error(pairs) for name, pairs in judged.items()}
        chosen = min(errors, key=errors.__getitem__) if origins else "level"
        tests += [
            {"measure": measure, "technique": name, "error": errors[name], "bias": _bias(pairs), "chosen": name == chosen}
            for name, pairs in judged.items()
        ]
        spread = _spreads(judged[chosen], sums[measure], periods, confidence)
        coverage[measure] = _coverage(judged[chosen], sums[measure], periods, confidence)
        ahead = np.array([_ahead(chosen, one, weights[past], past, periods, period) for one in sums[measure]])
        rows += _rows(measure, daily.segments, _adding_up(ahead), spread, sums[measure], starts[past:-1])
    return SalesForecast(
        pa.Table.from_pylist(rows, schema=_schema("expected", "low", "high")),
        _history(daily.segments, sums, starts[:past]),
        pa.Table.from_pylist(tests), coverage, len(origins),
    )  # fmt: skip


@dataclass(frozen=True)
class _Daily:
    first: datetime.date
    segments: list[Any]  # the first is all together
    values: dict[str, Floats]  # measure → segments × days


def _daily(table: Table, as_of: datetime.date) -> _Daily:
    rows = table.filter(_usable(table) & (table.date <= as_of))
    keys = ["date", "segment"] if "segment" in rows.columns else ["date"]
    sale = rows.amount >= 0
    orders = rows.order_id.nunique(where=sale) if "order_id" in rows.columns else sale.sum()
    found = rows.group_by(keys).agg(orders=orders, revenue=rows.amount.sum()).to_pyarrow()
    if not found.num_rows:
        raise NotEnoughData("there is no transaction")
    day = found["date"].cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    names = found["segment"].to_pylist() if "segment" in keys else [TOTAL] * found.num_rows
    segments = [TOTAL, *sorted({name for name in names if name is not None}, key=str)]
    place = np.array([segments.index(name) for name in names])
    end = (as_of - datetime.date(1970, 1, 1)).days
    values = {}
    for measure in MEASURES:
        values[measure] = np.zeros((len(segments), end - day.min() + 1))
        amount = found[measure].to_numpy().astype(np.float64)
        np.add.at(values[measure], (place, day - day.min()), amount)
        values[measure][0] = np.bincount(day - day.min(), weights=amount, minlength=values[measure].shape[1])
    return _Daily(datetime.date(1970, 1, 1) + datetime.timedelta(days=int(day.min())), segments, values)


def _starts(first: datetime.date, as_of: datetime.date, period: str) -> list[datetime.date]:
    """First days of the whole periods, and of the one that is not over (the day after, if all are)."""
    begin = first.replace(day=1) if period == "month" else first - datetime.timedelta(days=first.weekday())
    found = [begin if begin == first else _next(begin, period, 1)[0]]
    while (following := _next(found[-1], period, 1)[0]) <= as_of + datetime.timedelta(days=1):
        found.append(following)
    return found


def _next(start: datetime.date, period: str, n: int) -> list[datetime.date]:
    found = []
    for _ in range(n):
        long = datetime.timedelta(days=7 if period == "week" else 32)
        start = start + long if period == "week" else (start + long).replace(day=1)
        found.append(start)
    return found


def _sums(daily: _Daily, values: Floats, starts: list[datetime.date]) -> Floats:
    """Segments × whole periods."""
    edges = [(start - daily.first).days for start in starts]
    return np.array([[row[a:b].sum() for a, b in pairwise(edges)] for row in values])


def _weights(daily: _Daily, starts: list[datetime.date], end: int) -> Floats:
    """Sum of the day factors of each period, past and to come, from what was known at the start of period `end`."""
    known = (starts[end] - daily.first).days
    counts = daily.values["orders"][0, :known]
    days = [daily.first + datetime.timedelta(days=i) for i in range(known)]
    every = [starts[0] + datetime.timedelta(days=i) for i in range((starts[-1] - starts[0]).days)]
    factors = np.ones(len(every))
    if len(days) >= LEAST_DAYS and counts.sum() > 0:
        factors = seasonality(days, counts).factors(every)
    edges = [(start - starts[0]).days for start in starts]
    return np.array([factors[a:b].sum() for a, b in pairwise(edges)])


def _ahead(technique: str, past: Floats, weights: Floats, end: int, periods: int, period: str) -> Floats:
    """The next periods from the first `end` ones."""
    known, year = past[:end], YEAR[period]
    if technique == "naive":
        return np.repeat(known[-1], periods)
    if technique == "seasonal_naive":
        return np.array([known[end - year + h % year] if end >= year else known[-1] for h in range(periods)])
    level = known / np.maximum(weights[:end], 1e-9)
    if technique == "level":
        smooth = min((_smoothed(level, alpha, 0.0) for alpha in ALPHAS), key=lambda found: found[2])
    else:
        smooth = min((_smoothed(level, alpha, alpha / 3) for alpha in ALPHAS), key=lambda found: found[2])
    damped = np.cumsum(DAMPING ** np.arange(1, periods + 1))
    future = np.zeros(periods)
    some = weights[end : end + periods]
    future[: len(some)] = np.maximum(smooth[0] + smooth[1] * damped[: len(some)], 0.0 if known.min() >= 0 else -np.inf) * some
    return future


def _smoothed(level: Floats, alpha: float, beta: float) -> tuple[float, float, float]:
    """Last level, last slope, and mean squared miss of the next one."""
    now, slope, misses = float(level[:3].mean()), 0.0, 0.0
    for value in level:
        ahead = now + DAMPING * slope
        misses += (value - ahead) ** 2
        before, now = now, ahead + alpha * (value - ahead)
        slope = DAMPING * slope + beta * (now - before - DAMPING * slope) if beta else 0.0
    return now, slope, misses / len(level)


Pairs = list[tuple[int, int, int, float, float]]  # origin, segment, distance from 0, forecast, what came


def _judged(technique: str, sums: Floats, weights: dict[int, Floats], origins: list[int], periods: int, period: str) -> Pairs:
    found = []
    for end in origins:
        reach = min(periods, sums.shape[1] - end)
        for segment, past in enumerate(sums):
            ahead = _ahead(technique, past, weights[end], end, reach, period)
            found += [(end, segment, h, float(ahead[h]), float(past[end + h])) for h in range(reach)]
    return found


def _error(pairs: Pairs) -> float:
    came = sum(abs(pair[4]) for pair in pairs)
    return sum(abs(pair[3] - pair[4]) for pair in pairs) / came if came else float("inf")


def _bias(pairs: Pairs) -> float:
    came = sum(pair[4] for pair in pairs if pair[1] == 0)
    return sum(pair[3] for pair in pairs if pair[1] == 0) / came - 1 if came else float("nan")


def _spreads(pairs: Pairs, sums: Floats, periods: int, confidence: float) -> Floats:
    """Half the width of the interval in the logarithm, segments × distances; never narrower further away."""
    found = np.zeros((len(sums), periods))
    for segment in range(len(sums)):
        small = _small(sums[segment])
        misses = [[_miss(f, y, small) for _, s, h, f, y in pairs if s == segment and h == k] for k in range(periods)]
        near = [miss for some in misses for miss in some]
        for k, some in enumerate(misses):
            known = some if len(some) >= 3 else near
            quantile = stdtrit(max(len(known) // 2, 1), 0.5 + confidence / 2)  # neighbouring origins share their misses
            found[segment, k] = quantile * np.sqrt(np.mean(np.square(known))) if known else np.nan
    return np.maximum.accumulate(found, axis=1)


def _coverage(pairs: Pairs, sums: Floats, periods: int, confidence: float) -> float:
    """How often what came lay inside the interval that the other origins give."""
    held = []
    for origin in {pair[0] for pair in pairs}:
        others = [pair for pair in pairs if pair[0] != origin]
        if not others:
            continue
        spread = _spreads(others, sums, periods, confidence)
        held += [abs(_miss(f, y, _small(sums[s]))) <= spread[s, h] for o, s, h, f, y in pairs if o == origin]
    return float(np.mean(held)) if held else float("nan")


def _small(past: Floats) -> float:
    """What is added before taking the logarithm, so that a period without orders is no abyss."""
    return float(0.05 * np.abs(past).mean() + 1e-9)


def _miss(forecast: float, came: float, small: float) -> float:
    return float(np.log((max(came, 0.0) + small) / (max(forecast, 0.0) + small)))


def _adding_up(ahead: Floats) -> Floats:
    """Segments scaled so that they add up to the forecast of all together."""
    if len(ahead) > 1:
        of_segments = ahead[1:].sum(axis=0)
        ahead[1:] *= np.where(of_segments > 0, ahead[0] / np.where(of_segments > 0, of_segments, 1.0), 1.0)
    return ahead


def _rows(
    measure: str, segments: list[Any], ahead: Floats, spread: Floats, sums: Floats, starts: list[datetime.date]
) -> list[dict[str, Any]]:
    rows = []
    for name, expected, width, past in zip(segments, ahead, spread, sums, strict=True):
        small = _small(past)
        for start, value, wide in zip(starts, expected, width, strict=True):
            low, high = ((max(value, 0.0) + small) * np.exp(sign * wide) - small for sign in (-1, 1))
            rows.append({
                "segment": name, "measure": measure, "start": start, "expected": float(value), "low": max(float(low), 0.0),
                "high": float(high),
            })  # fmt: skip
    return rows


def _history(segments: list[Any], sums: dict[str, Floats], starts: list[datetime.date]) -> pa.Table:
    rows = [
        {"segment": name, "measure": measure, "start": start, "actual": float(value)}
        for measure, of_measure in sums.items()
        for name, values in zip(segments, of_measure, strict=True)
        for start, value in zip(starts, values, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=_schema("actual"))


def _schema(*figures: str) -> pa.Schema:
    fields = [("segment", pa.string()), ("measure", pa.string()), ("start", pa.date32())]
    return pa.schema(fields + [(name, pa.float64()) for name in figures])
