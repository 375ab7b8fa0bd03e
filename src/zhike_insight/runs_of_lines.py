"""What comes next for every customer, as the command line runs it on lines of orders: a table and a result of plain data."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.offers.price_steps import price_steps
from zhike_insight.offers.propensity import ProductPropensity
from zhike_insight.offers.purchases import product_purchases
from zhike_insight.offers.trial import compare_offers
from zhike_insight.runs import plain


def offers_run(
    lines: pa.Table, *, days: int = 90, most: int = 10, as_of: date | None = None, seed: int = 0
) -> tuple[pa.Table, dict[str, Any]]:
    """The products each customer will most probably buy, and how all techniques do on the last days.

    Parameters
    ----------
    lines : Arrow table
        `customer_id`, `item`, `date`, and, for the paths to dearer products, `price` and `category`.
    days : int
        Length of the hold-out and of the period foretold.
    most : int
        Products offered to each customer in the hold-out; the table has five.

    Returns
    -------
    (Arrow table, dict)
        The table of `ProductPropensity.predict`; {"as_of", "customers", "products", "products_left_out", "days",
        "holdout": {"cut", "most", "techniques": rows of `compare_offers`, "best", "best_new"},
        "propensity": {"kind", "log_loss", "base_log_loss", "calibration"}, "price_steps": the ten most frequent}. Where the history
        is too short for the hold-out, "holdout" is {"problem"}.
    """
    table = lines.rename_columns(["product" if name == "item" else name for name in lines.column_names])
    known = product_purchases(table, as_of)
    model = ProductPropensity(horizon=days, seed=seed).fit(known)
    result: dict[str, Any] = {
        "as_of": known.as_of.isoformat(), "customers": len(known.customers), "products": len(known.products),
        "products_left_out": known.products_left_out, "days": days, "holdout": _holdout(known, days, most, seed),
        "propensity": {name: getattr(model, f"{name}_") for name in ("kind", "log_loss", "base_log_loss", "calibration")},
    }  # fmt: skip
    if {"price", "category"} <= set(table.column_names):
        result["price_steps"] = price_steps(table).head(10).to_pyarrow().to_pylist()
    return model.predict(known), plain(result)


def _holdout(known: Any, days: int, most: int, seed: int) -> dict[str, Any]:
    cut = known.as_of - timedelta(days=days)
    try:
        techniques = compare_offers(known, cut, days=days, most=most, seed=seed).to_pylist()
    except NotEnoughData as problem:
        return {"problem": str(problem)}
    best = {
        name: max(techniques, key=lambda row: row[key])["technique"] for name, key in (("best", "ndcg"), ("best_new", "new_ndcg"))
    }
    return {"cut": cut.isoformat(), "most": most, "techniques": techniques, **best}
