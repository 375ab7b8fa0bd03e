"""Season: how much busier a month, a weekday, and the days around a Chinese festival are than an average day."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from zhike_insight.lifetime.triples import BadInput, Floats, NotEnoughData

LUNAR = {"spring_festival": (1, 1), "lantern": (1, 15), "dragon_boat": (5, 5), "mid_autumn": (8, 15)}
CIVIL = {"new_year": (1, 1), "labour_day": (5, 1), "national_day": (10, 1)}
WINDOWS = {  # name → festival, first and last day from it
    "before_spring_festival": ("spring_festival", -21, -2), "spring_festival": ("spring_festival", -1, 5),
    "after_spring_festival": ("spring_festival", 6, 15), "qingming": ("qingming", -1, 1), "labour_day": ("labour_day", 0, 4),
    "dragon_boat": ("dragon_boat", -1, 1), "before_mid_autumn": ("mid_autumn", -14, -1), "mid_autumn": ("mid_autumn", 0, 1),
    "national_day": ("national_day", 0, 6), "new_year": ("new_year", -1, 1),
}  # fmt: skip
LEAST_DAYS = 56
YEARS_FOR_MONTHS = 2
KNOT = 91  # days between the joints of the trend
RIDGE, BEND = 1.0, 10.0


@lru_cache(maxsize=256)
def chinese_festivals(year: int) -> dict[str, datetime.date]:
    """The days of the Chinese festivals of a civil year: the lunar ones, Qingming by the sun, and those of fixed date.

    Parameters
    ----------
    year : int
        From 1900 to 2100.

    Returns
    -------
    dict
        Name → date: new_year, spring_festival, lantern, qingming, labour_day, dragon_boat, mid_autumn, national_day.

    Raises
    ------
    ValueError
        The year is out of range.

    Examples
    --------
    >>> found = chinese_festivals(2026)
    >>> found["spring_festival"].isoformat(), found["mid_autumn"].isoformat(), found["qingming"].isoformat()
    ('2026-02-17', '2026-09-25', '2026-04-05')
    """
    from lunar_python import Lunar

    if not 1900 <= year <= 2100:
        raise ValueError("the year must be from 1900 to 2100")
    found = {name: datetime.date(year, month, day) for name, (month, day) in CIVIL.items()}
    for name, (month, day) in LUNAR.items():
        solar = Lunar.fromYmd(year, month, day).getSolar()
        found[name] = datetime.date(solar.getYear(), solar.getMonth(), solar.getDay())
    term = Lunar.fromYmd(year, 6, 1).getJieQiTable()["清明"]
    found["qingming"] = datetime.date(term.getYear(), term.getMonth(), term.getDay())
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


@dataclass(frozen=True)
class Seasonality:
    """Result of `seasonality`.

    Attributes
    ----------
    weekdays : Arrow table
        `weekday` (1 Monday to 7), `factor` (1 is an average day), `low`, `high` (95 %).
    months : Arrow table
        `month` (1 to 12), `factor`, `low`, `high`; no rows with less than two years of history.
    festivals : Arrow table
        `window` (as "before_spring_festival", see `docs/methods`), `factor` (over the same weekday and month without it), `low`,
        `high`, `days` (of history inside it).
    dispersion : float
        Variance over mean of a day's count around the expectation; 1 is Poisson.
    explained : float
        Share of the variation between days that calendar and trend explain (deviance).
    trend : float array
        Level of each day of the history, without season.
    """

    weekdays: pa.Table
    months: pa.Table
    festivals: pa.Table
    dispersion: float
    explained: float
    trend: Floats
    effects: dict[str, Any]

    def factors(self, days: Iterable[datetime.date]) -> Floats:
        """How busy each of these days is, past or future; 1 is an average one."""
        days = list(days)
        calendar, names = _calendar(days, self.effects["names"])
        return np.asarray(np.exp(calendar @ np.array([self.effects["values"][name] for name in names])))


def seasonality(days: Sequence[datetime.date], counts: ArrayLike) -> Seasonality:
    """The season in daily counts.

    Parameters
    ----------
    days : dates, shape (n,)
        Different days in order. Days that are missing between the first and the last count as zero.
    counts : shape (n,)
        Orders (or purchases) of each day, not negative.

    Returns
    -------
    Seasonality

    Raises
    ------
    BadInput
        Shapes differ, days are not in order, or a count is negative or not finite.
    NotEnoughData
        Fewer than eight weeks, or no order.

    Notes
    -----
    Quasi-Poisson regression (Wedderburn 1974) of the count on weekday, month, windows around festivals, and a trend that bends
    once a quarter, with a slight ridge; intervals from its covariance times the dispersion. Months need two years, else the trend
    is them. Festivals move by the moon, so that two years already part them from their month; one that was seen once carries what
    else happened in those days.

    Examples
    --------
    >>> start = datetime.date(2026, 3, 2)
    >>> days = [start + datetime.timedelta(days=i) for i in range(140)]
    >>> found = seasonality(days, [20 if day.weekday() == 5 else 10 for day in days])
    >>> [round(factor, 1) for factor in found.weekdays["factor"].to_pylist()]
    [0.9, 0.9, 0.9, 0.9, 0.9, 1.8, 0.9]
    """
    every, y = _filled(list(days), np.asarray(counts, dtype=np.float64))
    names = _names(every)
    calendar, names = _calendar(every, names)
    trend = _trend(len(every))
    X = np.column_stack([calendar, trend])
    free, covariance, mean = _fit(X, y, calendar.shape[1])
    dispersion = max(float(((y - mean) ** 2 / mean).sum() / max(len(y) - X.shape[1], 1)), 1e-6)
    covariance *= max(dispersion, 1.0)
    k = calendar.shape[1]
    effects, error = _centred(free[:k], covariance[:k, :k], names)
    shown = _tables(effects, error, names, calendar)
    flat = np.full(len(y), y.mean())
    explained = 1 - _deviance(y, mean) / max(_deviance(y, flat), 1e-12)
    level = np.exp(trend @ free[k:] + (calendar @ free[:k] - calendar @ effects)[0])
    return Seasonality(
        *shown, dispersion, float(explained), level, {"names": names, "values": dict(zip(names, effects, strict=True))}
    )


def _filled(days: list[datetime.date], counts: Floats) -> tuple[list[datetime.date], Floats]:
    if len(days) != len(counts) or counts.ndim != 1:
        raise BadInput("days and counts must have one length")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise BadInput("a count is negative or not finite")
    number = np.array([day.toordinal() for day in days], dtype=np.int64)
    if (np.diff(number) <= 0).any():
        raise BadInput("the days must be different and in order")
    if not len(days) or number[-1] - number[0] + 1 < LEAST_DAYS or not counts.sum():
        raise NotEnoughData(f"at least {LEAST_DAYS} days with orders are needed")
    whole = np.zeros(number[-1] - number[0] + 1)
    whole[number - number[0]] = counts
    return [datetime.date.fromordinal(int(number[0]) + i) for i in range(len(whole))], whole


def _names(days: list[datetime.date]) -> list[str]:
    months = [f"month {m}" for m in range(1, 13)] if len(days) >= YEARS_FOR_MONTHS * 365 else []
    inside = _inside(days)
    return [f"weekday {w}" for w in range(1, 8)] + months + [name for name in WINDOWS if inside[name].any()]


def _calendar(days: list[datetime.date], names: Sequence[str]) -> tuple[Floats, list[str]]:
    inside = _inside(days)
    weekday, month = np.array([day.isoweekday() for day in days]), np.array([day.month for day in days])
    columns = []
    for name in names:
        kind, _, number = name.partition(" ")
        column = weekday == int(number) if kind == "weekday" else month == int(number) if kind == "month" else inside[name]
        columns.append(column.astype(np.float64))
    return np.column_stack(columns), list(names)


def _inside(days: list[datetime.date]) -> dict[str, Any]:
    number = np.array([day.toordinal() for day in days])
    years = range(days[0].year - 1, days[-1].year + 2)
    found = {}
    for name, (festival, first, last) in WINDOWS.items():
        found[name] = np.zeros(len(days), bool)
        for year in years:
            day = chinese_festivals(year)[festival].toordinal()
            found[name] |= (number >= day + first) & (number <= day + last)
    return found


def _trend(n: int) -> Floats:
    """Constant, and a line that may bend once a quarter."""
    t = np.arange(n) / KNOT
    bends = [np.maximum(t - knot, 0) for knot in range(1, int(n / KNOT))]
    return np.column_stack([np.ones(n), t, *bends])


def _fit(X: Floats, y: Floats, calendar: int) -> tuple[Floats, Floats, Floats]:
    """Iteratively reweighted least squares; the ridge holds the calendar near 1 and the trend near a straight line."""
    ridge = np.full(X.shape[1], RIDGE)
    ridge[calendar:] = BEND
    ridge[calendar : calendar + 2] = 1e-6
    free = np.zeros(X.shape[1])
    free[calendar] = np.log(max(y.mean(), 1e-9))
    for _ in range(50):
        mean = np.exp(np.clip(X @ free, -30, 30))
        hessian = (X * mean[:, None]).T @ X + np.diag(ridge)
        step = np.linalg.solve(hessian, X.T @ (y - mean) - ridge * free)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        free = free + step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(free), np.asarray(np.linalg.inv(hessian)), np.asarray(np.exp(np.clip(X @ free, -30, 30)))


def _centred(effects: Floats, covariance: Floats, names: list[str]) -> tuple[Floats, Floats]:
    """Weekdays and months around their own mean, with the standard errors of that."""
    contrast = np.eye(len(names))
    for kind in ("weekday", "month"):
        of_kind = np.array([name.startswith(kind) for name in names])
        if of_kind.any():
            contrast -= np.outer(of_kind, of_kind) / of_kind.sum()
    centred = contrast @ effects
    return centred, np.sqrt(np.maximum(np.diag(contrast @ covariance @ contrast.T), 0))


def _tables(effects: Floats, error: Floats, names: list[str], calendar: Floats) -> tuple[pa.Table, pa.Table, pa.Table]:
    rows: dict[str, list[dict[str, Any]]] = {"weekday": [], "month": [], "window": []}
    for name, effect, wide, days in zip(names, effects, error, calendar.sum(axis=0), strict=True):
        kind, _, number = name.partition(" ")
        one = {
            "factor": float(np.exp(effect)),
            "low": float(np.exp(effect - 1.96 * wide)),
            "high": float(np.exp(effect + 1.96 * wide)),
        }
        if number:
            rows[kind].append({kind: int(number), **one})
        else:
            rows["window"].append({"window": name, **one, "days": int(days)})
    figures = [(name, pa.float64()) for name in ("factor", "low", "high")]
    schemas = {
        "weekday": pa.schema([("weekday", pa.int64()), *figures]), "month": pa.schema([("month", pa.int64()), *figures]),
        "window": pa.schema([("window", pa.string()), *figures, ("days", pa.int64())]),
    }  # fmt: skip
    weekdays, months, windows = (pa.Table.from_pylist(rows[kind], schema=schemas[kind]) for kind in ("weekday", "month", "window"))
    return weekdays, months, windows


def _deviance(y: Floats, mean: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(2 * np.sum(np.where(y > 0, y * np.log(y / mean), 0.0) - (y - mean)))
