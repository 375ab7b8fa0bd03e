"""Finds rules in orders, learns who buys what next, and judges it on the last days."""

import datetime
import json
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import zhike_insight as zi
from zhike.value.analyses.kind import Outcome, TooLittle
from zhike.value.analyses.material import Material
from zhike.value.analyses.together.kind import Options
from zhike.value.journal import Progress

MOST_PRODUCTS = 1000  # of which something is said
MOST_RULES, MOST_STEPS, MOST_SHOWN, OFFERED, LOOKED_AT = 60, 20, 40, 5, 8
LEAST_CHANCE = 0.01  # below it nothing is called the next product
LEAST_ORDERS = 5  # of a rule
MOVED = 10  # customers who went on to a dearer product
SAMPLE = 30_000  # pairs of customer and product to learn from
NAME = 40  # letters


def compute(material: Material, options: Options, progress: Progress) -> Outcome:
    lines = _lines(material, options)
    progress(1, 10)
    try:
        known = zi.product_purchases(lines, material.as_of, most_products=MOST_PRODUCTS)
        if len(known.products) < 2:
            raise TooLittle
        model = zi.ProductPropensity(horizon=options.days, sample=SAMPLE).fit(known)
    except zi.NotEnoughData as problem:
        raise TooLittle from problem
    progress(4, 10)
    offers = model.predict(known, most=LOOKED_AT)
    progress(6, 10)
    techniques = _techniques(known, options, material.as_of)
    progress(8, 10)
    rules = _rules(lines, options)
    steps = _steps(lines, options)
    report = {
        "level": options.level, "days": options.days, "baskets": _baskets(lines), "rule_count": rules[1], "rules": rules[0],
        "steps": steps, "techniques": techniques, "kind": model.kind_, "log_loss": model.log_loss_,
        "base_log_loss": model.base_log_loss_, "calibration": [_rounded(row) for row in model.calibration_],
        "left_out": known.products_left_out, **_products(known, offers, options.days),
    }  # fmt: skip
    report["names"] = _names(material, options, known)
    return Outcome(report, _findings(offers))


def _lines(material: Material, options: Options) -> pa.Table:
    """Sales only; of lines of business those without one are left out. Products that are no longer sold are not offered."""
    lines = material.lines()
    product, line = (lines[name].cast(pa.string()) for name in ("product_id", "line_id"))
    price = pc.divide(lines["amount"], pc.if_else(pc.greater(lines["quantity"], 0), lines["quantity"], 1.0))
    found = pa.table({
        "customer_id": lines["customer_id"], "basket": lines["order_id"], "date": lines["date"], "price": price,
        "product": product if options.level == "product" else line, "item": product if options.level == "product" else line,
        "category": line,
    })  # fmt: skip
    if options.level == "product":
        sold = material.products
        gone = sold.filter(pc.invert(sold["is_active"]))["product_id"].cast(pa.string())
        found = found.filter(pc.invert(pc.is_in(product, gone.combine_chunks())))
    found = found.filter(pc.is_valid(found["product"]))
    if not found.num_rows:
        raise TooLittle
    return found


def _baskets(lines: pa.Table) -> int:
    return int(pc.count_distinct(lines["basket"]).as_py())


def _rules(lines: pa.Table, options: Options) -> tuple[list[dict[str, Any]], int]:
    """The strongest of them, and how many there are."""
    baskets = zi.baskets_of(lines.select(["basket", "item"]))
    support = max(options.support / 100, min(LEAST_ORDERS / max(len(baskets), 1), 1.0))
    found = zi.association_rules(baskets, support=support, confidence=options.confidence / 100, max_size=3)
    found = found.filter(pc.greater(found["lift"], 1.0))
    rows = [
        {"left": row["antecedent"], "right": row["consequent"], "both": row["both"], "support": round(row["support"], 5),
         "confidence": round(row["confidence"], 4), "lift": round(row["lift"], 2)}
        for row in found.slice(0, MOST_RULES).to_pylist()
    ]  # fmt: skip
    return rows, found.num_rows


def _steps(lines: pa.Table, options: Options) -> list[dict[str, Any]]:
    if options.level != "product":
        return []
    found = zi.price_steps(lines.filter(pc.is_valid(lines["category"])), least_customers=MOVED)
    clear = found.filter(found.lift > 1).order_by([ibis.desc("lift"), "product", "dearer"])
    rows = clear.head(MOST_STEPS).to_pyarrow().to_pylist()
    kept = ("product", "dearer", "price", "dearer_price", "customers", "moved", "share", "usual_share", "lift", "days")
    return [_rounded({name: row[name] for name in kept}, 4) for row in rows]


def _techniques(known: zi.Purchases, options: Options, as_of: datetime.date) -> list[dict[str, Any]]:
    """All techniques on the last days; none where the history is too short to hold some back."""
    cut = as_of - datetime.timedelta(days=options.days)
    try:
        table = zi.compare_offers(known, cut, days=options.days, most=OFFERED, sample=SAMPLE)
    except zi.NotEnoughData:
        return []
    return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]


def _products(known: zi.Purchases, offers: pa.Table, days: int) -> dict[str, Any]:
    """Of each product its buyers so far, lately, expected, and for how many it is next; and the products that are next."""
    is_next = pc.and_(pc.equal(offers["rank"], 1), pc.greater_equal(offers["probability"], LEAST_CHANCE))
    chances = offers.append_column("is_next", is_next)
    sums = chances.group_by("product").aggregate([("probability", "sum"), ("is_next", "sum")]).to_pylist()
    expected = {row["product"]: row["probability_sum"] for row in sums}
    first = {row["product"]: row["is_next_sum"] for row in sums}
    recent = known.matrix((known.day > known.end - days).astype(np.float32))
    recent.eliminate_zeros()
    ever, lately = (np.bincount(one.indices, minlength=len(known.products)) for one in (known.matrix(), recent))
    rows = [
        {"product": code, "buyers": int(ever[at]), "recent": int(lately[at]), "expected": round(expected.get(code, 0.0), 1),
         "first": first.get(code, 0)}
        for at, code in enumerate(known.products.to_pylist())
    ]  # fmt: skip
    rows.sort(key=lambda row: -row["expected"])
    codes = sorted((code for code, n in first.items() if n), key=lambda code: -first[code])
    return {"products": rows[:MOST_SHOWN], "next": codes, "expected": round(sum(expected.values()))}


def _names(material: Material, options: Options, known: zi.Purchases) -> dict[str, str]:
    table = material.products
    key, name = ("product_id", "name") if options.level == "product" else ("line_id", "line")
    labels = dict(zip(table[key].cast(pa.string()).to_pylist(), table[name].to_pylist(), strict=True))
    return {code: str(labels.get(code, code))[:NAME] for code in known.products.to_pylist()}


def _findings(offers: pa.Table) -> pa.Table:
    """`group` is the product, `value` its chance; the detail says why, and which of the next ones would be new."""
    new = offers.filter(pc.and_(pc.equal(offers["bought"], 0), pc.greater_equal(offers["probability"], LEAST_CHANCE)))
    first = offers.filter(pc.equal(offers["rank"], 1))
    group = pc.if_else(pc.greater_equal(first["probability"], LEAST_CHANCE), first["product"], None)
    place = pc.index_in(first["customer_id"], new["customer_id"].combine_chunks())
    fresh = new.take(place)
    columns = [first[name].to_pylist() for name in ("because", "bought", "last_on")]
    columns += [fresh[name].to_pylist() for name in ("product", "probability", "because")]
    return pa.table({
        "customer_id": first["customer_id"].cast(pa.int64()), "group": group,
        "value": pc.round(first["probability"], 4), "detail": pa.array([_detail(*row) for row in zip(*columns, strict=True)]),
    })  # fmt: skip


def _detail(
    because: str | None, bought: int, last: datetime.date | None, product: str | None, chance: float | None, why: str | None
) -> str:
    new = {"product": product, "chance": round(chance, 4), "because": why} if product and chance else None
    return json.dumps({"because": because, "bought": bought, "last_on": last.isoformat() if last else None, "new": new})


def _rounded(row: dict[str, Any], digits: int = 5) -> dict[str, Any]:
    return {name: round(value, digits) if isinstance(value, float) else value for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if np.isfinite(value) else None
    return value
