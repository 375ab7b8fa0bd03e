"""Cohorts, season, the rhythm of every customer, and the forecast; each judged on days it has not seen."""

from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

import zhike_insight as zi
from zhike.value.analyses.findings import findings
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.patterns.kind import Options
from zhike.value.journal import Progress
from zhike_insight import runs_of_patterns as patterns

WHOLE = {"silent": "silence", "rhythm": "rhythm", "low": "low", "middle": "middle", "high": "high"}  # days


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    orders = zi.transactions(material.backend.table("orders").select("customer_id", "order_id", "date", "amount"))
    try:
        model, seen = patterns.fitted_rhythm(orders, material.as_of)
        season = patterns.season_of(orders, material.as_of)
    except (zi.BadInput, zi.NotEnoughData) as problem:
        raise TooLittle from problem
    progress(3, 10)
    judged = patterns.rhythm_check(orders, material.as_of)
    progress(5, 10)
    table = patterns.next_purchases(model, seen)
    progress(7, 10)
    segmented = patterns.main_segments(_segmented(material, orders, options))
    forecast = patterns.forecast_of(segmented, material.as_of, period=options.period, periods=options.periods)
    progress(9, 10)
    report = {
        "as_of": material.as_of.isoformat(), "options": {"segments": options.segments, "period": options.period,
                                                         "periods": options.periods},
        "cohorts": patterns.cohorts_of(orders, material.as_of), "season": season, "states": patterns.states_of(table),
        "rhythm": patterns.rhythm_of(model, table), "due": patterns.due_by_week(model, seen, material.as_of), **judged, **forecast,
    }  # fmt: skip
    return Outcome(report, _findings(material, table))


def _findings(material: Material, table: pa.Table) -> pa.Table:
    """State, days to the next purchase, and what the sentence needs, of every customer."""
    columns: dict[str, Any] = {
        "customer_id": table["customer_id"].cast(pa.int64()), "group": table["state"],
        "value": pc.if_else(pc.equal(table["state"], "unlikely"), None, pc.round(table["middle"])),
        "last": table["last_on"].cast(pa.string()), "coming": pc.round(table["p_coming"], 3),
        **{name: pc.round(table[kind]).cast(pa.int64()) for name, kind in WHOLE.items()},
    }  # fmt: skip
    detail = ", ".join(f"{name}: {name}" for name in ("last", "silent", "rhythm", "coming", "low", "middle", "high"))
    return findings(material.con, columns, f"{{{detail}}}")


def _segmented(material: Material, orders: Table, options: Options) -> Table:
    """The orders with the segment of each: by grade or region of the customer, or by channel."""
    if options.segments == "none":
        return orders
    if options.segments == "channel":
        named = material.backend.table("orders").select("customer_id", "order_id", "date", "amount", segment="channel")
    else:
        of = material.scores("grade") if options.segments == "grade" else material.customers.select(["customer_id", "region"])
        names = ibis.memtable(of.rename_columns(["customer_id", "segment"]))
        named = orders.left_join(names, "customer_id").drop("customer_id_right")
    return zi.transactions(named.mutate(segment=named.segment.fill_null("")))
