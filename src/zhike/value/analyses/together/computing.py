"""Finds rules in orders, learns who buys what next, and judges it on the last days."""

import datetime
from dataclasses import dataclass, replace
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
from zhike.value.analyses.together.kind import Options
from zhike.value.journal import Progress

MOST_PRODUCTS = 1000  # of which something is said
MOST_RULES, MOST_STEPS, MOST_SHOWN, OFFERED, LOOKED_AT = 60, 20, 40, 5, 8
LEAST_CHANCE = 0.01  # below it nothing is called the next product
LEAST_ORDERS = 5  # of a rule
MOVED = 10  # customers who went on to a dearer product
LEARNED_FROM = 100_000  # customers, of so many as there are
LOTS = 1_000_000  # by which customers are divided; many more than parts
SAMPLE = 30_000  # pairs of customer and product to learn from
NAME = 40  # letters


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    customers = _see_bought(material, options)
    progress(2, 10)
    shares = -(-customers // LEARNED_FROM)  # customers come in so many parts; the first is learned from
    lines = _lines(material, 0, shares)
    try:
        known = _named(zi.product_purchases(lines, material.as_of, most_products=MOST_PRODUCTS))
        if len(known.products) < 2:
            raise TooLittle
        model = zi.ProductPropensity(horizon=options.days, sample=SAMPLE).fit(known)
    except zi.NotEnoughData as problem:
        raise TooLittle from problem
    progress(3, 10)
    parts = []
    for part in range(shares):
        parts.append(_offered(material, model, known, part, shares))
        progress(30 + 40 * (part + 1) // shares, 100)
    techniques = _techniques(known, options, material.as_of)
    progress(8, 10)
    rules = _rules(lines, options)
    steps = _steps(lines, options)
    report = {
        "level": options.level, "days": options.days, "baskets": _counted(material, "count(DISTINCT basket)"),
        "rule_count": rules[1], "rules": rules[0], "steps": steps, "techniques": techniques, "kind": model.kind_,
        "log_loss": model.log_loss_, "base_log_loss": model.base_log_loss_,
        "calibration": [_rounded(row) for row in model.calibration_], "left_out": known.products_left_out,
        "customers": customers, "learned_from": len(known.customers), **_products(material, known, parts, options.days),
    }  # fmt: skip
    report["names"] = _names(material, options, known)
    return Outcome(report, pa.concat_tables([part.findings for part in parts]))


def _see_bought(material: Material, options: Options) -> int:
    """Lets the engine see what was bought: of lines of business those without one are left out, and products that are no longer
    sold are not offered. How many customers bought."""
    if not material.lines:
        raise TooLittle
    material.con.register("products", material.products)
    code, condition = ("product_id", "is_active") if options.level == "product" else ("line_id", "line_id IS NOT NULL")
    material.con.execute(
        f"""CREATE VIEW bought AS SELECT customer_id, order_id AS basket, date, l.price, {code}::BIGINT AS product,
        {code}::BIGINT AS item, line_id AS category, (hash(customer_id) % {LOTS})::BIGINT AS lot
        FROM lines l JOIN products USING (product_id) WHERE {condition}"""  # noqa: S608  words of ours
    )
    found = _counted(material, "count(DISTINCT customer_id)")
    if not found:
        raise TooLittle
    return found


def _counted(material: Material, what: str) -> int:
    ((found,),) = material.con.sql(f"SELECT {what} FROM bought").fetchall()  # noqa: S608  words of ours
    return int(found)


def _lines(material: Material, part: int, shares: int) -> Table:
    """Of one part of the customers; which one somebody belongs to has nothing to do with anything else."""
    bought = material.backend.table("bought")
    return bought.filter(bought.lot % shares == part)


def _named(purchases: zi.Purchases) -> zi.Purchases:
    """Products are numbers while they are counted, and words in what is said."""
    return replace(purchases, products=purchases.products.cast(pa.string()))


@dataclass(frozen=True)
class _Part:
    """Of some customers: what is said of each, and how many buyers of each product are expected, and for how many it is next."""

    findings: pa.Table
    expected: dict[str, float]
    first: dict[str, int]


def _offered(material: Material, model: zi.ProductPropensity, known: zi.Purchases, part: int, shares: int) -> _Part:
    mine = known
    if part:
        lines, products = _lines(material, part, shares), known.products.cast(pa.int64())
        mine = _named(zi.product_purchases(lines, material.as_of, products=products))
    offers = model.predict(mine, most=LOOKED_AT, like=known)
    is_next = pc.and_(pc.equal(offers["rank"], 1), pc.greater_equal(offers["probability"], LEAST_CHANCE))
    sums = offers.append_column("is_next", is_next).group_by("product").aggregate([("probability", "sum"), ("is_next", "sum")])
    rows = sums.to_pylist()
    return _Part(
        _findings(material, offers),
        {row["product"]: row["probability_sum"] for row in rows}, {row["product"]: row["is_next_sum"] for row in rows},
    )  # fmt: skip


def _rules(lines: Table, options: Options) -> tuple[list[dict[str, Any]], int]:
    """The strongest of them, and how many there are."""
    baskets = zi.baskets_of(lines.select("basket", "item").to_pyarrow())
    support = max(options.support / 100, min(LEAST_ORDERS / max(len(baskets), 1), 1.0))
    found = zi.association_rules(baskets, support=support, confidence=options.confidence / 100, max_size=3)
    found = found.filter(pc.greater(found["lift"], 1.0))
    rows = [
        {"left": list(map(str, row["antecedent"])), "right": str(row["consequent"]), "both": row["both"],
         "support": round(row["support"], 5), "confidence": round(row["confidence"], 4), "lift": round(row["lift"], 2)}
        for row in found.slice(0, MOST_RULES).to_pylist()
    ]  # fmt: skip
    return rows, found.num_rows


def _steps(lines: Table, options: Options) -> list[dict[str, Any]]:
    if options.level != "product":
        return []
    found = zi.price_steps(lines.filter(lines.category.notnull()), least_customers=MOVED)
    clear = found.filter(found.lift > 1).order_by([ibis.desc("lift"), "product", "dearer"])
    rows = clear.head(MOST_STEPS).to_pyarrow().to_pylist()
    kept = ("price", "dearer_price", "customers", "moved", "share", "usual_share", "lift", "days")
    return [
        {"product": str(row["product"]), "dearer": str(row["dearer"]), **_rounded({name: row[name] for name in kept}, 4)}
        for row in rows
    ]


def _techniques(known: zi.Purchases, options: Options, as_of: datetime.date) -> list[dict[str, Any]]:
    """All techniques on the last days; none where the history is too short to hold some back."""
    cut = as_of - datetime.timedelta(days=options.days)
    try:
        table = zi.compare_offers(known, cut, days=options.days, most=OFFERED, sample=SAMPLE)
    except zi.NotEnoughData:
        return []
    return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]


def _products(material: Material, known: zi.Purchases, parts: list[_Part], days: int) -> dict[str, Any]:
    """Of each product its buyers so far, lately, expected, and for how many it is next; and the products that are next."""
    query = """SELECT product, count(DISTINCT customer_id) AS buyers, count(DISTINCT customer_id) FILTER (date > $since) AS recent
        FROM bought GROUP BY 1"""
    since = material.as_of - datetime.timedelta(days)
    bought = {str(row[0]): row[1:] for row in material.con.sql(query, params={"since": since}).fetchall()}
    expected, first = (
        {code: sum(getattr(part, name).get(code, 0) for part in parts) for code in known.products.to_pylist()}
        for name in ("expected", "first")
    )
    rows = [
        {"product": code, "buyers": bought[code][0], "recent": bought[code][1], "expected": round(expected[code], 1),
         "first": first[code]} for code in expected
    ]  # fmt: skip
    rows.sort(key=lambda row: -row["expected"])
    codes = sorted((code for code, n in first.items() if n), key=lambda code: -first[code])
    return {"products": rows[:MOST_SHOWN], "next": codes, "expected": round(sum(expected.values()))}


def _names(material: Material, options: Options, known: zi.Purchases) -> dict[str, str]:
    table = material.products
    key, name = ("product_id", "name") if options.level == "product" else ("line_id", "line")
    labels = dict(zip(table[key].cast(pa.string()).to_pylist(), table[name].to_pylist(), strict=True))
    return {code: str(labels.get(code, code))[:NAME] for code in known.products.to_pylist()}


def _findings(material: Material, offers: pa.Table) -> pa.Table:
    """`group` is the product, `value` its chance; the detail says why, and which of the next ones would be new."""
    new = offers.filter(pc.and_(pc.equal(offers["bought"], 0), pc.greater_equal(offers["probability"], LEAST_CHANCE)))
    first = offers.filter(pc.equal(offers["rank"], 1))
    fresh = new.take(pc.index_in(first["customer_id"], new["customer_id"].combine_chunks()))
    columns = {
        "customer_id": first["customer_id"].cast(pa.int64()), "value": pc.round(first["probability"], 4),
        "group": pc.if_else(pc.greater_equal(first["probability"], LEAST_CHANCE), first["product"], pa.scalar(None, pa.string())),
        "because": first["because"], "bought": first["bought"], "last_on": first["last_on"].cast(pa.string()),
        "product": fresh["product"], "chance": pc.round(fresh["probability"], 4), "why": fresh["because"],
    }  # fmt: skip
    another = "CASE WHEN product IS NOT NULL THEN {product: product, chance: chance, because: why} END"
    return findings(material.con, columns, f"{{because: because, bought: bought, last_on: last_on, new: {another}}}")


def _rounded(row: dict[str, Any], digits: int = 5) -> dict[str, Any]:
    return {name: round(value, digits) if isinstance(value, float) else value for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value
