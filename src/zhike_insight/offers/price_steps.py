"""Up-sell paths: from which product to which dearer one of the same kind customers went, how many and how soon."""

from typing import Any

import ibis
from ibis.expr.types import Table

from zhike_insight.offers.purchases import lines_of


def price_steps(lines: Any, *, least_rise: float = 0.15, least_customers: int = 5) -> Table:
    """Moves of customers to a dearer product of the same category.

    Parameters
    ----------
    lines : Ibis table, Arrow table or mapping of columns
        `customer_id`, `product`, `category`, `date`, `price` (of one unit, in money), and, where there is, `amount`; one row a
        line of an order.
    least_rise : float
        By how much the median price of the one must exceed that of the other, as a share.
    least_customers : int
        Moves fewer customers made are left out.

    Returns
    -------
    Ibis table
        `category`, `product`, `price` (median), `dearer`, `dearer_price`, `customers` (who ever bought `product` and had not bought
        `dearer` before), `moved` (of them, who later bought `dearer` for the first time), `share` (moved / customers),
        `usual_share` (of the customers who did not start in the category with `dearer`, who came to it), `lift` (share /
        usual_share: above 1 the product leads up),
        `days` (median days from the first of the one to the first of the other); the largest `moved` first.

    Raises
    ------
    BadTable
        A column is missing.
    ValueError
        An option is out of range.

    Notes
    -----
    Lines without one of the columns, with a price not above zero, and returns (a negative amount) are left out. Sales of one
    day have no order, so a move is to a later day. It is what customers did, not what
    made them do it: a rising trade is seen as moves.

    Examples
    --------
    >>> from datetime import date
    >>> bought = [(c, "small", 10.0, date(2026, 1, 5)) for c in range(8)] + [(c, "large", 20.0, date(2026, 3, 6)) for c in range(6)]
    >>> names = ("customer_id", "product", "price", "date")
    >>> lines = dict(zip(names, zip(*bought, strict=True), strict=True)) | {"category": ["tea"] * 14}
    >>> [(step["product"], step["dearer"], step["moved"], step["share"]) for step in price_steps(lines).to_pyarrow().to_pylist()]
    [('small', 'large', 6, 0.75)]
    """
    if least_rise <= 0 or least_customers < 1:
        raise ValueError("least_rise must be above 0 and least_customers at least 1")
    rows = lines_of(lines, "customer_id", "product", "category", "date", "price")
    rows = rows.mutate(price=rows.price.cast("float64"))
    rows = rows.filter((rows.price > 0) & (rows.price < float("inf")))
    prices = rows.group_by("category", "product").agg(price=rows.price.median())
    dearer = prices.select("category", dearer="product", dearer_price="price")
    pairs = prices.inner_join(dearer, "category").filter(lambda t: t.dearer_price >= t.price * (1 + least_rise))
    first = rows.group_by("category", "product", "customer_id").agg(first_on=rows.date.min())
    moves = _moves(first)
    moves = moves.filter(moves.moved >= least_customers)
    buyers = first.group_by("category", "product").agg(buyers=first.count())
    found = moves.inner_join(pairs, ["category", "product", "dearer"]).inner_join(buyers, ["category", "product"])
    found = found.inner_join(_usual(first), ["category", "dearer"])
    customers = found.buyers - found.before
    share = found.moved / customers.cast("float64")
    usual = found.came_later / found.could.cast("float64")
    return found.select(
        "category", "product", "price", "dearer", "dearer_price", "moved", "days",
        customers=customers, share=share, usual_share=usual, lift=share / usual,
    ).order_by([ibis.desc("moved"), "category", "product", "dearer"])  # fmt: skip


def _moves(first: Table) -> Table:
    """For each pair of products of a category: who bought the other later, and who before or on the same day."""
    later = first.select("category", "customer_id", dearer="product", later_on="first_on")
    both = first.inner_join(later, ["category", "customer_id"]).filter(lambda t: t["product"] != t.dearer)
    both = both.mutate(days=both.later_on.delta(both.first_on, unit="day").cast("float64"))
    return both.group_by("category", "product", "dearer").agg(
        moved=(both.days > 0).sum(), before=(both.days <= 0).sum(), days=both.days.median(where=both.days > 0)
    )


def _usual(first: Table) -> Table:
    """For each product of a category: who did not start with it, and how many of them came to it."""
    start = first.group_by("category", "customer_id").agg(start_on=first.first_on.min())
    known = first.inner_join(start, ["category", "customer_id"])
    counts = known.group_by("category", dearer="product").agg(
        began=(known.first_on == known.start_on).sum(), came_later=(known.first_on > known.start_on).sum()
    )
    counts = counts.inner_join(start.group_by("category").agg(of_category=start.count()), "category")
    return counts.select("category", "dearer", "came_later", could=counts.of_category - counts.began)
