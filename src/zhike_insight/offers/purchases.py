"""Who bought which product on which day, as whole numbers: what every model of this package starts from."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp
from ibis.expr.types import Table
from numpy.typing import NDArray

from zhike_insight.lifetime.triples import NotEnoughData
from zhike_insight.tables import BadTable

EPOCH = date(1970, 1, 1)
Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Matrix = Any  # scipy.sparse.csr_array


@dataclass(frozen=True)
class Purchases:
    """Result of `product_purchases`: one entry for each customer, product and day.

    Attributes
    ----------
    customers, products : Arrow arrays
        The distinct ones, customers in order, products from the most to the least bought.
    customer, product : int arrays, one entry a purchase
        Positions in them.
    day : int array
        Days since 1970-01-01.
    as_of : date
        End of observation.
    products_left_out : int
        Products that are not among the most bought.
    """

    customers: pa.Array
    products: pa.Array
    customer: Whole
    product: Whole
    day: Whole
    as_of: date
    products_left_out: int = 0

    @property
    def end(self) -> int:
        """`as_of` in days since 1970-01-01."""
        return (self.as_of - EPOCH).days

    def until(self, as_of: date) -> "Purchases":
        """The same customers and products as known on an earlier day."""
        seen = self.day <= (as_of - EPOCH).days
        parts = self.customer[seen], self.product[seen], self.day[seen]
        return Purchases(self.customers, self.products, *parts, as_of, self.products_left_out)

    def matrix(self, values: NDArray[Any] | None = None) -> Matrix:
        """Customers × products: the sum of the values given, else the number of days."""
        cells = np.ones(len(self.customer), np.float32) if values is None else values.astype(np.float32)
        return sp.csr_array((cells, (self.customer, self.product)), shape=(len(self.customers), len(self.products)))


def product_purchases(
    lines: Any, as_of: date | None = None, *, most_products: int = 10_000, products: pa.Array | None = None
) -> Purchases:
    """Lines of orders as purchases of products.

    Parameters
    ----------
    lines : Ibis table, Arrow table or mapping of columns
        `customer_id`, `product`, `date`, and, where there is, `amount`; one row a line of an order.
    as_of : date, optional
        Later lines are left out; by default the last day.
    most_products : int
        Only the products that most customers bought are kept: of a million distinct products those at the end are bought once, and
        nothing can be learned from them. How many were left out is told.
    products : Arrow array, optional
        These products in this order instead, such as those of a sample of the customers.

    Returns
    -------
    Purchases

    Raises
    ------
    BadTable
        A column is missing.
    NotEnoughData
        No usable line is left.

    Notes
    -----
    Lines without customer, product or date are left out, and so are returns (a negative amount). What a customer buys of one
    product on one day is one purchase.

    Examples
    --------
    >>> found = product_purchases({"customer_id": [1, 1, 2], "product": ["tea", "cup", "tea"], "date": [date(2026, 1, 5)] * 3})
    >>> found.products.to_pylist(), found.matrix().toarray().tolist()
    (['tea', 'cup'], [[1.0, 1.0], [1.0, 0.0]])
    """
    once = _distinct(lines, as_of).to_pyarrow()
    if not once.num_rows:
        raise NotEnoughData("no line has a customer, a product and a date")
    kept, left_out = _most_bought(once["product"], most_products) if products is None else (products, 0)
    product = pc.index_in(once["product"], kept)
    known = pc.is_valid(product)
    who = once["customer_id"].filter(known).combine_chunks()
    customers = pc.unique(who)
    customers = customers.take(pc.sort_indices(customers))
    day = once["date"].filter(known).cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64)
    return Purchases(
        customers, kept, pc.index_in(who, customers).to_numpy().astype(np.int64),
        product.filter(known).to_numpy().astype(np.int64), day,
        as_of or date.fromordinal(EPOCH.toordinal() + int(day.max())), left_out,
    )  # fmt: skip


def lines_of(lines: Any, *needed: str) -> Table:
    """The lines as an Ibis table with these columns, `date` cut to its day; returns and rows without one of them left out."""
    table = lines if isinstance(lines, Table) else ibis.memtable(lines if isinstance(lines, pa.Table) else pa.table(dict(lines)))
    for name in needed:
        if name not in table.columns:
            raise BadTable(f"column {name!r} is missing; there are: {', '.join(table.columns)}")
    table = table.mutate(date=table.date.cast("date"))
    for name in needed:
        table = table.filter(table[name].notnull())
    return table.filter(table.amount.fill_null(0) >= 0) if "amount" in table.columns else table


def _distinct(lines: Any, as_of: date | None) -> Table:
    table = lines_of(lines, "customer_id", "product", "date")
    table = table if as_of is None else table.filter(table.date <= as_of)
    return table.select("customer_id", "product", "date").distinct().order_by("customer_id", "date", "product")


def _most_bought(products: pa.ChunkedArray, most: int) -> tuple[pa.Array, int]:
    counts = products.value_counts()
    table = pa.table({"product": counts.field("values"), "n": counts.field("counts")})
    table = table.sort_by([("n", "descending"), ("product", "ascending")])
    return table["product"].slice(0, most).combine_chunks(), max(table.num_rows - most, 0)
