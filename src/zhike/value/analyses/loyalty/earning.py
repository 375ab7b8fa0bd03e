"""What loyal customers earn by year of the relationship, and where it comes from; what the records do not tell stays open."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from psycopg import sql
from scipy.special import stdtrit

import zhike_insight as zi
from zhike.value.analyses.columns import read
from zhike.value.analyses.material import Material, zone
from zhike.value.rules import CostRules, restored

YEAR = 364  # days
MOST_YEARS = 12
LEAST_IN_YEAR = 10  # customers; fewer say nothing about a year
MOSTLY = 0.5
YEARS = """
    WITH begun AS (
        SELECT customer_id, min(date) AS first FROM orders SEMI JOIN loyal USING (customer_id)
        WHERE NOT is_return AND amount > 0 GROUP BY 1),
    whole AS (
        SELECT customer_id, unnest(range(1, least(($day::DATE - first + 1) // $year, $most) + 1)) AS year FROM begun),
    bought AS (
        SELECT customer_id, (date - first) // $year + 1 AS year, sum(amount) AS revenue, sum(amount - margin) AS goods,
            count(*) FILTER (NOT is_return) AS orders, count(*) FILTER (is_return) AS returns, sum(quantity) AS pieces,
            count(quantity) = count(*) AS counted
        FROM orders JOIN begun USING (customer_id) WHERE date >= first GROUP BY 1, 2),
    served AS (
        SELECT customer_id, (date - first) // $year + 1 AS year, sum(cost) AS cost
        FROM contacts JOIN begun USING (customer_id) WHERE date >= first GROUP BY 1, 2),
    brought AS (
        SELECT b.customer_id, (o.date - b.first) // $year + 1 AS year, sum(o.margin) AS margin
        FROM referring r JOIN begun b USING (customer_id) JOIN orders o ON o.customer_id = r.other_id
        WHERE o.date >= b.first GROUP BY 1, 2),
    lived AS (
        SELECT customer_id, year, coalesce(revenue, 0) AS revenue, coalesce(goods, 0) AS goods, coalesce(orders, 0) AS orders,
            coalesce(pieces, 0) AS pieces, coalesce(counted, true) AS counted, coalesce(margin, 0) AS referred,
            coalesce(orders, 0) * $order + coalesce(returns, 0) * $giving_back + coalesce(cost, 0) AS serving
        FROM whole LEFT JOIN bought USING (customer_id, year) LEFT JOIN served USING (customer_id, year)
            LEFT JOIN brought USING (customer_id, year)),
    first AS (SELECT customer_id, revenue - goods - serving + referred AS own FROM lived WHERE year = 1)
    SELECT year, count(*) AS customers, avg(revenue) AS revenue, avg(goods) AS goods_cost, avg(orders) AS orders,
        avg(pieces)::DOUBLE AS pieces, avg(counted::INT) AS counted, avg(serving) AS serving_cost, avg(referred) AS referred,
        coalesce(stddev_samp(revenue - goods - serving + referred), 0) AS spread,
        avg(own) AS own
    FROM lived JOIN first USING (customer_id) GROUP BY 1 ORDER BY 1"""
CONTACTS = """
    SELECT i.customer_id, (i.at AT TIME ZONE {zone})::date, p.price FROM zhike_interaction i
    JOIN unnest({kinds}::text[], {prices}::float8[]) AS p (kind, price) ON p.kind = i.kind
    WHERE i.state = 'done' AND (i.at AT TIME ZONE {zone})::date <= {until}"""


def earned(material: Material, loyal: NDArray[np.int64]) -> dict[str, Any]:
    """Means of these customers by whole year since the first purchase: profit with its interval, and its parts.

    `own`: the first year's profit of those who reached that year, because those who stay are not those who came."""
    rules = restored(CostRules, material.run.assumptions)
    contacts = _contacts(material, rules)
    ties = material.relationships
    referring = ties.filter(pa.compute.equal(ties["kind"], "refers"))
    for name, table in (("loyal", pa.table({"customer_id": loyal})), ("contacts", contacts), ("referring", referring)):
        material.con.register(name, table)
    days = {"day": material.as_of, "year": YEAR, "most": MOST_YEARS, "order": rules.order, "giving_back": rules.giving_back}
    rows = material.con.sql(YEARS, params=days).to_arrow_table().to_pylist()
    rows = [row for row in rows if row["customers"] >= LEAST_IN_YEAR]
    ((cost_known,),) = material.con.sql("SELECT avg((cost IS NOT NULL)::INT) FROM copied").fetchall()
    told = {
        "loyal": len(loyal), "winning": rules.winning, "cost_known": round(cost_known or 0.0, 4),
        "contacts_since": None if not contacts.num_rows else str(pa.compute.min(contacts["date"]).as_py()),
        "referrals": referring.num_rows, "unit": "pieces" if rows and all(row["counted"] > MOSTLY for row in rows) else "orders",
    }  # fmt: skip
    return told | {"years": _taken_apart(rows, told)}


def _contacts(material: Material, rules: CostRules) -> pa.Table:
    prices = {name: price for name, price in asdict(rules).items() if name not in ("winning", "order", "giving_back")}
    query = sql.SQL(CONTACTS).format(
        zone=zone(), kinds=sql.Literal(list(prices)), prices=sql.Literal(list(prices.values())), until=sql.Literal(material.as_of)
    )
    return read(query, {"customer_id": pa.int64(), "date": pa.date32(), "cost": pa.float64()})


def _taken_apart(rows: list[dict[str, Any]], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Nothing without a first year: then there is no base to compare with."""
    if not rows or rows[0]["year"] != 1 or not rows[0][told["unit"]] > 0:
        return []
    names = ("year", "revenue", "goods_cost", "serving_cost", "referred")
    means = {name: [row[name] for row in rows] for name in names} | {"quantity": [row[told["unit"]] for row in rows]}
    found = []
    for row, parts in zip(rows, zi.loyalty_profit(means).to_pylist(), strict=True):
        half = float(stdtrit(row["customers"] - 1, 0.975)) * row["spread"] / row["customers"] ** 0.5
        profit = parts["profit"]
        if told["cost_known"] < MOSTLY:  # by a rate of the price, so cheaper goods cannot be told from dearer ones
            parts |= {"premium": parts["premium"] + parts["goods"], "goods": None}
        if not told["referrals"]:
            parts["referrals"] = None
        parts |= {"customers": row["customers"], "own": row["own"], "low": profit - half, "high": profit + half}
        found.append({name: round(value, 2) if isinstance(value, float) else value for name, value in parts.items()})
    return found
