"""The evidence of every scored customer from 0 to 100, missing where nothing is recorded, and how far it can be relied on."""

import datetime
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q
from numpy.typing import NDArray
from psycopg import sql

import zhike_insight as zi
from zhike.customers.models import FieldDefinition
from zhike.value import arrow
from zhike.value.analyses.columns import of_customers, read
from zhike.value.analyses.heard import SURE_AT, by_customer, heard, is_one_of, points
from zhike.value.analyses.loyalty.kind import Options
from zhike.value.analyses.material import Material, zone

Floats = NDArray[np.float64]
YEAR = 364  # days
CHEAPEST = 0.7  # of list price: here acceptance of the price is 0
ANSWERS = {"bought": 100.0, "interested": 80.0, "declined": 0.0}
RIVALS = "别家|别的店|其他店|另一家|同行|竞品|竞争对手|对手|4[sS]店|门口做|competitor|elsewhere"
SUMS = """
    SELECT customer_id, coalesce(sum(amount) FILTER (date > $since), 0) AS amount,
        count(*) FILTER (date > $since AND NOT is_return)::DOUBLE AS orders,
        coalesce(max(date) FILTER (NOT is_return) - min(date) FILTER (NOT is_return), 0)::DOUBLE AS duration
    FROM orders GROUP BY 1 ORDER BY 1"""
LINES = """
    SELECT o.customer_id,
           sum(l.amount) FILTER (WHERE p.price > 0) / nullif(sum(l.quantity * p.price) FILTER (WHERE p.price > 0), 0),
           count(DISTINCT coalesce(p.line_id, -p.id))
    FROM zhike_orderline l JOIN zhike_order o ON o.id = l.order_id JOIN zhike_product p ON p.id = l.product_id
    WHERE o.kind = 'sale' AND (o.ordered_at AT TIME ZONE {zone})::date BETWEEN {since} AND {until} GROUP BY 1 ORDER BY 1"""
PLANS = """
    SELECT i.customer_id, 100 FROM zhike_interaction i WHERE i.state = 'planned' AND NOT EXISTS (
        SELECT FROM zhike_interaction p WHERE p.customer_id = i.customer_id AND p.state = 'done' AND p.resolved_at IS NULL
        AND (p.outcome = 'problem' OR p.mood = 'unhappy')) GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True)
class Gathered:
    """Sorted ids; by column of the evidence what it says (0 to 100) and how sure it is (0 to 1; 1 where not said)."""

    customers: NDArray[np.int64]
    known: dict[str, Floats]
    sure: dict[str, Floats]


def gathered(material: Material, options: Options) -> Gathered:
    scores = material.scores("p_alive")
    customers = scores["customer_id"].to_numpy()
    spent, known = _bought(material, customers)
    known["active"] = 100 * arrow.plain(scores["p_alive"])
    known |= _lines(material, customers) | _recorded(material, customers, options, spent)
    talked, sure = _talked(material, customers, options)
    return Gathered(customers, known | talked, sure)


def _bought(material: Material, customers: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    """Money of 52 weeks; and amount, orders, duration as evidence."""
    since = material.as_of - datetime.timedelta(YEAR)
    found = of_customers(customers, material.con.sql(SUMS, params={"since": since}).to_arrow_table(), missing=0.0)
    known = {name: beside(found[name], _typical(found[name])) for name in ("amount", "orders")}
    return np.maximum(found["amount"], 0), known | {"duration": beside(found["duration"], YEAR)}


def _lines(material: Material, customers: NDArray[np.int64]) -> dict[str, Floats]:
    """What they pay of list price, and for how many needs they come."""
    since, until = sql.Literal(material.as_of - datetime.timedelta(YEAR)), sql.Literal(material.as_of)
    query = sql.SQL(LINES).format(zone=zone(), since=since, until=until)
    table = read(query, {"customer_id": pa.int64(), "price": pa.float64(), "breadth": pa.float64()})
    found = of_customers(customers, table)
    price = 100 * np.clip((found["price"] - CHEAPEST) / (1 - CHEAPEST), 0, 1)
    return {"price": price, "breadth": beside(found["breadth"], 1)}


def _recorded(material: Material, customers: NDArray[np.int64], options: Options, spent: Floats) -> dict[str, Floats]:
    """Fields a person chose, relationships, plans."""
    table = read(sql.SQL(PLANS), {"customer_id": pa.int64(), "plan": pa.float64()})
    found = of_customers(customers, table)
    referring = np.unique(material.relationships.filter(pc.field("kind") == "refers")["customer_id"].to_numpy())
    found["refers"] = np.where(np.isin(customers, referring), 100.0, np.nan)
    if options.competitor:
        filled = of_customers(customers, _filled(material, options.competitor))["filled"]
        found["competitor"] = np.where(filled > 0, 0.0, np.nan)
    if options.wallet:
        told = of_customers(customers, material.profile({options.wallet: pa.float64()}))[options.wallet]
        told = np.where(told >= 0, told, np.nan)
        percent = FieldDefinition.objects.filter(Q(unit_zh="%") | Q(unit_en="%"), code=options.wallet).exists()
        found["wallet"] = np.minimum(told, 100) if percent else 100 * zi.share_of_wallet(spent, told)
    return found


def _filled(material: Material, code: str) -> pa.Table:
    table = material.profile({code: pa.string()})
    filled = pc.and_(pc.is_valid(table[code]), pc.invert(pc.is_in(table[code], pa.array(["", "false"]))))
    return pa.table({"customer_id": table["customer_id"], "filled": pc.cast(filled, pa.float64())})


def _talked(material: Material, customers: NDArray[np.int64], options: Options) -> tuple[dict[str, Floats], dict[str, Floats]]:
    talks = material.interactions(material.as_of - datetime.timedelta(options.window), texts=True)
    if not talks.num_rows:
        return {}, {}
    of = talks["customer_id"].to_numpy()
    age = (material.as_of - datetime.date(1970, 1, 1)).days - arrow.plain(talks["date"], pa.int32())
    weight = 0.5 ** (age / options.half_life)
    problem = is_one_of(talks["outcome"], "problem")
    resolved = talks["is_resolved"].to_numpy(zero_copy_only=False)
    named = pc.match_substring_regex(pc.fill_null(talks["summary"], ""), RIVALS).to_numpy(zero_copy_only=False)
    noted = pc.fill_null(pc.greater(pc.utf8_length(talks["summary"]), 0), False).to_numpy(zero_copy_only=False)
    said = {
        "content": heard(talks, options.texts), "recovery": np.where(problem, np.where(resolved, 100.0, 0.0), np.nan),
        "interest": points(talks["outcome"], ANSWERS), "rivals": np.where(noted, np.where(named, 0.0, 100.0), np.nan),
    }  # fmt: skip
    found, sure = {}, {}
    for name, values in said.items():
        found[name], whole = by_customer(customers, of, values, weight)
        sure[name] = whole / (whole + SURE_AT)
    return found, sure


def beside(values: Floats, half: float) -> Floats:
    """0 to 100; 50 at `half`, so that nobody needs to be the best for others to be good."""
    return 100 * values / (values + half) if half > 0 else np.full(len(values), np.nan)


def _typical(values: Floats) -> float:
    positive = values[values > 0]
    return float(np.median(positive)) if len(positive) else 0.0
