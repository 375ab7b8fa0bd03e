"""What loyalty earns: where the profit of an old customer comes from that a new one does not bring."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_insight.lifetime.triples import BadInput, NotEnoughData

PROFIT_COLUMNS = ("year", "quantity", "revenue", "goods_cost", "serving_cost", "referred")
PROFIT_PARTS = ("base", "growth", "premium", "goods", "serving", "referrals")


def loyalty_profit(rows: Any) -> pa.Table:
    """Profit of a customer by the year of the relationship, taken apart.

    Parameters
    ----------
    rows : Arrow table or mapping of columns, one row a customer and year
        `year` (1: the first with us), `quantity` (pieces, or visits), `revenue`, `goods_cost`, `serving_cost` (contacts,
        cases, delivery …;
        money), `referred` (margin of customers this one brought; money, 0 where none).

    Returns
    -------
    Arrow table, ordered by year; means of a customer of that year
        ========= =======================================================================================
        year      int64
        customers int64, how many are still there: late years rest on few
        base      margin of the first year less its cost to serve
        growth    what more (or less) is bought, at the first year's margin a piece
        premium   a higher (or lower) price a piece than in the first year
        goods     a lower (or higher) cost of goods a piece
        serving   lower (or higher) cost to serve
        referrals margin of customers they brought
        profit    the sum of these, exactly: revenue less both costs, and referrals
        ========= =======================================================================================

    Raises
    ------
    BadInput
        A column is missing, lengths differ, a value is missing or infinite, or a year is below 1.
    NotEnoughData
        No first year, or nothing bought in it: there is no base to compare with.

    Notes
    -----
    The picture of Reichheld & Sasser (1990), *Harvard Business Review* 68(5), measured: those who stay are not those who
    came (the worst
    leave first), so a rise over the years is partly a choice of customers. Compare cohorts before calling it an effect.

    Examples
    --------
    >>> table = loyalty_profit({"year": [1, 2], "quantity": [10, 12], "revenue": [100, 132], "goods_cost": [60, 72],
    ...                         "serving_cost": [20, 15], "referred": [0, 8]})
    >>> table.slice(1).to_pylist()[0] == {"year": 2, "customers": 1, "base": 20.0, "growth": 8.0, "premium": 12.0, "goods": 0.0,
    ...                                   "serving": 5.0, "referrals": 8.0, "profit": 53.0}
    True
    """
    columns = _columns(rows)
    years = sorted(set(columns["year"].astype(int).tolist()))
    means = {year: {name: float(values[columns["year"] == year].mean()) for name, values in columns.items()} for year in years}
    first = means.get(1)
    if first is None or not first["quantity"] > 0:
        raise NotEnoughData("there is no first year in which something was bought")
    price, cost = first["revenue"] / first["quantity"], first["goods_cost"] / first["quantity"]
    found = []
    for year in years:
        m = means[year]
        parts = {
            "base": first["revenue"] - first["goods_cost"] - first["serving_cost"],
            "growth": (m["quantity"] - first["quantity"]) * (price - cost),
            "premium": m["revenue"] - m["quantity"] * price,
            "goods": m["quantity"] * cost - m["goods_cost"],
            "serving": first["serving_cost"] - m["serving_cost"],
            "referrals": m["referred"],
        }
        found.append({"year": year, "customers": int((columns["year"] == year).sum()), **parts, "profit": sum(parts.values())})
    return pa.Table.from_pylist(found)


def _columns(rows: Any) -> dict[str, Any]:
    given: Mapping[str, Any] = {n: rows.column(n).to_pylist() for n in rows.column_names} if isinstance(rows, pa.Table) else rows
    missing = [name for name in PROFIT_COLUMNS if name not in given]
    if missing:
        raise BadInput(f"column {missing[0]!r} is missing; there are: {', '.join(given) or 'none'}")
    columns = {name: np.asarray(given[name], dtype=np.float64) for name in PROFIT_COLUMNS}
    if len({len(values) for values in columns.values()}) > 1:
        raise BadInput("the columns differ in length")
    wrong = [name for name, values in columns.items() if not np.isfinite(values).all()]
    if wrong:
        raise BadInput(f"{wrong[0]!r} has a value that is missing or infinite")
    if (columns["year"] < 1).any():
        raise BadInput("years count from 1")
    return columns
