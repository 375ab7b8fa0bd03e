"""Cohorts, season, rhythm and forecast of a table of transactions, as tables and plain data."""

import datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from zhike_insight.cohorts import cohort_retention
from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.rhythm import PurchaseRhythm, purchase_intervals
from zhike_insight.runs import last_day, plain
from zhike_insight.sales_forecast import forecast_sales
from zhike_insight.seasons import seasonality

STATES = ("soon", "later", "overdue", "once", "unlikely")
COHORTS = 24  # months back
WEEKS = 12
SOON = 30  # days
OVERDUE = 0.1  # of the intervals are longer
FARTHEST = 550  # days ahead
UNLIKELY = 0.2  # chance to come again
JUDGED = (7, 30, 60, 90)  # days
MOST_SEGMENTS = 8
HISTORY = 36  # periods that are shown


def patterns_run(
    transactions: Table, as_of: datetime.date | None = None, *, period: str = "month", periods: int = 6
) -> tuple[pa.Table, dict[str, Any]]:
    """When everybody comes next, and what is to come of all.

    Parameters
    ----------
    transactions : Ibis table
        As `zhike_insight.transactions` gives it; with a column `segment` the forecast is by segment, the eight largest by name.

    Returns
    -------
    (Arrow table, dict)
        The table of `next_purchases` with `next_on`; {"as_of", "customers", "cohorts", "season", "states", "rhythm", "due",
        "judged", "held", "period", "forecast", "history", "tests", "coverage", "origins"}. Where the history is too short, "season"
        is {"problem"} and "forecast" is empty.

    Raises
    ------
    NotEnoughData
        Fewer than thirty intervals between purchases.
    """
    day = as_of or last_day(transactions)
    model, seen = fitted_rhythm(transactions, day)
    table = next_purchases(model, seen)
    try:
        season = season_of(transactions, day)
    except NotEnoughData as problem:
        season = {"problem": str(problem)}
    result = {
        "as_of": day.isoformat(), "customers": seen.num_rows, "cohorts": cohorts_of(transactions, day), "season": season,
        "states": states_of(table), "rhythm": rhythm_of(model, table), "due": due_by_week(model, seen, day),
        **rhythm_check(transactions, day), "period": period,
        **forecast_of(main_segments(transactions), day, period=period, periods=periods),
    }  # fmt: skip
    middle = table["middle"].to_pylist()
    next_on = [None if days is None else day + datetime.timedelta(days=round(days)) for days in middle]
    return table.append_column("next_on", pa.array(next_on, pa.date32())), plain(result)


def fitted_rhythm(transactions: Table, as_of: datetime.date) -> tuple[PurchaseRhythm, pa.Table]:
    """The rhythm of all as known on a day, and the intervals of each customer, ordered.

    Raises
    ------
    NotEnoughData
        Fewer than thirty intervals between purchases.
    """
    seen = purchase_intervals(transactions, as_of).order_by("customer_id").to_pyarrow()
    return PurchaseRhythm().fit(*_columns(seen)), seen


def next_purchases(model: PurchaseRhythm, seen: pa.Table) -> pa.Table:
    """The next purchase of everybody in a table of `purchase_intervals`.

    Returns
    -------
    Arrow table
        `customer_id`, `last_on`, `intervals`, `silence`, `rhythm` (middle of the own interval, days), `p_coming`, `state`:
        "unlikely" to come again, came "once", "overdue" against the own rhythm, expected "soon" (in thirty days) or "later"; and
        the days to the next purchase of those who come again: `low`, `middle`, `high` (80 %; null where the middle lies beyond a
        year and a half).
    """
    n, total, _logs, silence = _columns(seen)
    alike, which, _count = _alike(n, total, silence)
    coming = model.p_coming(*alike)[which]
    ahead = model.days_to_next(*alike, quantiles=(0.1, 0.5, 0.9))[which]
    (often, long), which, _count = _alike(n, total)
    usual = model.days_to_next(often, long, np.zeros(len(often)), quantiles=(0.5, 1 - OVERDUE))[which]
    state = np.select(
        [coming < UNLIKELY, n == 0, silence > usual[:, 1], ahead[:, 1] <= SOON], ["unlikely", "once", "overdue", "soon"], "later"
    )
    far = ahead[:, 1] > FARTHEST
    days = {name: pa.array(column, mask=far) for name, column in zip(("low", "middle", "high"), ahead.T, strict=True)}
    return pa.table({
        **{name: seen[name] for name in ("customer_id", "last_on", "intervals", "silence")}, "rhythm": usual[:, 0],
        "p_coming": coming, "state": pa.array(state.tolist(), pa.string()), **days,
    })  # fmt: skip


def states_of(table: pa.Table) -> dict[str, int]:
    """How many customers are in each state that occurs."""
    counts = {row["state"]: row["count_all"] for row in table.group_by("state").aggregate([([], "count_all")]).to_pylist()}
    return {state: counts[state] for state in STATES if state in counts}


def rhythm_of(model: PurchaseRhythm, table: pa.Table) -> dict[str, Any]:
    """Regularity, chance to stay, and the middle interval of those who came again."""
    own = table["rhythm"].to_numpy()[table["intervals"].to_numpy() > 0]
    middle = round(float(np.median(own))) if len(own) else 0
    return {"shape": round(model.shape_, 3), "staying": round(model.staying_, 4), "middle": middle}


def due_by_week(model: PurchaseRhythm, seen: pa.Table, as_of: datetime.date) -> list[dict[str, Any]]:
    """How many customers are expected with their next purchase in each week to come."""
    n, total, _logs, silence = _columns(seen)
    (n, total, silence), _which, count = _alike(n, total, silence)
    by = model.expected_by([7.0 * week for week in range(WEEKS + 1)], n, total, silence, count)
    return [
        {"start": (as_of + datetime.timedelta(days=7 * week + 1)).isoformat(), "from": 7 * week, "to": 7 * week + 7,
         "expected": round(by[week + 1] - by[week], 1)}
        for week in range(WEEKS)
    ]  # fmt: skip


def rhythm_check(transactions: Table, as_of: datetime.date) -> dict[str, Any]:
    """The rhythm as it was known ninety days ago, against who came since; and how often the interval held."""
    cut = as_of - datetime.timedelta(days=JUDGED[-1])
    try:
        model, seen = fitted_rhythm(transactions, cut)
    except NotEnoughData:
        return {"judged": [], "held": None}
    after = transactions.filter((transactions.date > cut) & (transactions.date <= as_of) & (transactions.amount >= 0))
    first = after.group_by("customer_id").agg(first_on=after.date.min()).to_pyarrow()
    place = pc.index_in(seen["customer_id"], first["customer_id"].combine_chunks())
    days = pc.days_between(pa.scalar(cut, pa.date32()), first["first_on"].combine_chunks().take(place.combine_chunks()))
    came = pc.fill_null(days, 10**6).to_numpy(zero_copy_only=False).astype(np.float64)
    n, total, _logs, silence = _columns(seen)
    (often, long, quiet), _which, count = _alike(n, total, silence)
    rows = [
        {"days": limit, "expected": round(expected, 1), "came": int((came <= limit).sum())}
        for limit, expected in zip(JUDGED, model.expected_by(JUDGED, often, long, quiet, count), strict=True)
    ]
    return {"judged": rows, "held": _held(model, (n, total, silence), came)}


def _held(model: PurchaseRhythm, known: tuple[Any, ...], came: Any) -> float | None:
    """Share of those who came within the time, on a day inside the interval of four in five cut at that time."""
    here = came <= JUDGED[-1]
    if not here.any():
        return None
    n, total, silence = (column[here] for column in known)
    limit = np.full(len(n), float(JUDGED[-1]))
    below, above = 0.1, 0.9
    within = model.probability_by(limit, n, total, silence)
    chance = model.probability_by(came[here], n, total, silence) / np.maximum(within, 1e-12)
    before = model.probability_by(np.maximum(came[here] - 1, 0), n, total, silence) / np.maximum(within, 1e-12)
    return round(float(((chance >= below) & (before <= above)).mean()), 4)


def season_of(transactions: Table, as_of: datetime.date) -> dict[str, Any]:
    """The season in the orders of each day.

    Raises
    ------
    NotEnoughData
        As for `seasonality`.
    """
    sold = transactions.filter((transactions.amount >= 0) & (transactions.date <= as_of))
    orders = sold.order_id.nunique() if "order_id" in sold.columns else sold.count()
    days = sold.group_by("date").agg(n=orders).order_by("date").to_pyarrow()
    found = seasonality(days["date"].to_pylist(), days["n"].to_pylist())
    return {
        "weekdays": _rounded(found.weekdays), "months": _rounded(found.months), "festivals": _rounded(found.festivals),
        "explained": round(found.explained, 4), "days": len(found.trend),
    }  # fmt: skip


def cohorts_of(transactions: Table, as_of: datetime.date) -> list[dict[str, Any]]:
    """The last two years, month by month; the month that is not over is left out."""
    found = cohort_retention(transactions, as_of)
    by: dict[datetime.date, list[dict[str, Any]]] = {}
    for row in found.filter(found.is_complete).to_pyarrow().to_pylist():
        by.setdefault(row["cohort"], []).append(row)
    return [
        {"cohort": month.isoformat()[:7], "customers": by[month][0]["customers"],
         "retention": [round(row["retention"], 4) for row in by[month]], "revenue": [round(row["revenue"], 2) for row in by[month]]}
        for month in sorted(by)[-COHORTS:]
    ]  # fmt: skip


def main_segments(transactions: Table) -> Table:
    """The same with the smaller segments together as "…"; without a column `segment` as it is."""
    if "segment" not in transactions.columns:
        return transactions
    sizes = transactions.group_by("segment").agg(n=transactions.count()).order_by([ibis.desc("n"), "segment"])
    kept = sizes.limit(MOST_SEGMENTS).to_pyarrow()["segment"].to_pylist()
    return transactions.mutate(segment=transactions.segment.isin(kept).ifelse(transactions.segment, "…"))


def forecast_of(transactions: Table, as_of: datetime.date, *, period: str, periods: int) -> dict[str, Any]:
    """The forecast of `forecast_sales` with its history and the test of its techniques; empty where the history is too short."""
    try:
        found = forecast_sales(transactions, as_of, periods=periods, period=period)
    except NotEnoughData:
        return {"forecast": [], "history": [], "tests": [], "coverage": {}, "origins": 0}
    total = found.history.filter(pc.is_null(found.history["segment"]))
    history = [
        {"measure": measure, "start": start.isoformat(), "actual": round(actual, 2)}
        for measure, start, actual in zip(*(total[name].to_pylist() for name in ("measure", "start", "actual")), strict=True)
    ]
    shown = set(sorted({row["start"] for row in history})[-HISTORY:])
    ahead = [
        {**row, "start": row["start"].isoformat(), **{name: round(row[name], 2) for name in ("expected", "low", "high")}}
        for row in found.table.to_pylist()
    ]
    return {
        "forecast": ahead, "history": [row for row in history if row["start"] in shown], "origins": found.origins,
        "tests": [{**row, **{name: _finite(row[name]) for name in ("error", "bias")}} for row in found.back_test.to_pylist()],
        "coverage": {name: _finite(share) for name, share in found.coverage.items()},
    }  # fmt: skip


def _columns(seen: pa.Table) -> tuple[Any, ...]:
    return tuple(seen[name].to_numpy().astype(np.float64) for name in ("intervals", "days", "log_days", "silence"))


def _alike(*columns: Any) -> tuple[tuple[Any, ...], Any, Any]:
    """The different rows of these whole numbers, which of them each row is, and how many are like it: one-time buyers differ only
    in their silence, and many a rhythm is shared."""
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 1) + column.astype(np.int64)
    _, first, which, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return tuple(column[first] for column in columns), which, count


def _rounded(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()} for row in table.to_pylist()
    ]


def _finite(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
