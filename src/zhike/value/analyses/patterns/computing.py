"""Cohorts, season, the rhythm of every customer, and the forecast; each judged on days it has not seen."""

import datetime
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

import zhike_insight as zi
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.patterns.kind import Options
from zhike.value.journal import Progress

COHORTS = 24  # months back
WEEKS = 12
SOON = 30  # days
OVERDUE = 0.1  # of the intervals are longer
FARTHEST = 550  # days ahead
UNLIKELY = 0.2  # chance to come again
JUDGED = (7, 30, 60, 90)  # days
MOST_SEGMENTS = 8
HISTORY = 36  # periods that are shown
COLUMNS = ("intervals", "days", "log_days", "silence")


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    orders = zi.transactions(material.backend.table("orders").select("customer_id", "order_id", "date", "amount"))
    seen = zi.purchase_intervals(orders, material.as_of).order_by("customer_id").to_pyarrow()
    try:
        model = zi.PurchaseRhythm().fit(*_columns(seen))
        season = _season(orders, material.as_of)
    except (zi.BadInput, zi.NotEnoughData) as problem:
        raise TooLittle from problem
    progress(3, 10)
    judged = _judged(orders, material.as_of)
    progress(5, 10)
    findings, states, rhythm = _customers(material, model, seen)
    progress(7, 10)
    forecast = _forecast(material, orders, options)
    progress(9, 10)
    report = {
        "as_of": material.as_of.isoformat(), "options": {"segments": options.segments, "period": options.period,
                                                         "periods": options.periods},
        "cohorts": _cohorts(orders, material.as_of), "season": season, "states": states, "rhythm": rhythm,
        "due": _due(model, seen, material.as_of), **judged, **forecast,
    }  # fmt: skip
    return Outcome(report, findings)


def _columns(seen: pa.Table) -> tuple[Any, ...]:
    return tuple(seen[name].to_numpy().astype(np.float64) for name in COLUMNS)


def _season(orders: Table, as_of: datetime.date) -> dict[str, Any]:
    sold = orders.filter((orders.amount >= 0) & (orders.date <= as_of))
    days = sold.group_by("date").agg(n=sold.order_id.nunique()).order_by("date").to_pyarrow()
    found = zi.seasonality(days["date"].to_pylist(), days["n"].to_pylist())
    return {
        "weekdays": _rounded(found.weekdays), "months": _rounded(found.months), "festivals": _rounded(found.festivals),
        "explained": round(found.explained, 4), "days": len(found.trend),
    }  # fmt: skip


def _rounded(table: pa.Table) -> list[dict[str, Any]]:
    return [
        {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()} for row in table.to_pylist()
    ]


def _customers(material: Material, model: zi.PurchaseRhythm, seen: pa.Table) -> tuple[pa.Table, dict[str, int], dict[str, Any]]:
    """State, days to the next purchase, and what the sentence needs, of every customer."""
    n, total, _logs, silence = _columns(seen)
    coming = model.p_coming(n, total, silence)
    ahead = model.days_to_next(n, total, silence, quantiles=(0.1, 0.5, 0.9))
    usual = model.days_to_next(n, total, np.zeros(len(n)), quantiles=(0.5, 1 - OVERDUE))
    state = np.select(
        [coming < UNLIKELY, n == 0, silence > usual[:, 1], ahead[:, 1] <= SOON], ["unlikely", "once", "overdue", "soon"], "later"
    )
    known = ahead[:, 1] <= FARTHEST  # no day is told that lies farther than a year and a half ahead
    columns: dict[str, Any] = {
        "customer_id": seen["customer_id"].cast(pa.int64()), "group": state, "last": seen["last_on"].cast(pa.string()),
        "value": np.where((state == "unlikely") | ~known, np.nan, np.round(ahead[:, 1])), "silent": silence.astype(np.int64),
        "rhythm": np.round(usual[:, 0]).astype(np.int64), "coming": np.round(coming, 3),
    }  # fmt: skip
    for name, days in zip(("low", "middle", "high"), ahead.T, strict=True):
        columns[name] = pa.array(np.round(np.where(known, days, 0)).astype(np.int64), mask=~known)
    detail = ", ".join(f"{name}: {name}" for name in ("last", "silent", "rhythm", "coming", "low", "middle", "high"))
    table = findings(material.con, columns, f"{{{detail}}}")
    names, counts = np.unique(state, return_counts=True)
    middle = float(np.median(usual[n > 0, 0])) if (n > 0).any() else 0.0
    rhythm = {"shape": round(model.shape_, 3), "staying": round(model.staying_, 4), "middle": round(middle)}
    return table, dict(zip(names.tolist(), counts.tolist(), strict=True)), rhythm


def _due(model: zi.PurchaseRhythm, seen: pa.Table, as_of: datetime.date) -> list[dict[str, Any]]:
    """How many customers are expected with their next purchase in each week to come."""
    n, total, _logs, silence = _columns(seen)
    by = [float(model.probability_by(np.full(len(n), 7.0 * week), n, total, silence).sum()) for week in range(WEEKS + 1)]
    return [
        {"start": (as_of + datetime.timedelta(days=7 * week + 1)).isoformat(), "from": 7 * week, "to": 7 * week + 7,
         "expected": round(by[week + 1] - by[week], 1)}
        for week in range(WEEKS)
    ]  # fmt: skip


def _judged(orders: Table, as_of: datetime.date) -> dict[str, Any]:
    """The rhythm as it was known ninety days ago, against who came since; and how often the interval held."""
    cut = as_of - datetime.timedelta(days=JUDGED[-1])
    seen = zi.purchase_intervals(orders, cut).order_by("customer_id").to_pyarrow()
    try:
        model = zi.PurchaseRhythm().fit(*_columns(seen))
    except zi.NotEnoughData:
        return {"judged": [], "held": None}
    after = orders.filter((orders.date > cut) & (orders.date <= as_of) & (orders.amount >= 0))
    first = after.group_by("customer_id").agg(first_on=after.date.min()).to_pyarrow()
    place = pc.index_in(seen["customer_id"], first["customer_id"].combine_chunks())
    days = pc.days_between(pa.scalar(cut, pa.date32()), first["first_on"].combine_chunks().take(place.combine_chunks()))
    came = pc.fill_null(days, 10**6).to_numpy(zero_copy_only=False).astype(np.float64)
    n, total, _logs, silence = _columns(seen)
    rows = [
        {"days": limit, "expected": round(float(model.probability_by(np.full(len(n), limit), n, total, silence).sum()), 1),
         "came": int((came <= limit).sum())} for limit in JUDGED
    ]  # fmt: skip
    return {"judged": rows, "held": _held(model, (n, total, silence), came)}


def _held(model: zi.PurchaseRhythm, known: tuple[Any, ...], came: Any) -> float | None:
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


def _cohorts(orders: Table, as_of: datetime.date) -> list[dict[str, Any]]:
    """The last two years, month by month; the month that is not over is left out."""
    found = zi.cohort_retention(orders, as_of)
    rows = found.filter(found.is_complete).to_pyarrow().to_pylist()
    by: dict[datetime.date, list[dict[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["cohort"], []).append(row)
    months = sorted(by)[-COHORTS:]
    return [
        {"cohort": month.isoformat()[:7], "customers": by[month][0]["customers"],
         "retention": [round(row["retention"], 4) for row in by[month]], "revenue": [round(row["revenue"], 2) for row in by[month]]}
        for month in months
    ]  # fmt: skip


def _forecast(material: Material, orders: Table, options: Options) -> dict[str, Any]:
    segmented = _segmented(material, orders, options)
    try:
        found = zi.forecast_sales(segmented, material.as_of, periods=options.periods, period=options.period)
    except zi.NotEnoughData:
        return {"forecast": [], "history": [], "tests": [], "coverage": {}, "origins": 0}
    total = found.history.filter(pc.is_null(found.history["segment"]))
    history = [
        {"measure": measure, "start": start.isoformat(), "actual": round(actual, 2)}
        for measure, start, actual in zip(*(total[name].to_pylist() for name in ("measure", "start", "actual")), strict=True)
    ]
    recent = {row["start"] for row in history}
    shown = set(sorted(recent)[-HISTORY:])
    ahead = [
        {**row, "start": row["start"].isoformat(), **{name: round(row[name], 2) for name in ("expected", "low", "high")}}
        for row in found.table.to_pylist()
    ]
    return {
        "forecast": ahead, "history": [row for row in history if row["start"] in shown], "origins": found.origins,
        "tests": [{**row, **{name: _finite(row[name]) for name in ("error", "bias")}} for row in found.back_test.to_pylist()],
        "coverage": {name: _finite(share) for name, share in found.coverage.items()},
    }  # fmt: skip


def _segmented(material: Material, orders: Table, options: Options) -> Table:
    """The orders with the segment of each: by grade or region of the customer, or by channel; the largest ones by name."""
    if options.segments == "none":
        return orders
    if options.segments == "channel":
        named = material.backend.table("orders").select("customer_id", "order_id", "date", "amount", segment="channel")
    else:
        of = material.scores("grade") if options.segments == "grade" else material.customers.select(["customer_id", "region"])
        names = ibis.memtable(of.rename_columns(["customer_id", "segment"]))
        named = orders.left_join(names, "customer_id").drop("customer_id_right")
    named = zi.transactions(named.mutate(segment=named.segment.fill_null("")))
    sizes = named.group_by("segment").agg(n=named.count()).order_by([ibis.desc("n"), "segment"]).to_pyarrow()
    kept = sizes["segment"].to_pylist()[:MOST_SEGMENTS]
    return named.mutate(segment=named.segment.isin(kept).ifelse(named.segment, "…"))


def _finite(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
