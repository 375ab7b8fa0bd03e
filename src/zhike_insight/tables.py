"""The transaction table, and what every model starts from: one row a customer with frequency, recency, age and spend.

All functions take and return Ibis tables, so that the same expression runs on DuckDB and on a cluster.
"""

import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from zhike_insight.by_sorting import sums_of_customers
from zhike_insight.time_units import unit_days

REQUIRED = ("customer_id", "date", "amount")
LARGEST = sys.float_info.max
BATCH = 1 << 17
MOST_SORTED = 25_000_000  # rows; more are grouped by the engine, which goes to the disk when memory is short


class BadTable(ValueError):
    """The table lacks a column, or a column has a type that cannot be used; the message names it."""


def transactions(data: Any, columns: Mapping[str, str] | None = None) -> Table:
    """The canonical transaction table: `customer_id`, `date`, `amount`, and, where there are, `margin`, `quantity`, `order_id`.

    Parameters
    ----------
    data : Ibis table, PyArrow table, or mapping of columns
        Each row is a sale or a return. Other columns pass through.
    columns : mapping, optional
        Canonical name → name in `data`, for those that differ.

    Returns
    -------
    Ibis table
        `date` is a day: of a timestamp with a time zone the day in that zone, for columns in memory (those that an engine holds
        are cut as its session sees them: convert them before); `amount`, `margin`, `quantity` are float64, in money and pieces.

    Raises
    ------
    BadTable
        A required column is missing.

    Notes
    -----
    A row with a negative amount is a return. A row with amount zero counts as a sale (a gift or a fully discounted order is
    still a visit). Rows whose customer, date or amount is missing or not finite are left out by `summaries`; count them
    with `unusable` first.

    Examples
    --------
    >>> table = transactions({"who": [7], "day": [date(2026, 1, 5)], "amount": [3]}, {"customer_id": "who", "date": "day"})
    >>> table.columns
    ('customer_id', 'date', 'amount')
    """
    table = data if isinstance(data, Table) else ibis.memtable(_in_memory(data, (columns or {}).get("date", "date")))
    if columns:
        table = table.rename(dict(columns))
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise BadTable(f"column {missing[0]!r} is missing; there are: {', '.join(table.columns)}")
    numbers = {n: table[n].cast("float64") for n in ("amount", "margin", "quantity") if n in table.columns}
    return table.mutate(date=table.date.cast("date"), **numbers)


def _in_memory(data: Any, day: str) -> pa.Table:
    """As Arrow; an order belongs to the day that its own clock shows, wherever this machine stands."""
    table = data.to_arrow() if hasattr(data, "to_arrow") else data
    table = table if isinstance(table, pa.Table) else pa.table(dict(table))
    at = table.schema.get_field_index(day)
    if at >= 0 and pa.types.is_timestamp(table.schema.types[at]) and table.schema.types[at].tz:
        table = table.set_column(at, day, pc.local_timestamp(table.column(at)))
    return table


def unusable(table: Table) -> Table:
    """The rows that `summaries` leaves out: customer, date or amount missing, or the amount not finite.

    Parameters
    ----------
    table : Ibis table
        As `transactions` gives it.

    Returns
    -------
    Ibis table
        The same columns.

    Examples
    --------
    >>> bought = transactions({"customer_id": [1, None], "date": [date(2026, 1, 1)] * 2, "amount": [5.0, 6.0]})
    >>> unusable(bought).to_pyarrow()["amount"].to_pylist()
    [6.0]
    """
    return table.filter(~_usable(table).fill_null(False))


def summaries(
    table: Table,
    as_of: date,
    *,
    time_unit: str | float = "day",
    margin_rate: float | None = None,
) -> Table:
    """One row a customer: the statistics that RFM, BG/NBD and Gamma-Gamma need.

    Parameters
    ----------
    table : Ibis table
        As `transactions` gives it.
    as_of : date
        End of observation. Later rows are left out.
    time_unit : {"day", "week", "month", "year"} or float
        Unit of `recency` and `age`.
    margin_rate : float, optional
        Margin as a share of the amount, for rows whose margin is unknown.

    Returns
    -------
    Ibis table
        ============== ======= =========================================================================================
        customer_id    as in   one row for each customer with at least one usable row
        frequency      int64   repeat purchase days: distinct days with a sale, less one; 0 for one-time buyers
        recency        float64 time from the first to the last purchase day; 0 for one-time buyers
        age            float64 time from the first purchase day to `as_of`
        mean_spend     float64 sales of the repeat purchase days over their number; the first day is left out; null if none
        orders         int64   sales (distinct `order_id` if the table has it, else rows)
        returns        int64   rows with a negative amount
        revenue        float64 net: sales less returns
        returned       float64 value of the returns, positive
        margin         float64 net; null where no row of the customer has one and no rate is given
        first_on       date    first purchase day; null for a customer with returns only
        last_on        date    last purchase day; null likewise
        ============== ======= =========================================================================================

    Raises
    ------
    ValueError
        The time unit is unknown.
    TypeError
        `as_of` is no date, or has a time of day.

    Notes
    -----
    Purchases of one day are merged into one. A return never counts as a purchase and does not lower `mean_spend`, which
    describes how much is bought at a visit; it lowers `revenue` and `margin`. A customer with returns only has frequency,
    recency and age 0 and no `first_on`.

    Of a table that a DuckDB connection holds, with no `order_id` and up to 25 million rows, the sums are taken at once, by a sort
    in memory, in a third of the time; every other table (of another engine, in memory, not yet bound) gives an expression.

    Fader, Hardie & Lee (2005), *Marketing Science* 24(2), define the statistics.

    Examples
    --------
    >>> days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    >>> bought = transactions({"customer_id": [7] * 3, "date": days, "amount": [50, 20, 30]})
    >>> (row,) = summaries(bought, date(2026, 2, 5)).to_pyarrow().to_pylist()
    >>> row["frequency"], row["recency"], row["age"], row["mean_spend"], row["revenue"]
    (2, 30.0, 35.0, 25.0, 100.0)
    """
    unit = unit_days(time_unit)
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        raise TypeError(f"as_of must be a date, not {as_of!r}")
    c = _sums(_with_margin(table.filter(_usable(table) & (table.date <= as_of)), margin_rate))
    returned = c.returned.fill_null(0.0)
    return c.select(
        customer_id=c.customer_id,
        frequency=c.frequency.fill_null(0).cast("int64"),
        recency=_days_between(c.first_on, c.last_on) / unit,
        age=_days_between(c.first_on, ibis.literal(as_of)) / unit,
        mean_spend=(c.sales - c.first_sales) / c.frequency.nullif(0).cast("float64"),
        orders=c.orders.fill_null(0).cast("int64"),
        returns=c.returns.fill_null(0).cast("int64"),
        revenue=c.sales.fill_null(0.0) - returned,
        returned=returned,
        margin=c.sales_margin.fill_null(c.returns_margin * 0) + c.returns_margin.fill_null(c.sales_margin * 0),
        first_on=c.first_on,
        last_on=c.last_on,
    )


def purchase_triples(summaries: Table) -> Table:
    """Distinct frequency, recency and age with the number of their customers: all that the fits of purchase models need.

    Parameters
    ----------
    summaries : Ibis table
        As `summaries` gives it. Of a million customers there are some hundred thousand triples if dates are weeks.

    Returns
    -------
    Ibis table
        `frequency`, `recency`, `age`, `customers` (int64), for customers with a purchase: give them to a model as
        `fit(frequency, recency, age, weights=customers)`.

    Notes
    -----
    Fader & Hardie (2005), *Implementing the BG/NBD model in a spreadsheet*: customers with equal statistics have equal likelihoods.

    Examples
    --------
    >>> days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    >>> bought = transactions({"customer_id": [7] * 3, "date": days, "amount": [50, 20, 30]})
    >>> purchase_triples(summaries(bought, date(2026, 2, 5))).to_pyarrow().to_pylist()
    [{'frequency': 2, 'recency': 30.0, 'age': 35.0, 'customers': 1}]
    """
    bought = summaries.filter(summaries.first_on.notnull())
    return bought.group_by("frequency", "recency", "age").agg(customers=bought.count())


def calibration_and_holdout(
    table: Table, calibration_end: date, holdout_end: date, *, time_unit: str | float = "day", margin_rate: float | None = None
) -> Table:
    """`summaries` as of `calibration_end`, and what the same customers did until `holdout_end`.

    Parameters
    ----------
    table : Ibis table
        As `transactions` gives it.
    calibration_end, holdout_end : date
    time_unit, margin_rate
        As for `summaries`.

    Returns
    -------
    Ibis table
        The columns of `summaries`, for customers who bought by `calibration_end`, and `holdout_frequency` (purchase days after
        `calibration_end` up to and with `holdout_end`), `holdout_spend` (sales of those days), `before_frequency` (purchase days in
        the equally long period that ends with `calibration_end`: the naive forecast).

    Raises
    ------
    ValueError
        `holdout_end` is not after `calibration_end`.

    Notes
    -----
    Fader, Hardie & Lee (2005), *Marketing Science* 24(2).

    Examples
    --------
    >>> days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    >>> bought = transactions({"customer_id": [7] * 3, "date": days, "amount": [50, 20, 30]})
    >>> (row,) = calibration_and_holdout(bought, date(2026, 1, 15), date(2026, 1, 31)).to_pyarrow().to_pylist()
    >>> row["frequency"], row["holdout_frequency"], row["holdout_spend"]
    (1, 1, 30.0)
    """
    if holdout_end <= calibration_end:
        raise ValueError(f"the hold-out must end after the calibration ({calibration_end}), not on {holdout_end}")
    before = date.fromordinal(2 * calibration_end.toordinal() - holdout_end.toordinal())
    past = summaries(table, calibration_end, time_unit=time_unit, margin_rate=margin_rate)
    rows = table.filter(_usable(table) & (table.amount >= 0) & (table.date > before) & (table.date <= holdout_end))
    days = rows.group_by("customer_id", "date").agg(sales=rows.amount.sum())
    first_day = past.select("customer_id", "first_on")
    days = days.join(first_day, "customer_id")
    after, repeat = days.date > calibration_end, days.date > days.first_on
    future = days.group_by("customer_id").agg(
        holdout_frequency=after.sum(),
        holdout_spend=days.sales.sum(where=after),
        before_frequency=(~after & repeat).sum(),
    )
    joined = past.filter(past.first_on.notnull()).left_join(future, "customer_id").drop("customer_id_right")
    zero = {n: joined[n].fill_null(0) for n in ("holdout_frequency", "holdout_spend", "before_frequency")}
    return joined.mutate(**zero)


def sale_days(table: Table) -> Table:
    """The purchase days: `customer_id`, `date`, `sales`; one row a customer and day with a sale."""
    rows = table.filter(_usable(table) & (table.amount >= 0))
    return rows.group_by("customer_id", "date").agg(sales=rows.amount.sum())


def repeat_purchases_by_period(
    table: Table, start: date, end: date, *, time_unit: str | float = "week", first_by: date | None = None
) -> Table:
    """How many repeat purchase days fell into each period after `start`: the actual curve of a tracking plot.

    Parameters
    ----------
    table : Ibis table
        As `transactions` gives it.
    start, end : date
        Period *k* (from 1) holds the days more than *k − 1* and at most *k* units after `start`; days after `end` are left out.
    first_by : date, optional
        Only customers whose first purchase was on this day or before.

    Returns
    -------
    Ibis table
        `period` (int64) and `purchases` (int64), ordered; periods without purchases are absent.

    Examples
    --------
    >>> days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    >>> bought = transactions({"customer_id": [7] * 3, "date": days, "amount": [50, 20, 30]})
    >>> repeat_purchases_by_period(bought, date(2026, 1, 1), date(2026, 2, 5)).to_pyarrow().to_pylist()
    [{'period': 2, 'purchases': 1}, {'period': 5, 'purchases': 1}]
    """
    unit = unit_days(time_unit)
    rows = table.filter(_usable(table) & (table.amount >= 0) & (table.date <= end))
    days = rows.group_by("customer_id", "date").agg(n=rows.count())
    days = days.mutate(first_on=days.date.min().over(ibis.window(group_by=days.customer_id)))
    days = days.filter((days.date > days.first_on) & (days.date > start) & (days.first_on <= (first_by or end)))
    period = (_days_between(ibis.literal(start), days.date) / unit).ceil().cast("int64")
    return days.group_by(period=period).agg(purchases=days.count()).order_by("period")


def _usable(table: Table) -> Any:
    return table.customer_id.notnull() & table.date.notnull() & _finite(table.amount)


def _finite(amount: Any) -> Any:
    """Neither null, infinite nor not a number (engines order it above infinity): a range, which a scan can use."""
    return (amount >= -LARGEST) & (amount <= LARGEST)


def _days_between(earlier: Any, later: Any) -> Any:
    return later.delta(earlier, unit="day").cast("float64").fill_null(0.0)


def _with_margin(rows: Table, margin_rate: float | None) -> Table:
    """The rows with the margin as far as it is known; without the column where nothing is known of any (a sum less to take)."""
    if margin_rate is None:
        return rows
    known = rows.margin if "margin" in rows.columns else ibis.null("float64")
    return rows.mutate(margin=ibis.coalesce(known, rows.amount * margin_rate))


def _sums(rows: Table) -> Table:
    """What is counted and summed of each customer: by a sort in memory where DuckDB has the rows and they are not too many."""
    count = _count_to_sort(rows)
    if count is not None and count <= MOST_SORTED:
        numbers = {name: rows[name].cast("float64") for name in ("amount", "margin") if name in rows.columns}
        query = ibis.to_sql(rows.select("customer_id", "date", **numbers), dialect="duckdb")
        return ibis.memtable(sums_of_customers(rows.get_backend().con.sql(query).to_arrow_reader(BATCH), count))
    sums = _sales(rows).outer_join(_returns(rows), "customer_id")
    return sums.mutate(customer_id=ibis.coalesce(sums.customer_id, sums.customer_id_right))


def _count_to_sort(rows: Table) -> int | None:
    """How many rows; none where a sort in memory cannot do."""
    backends, open_ends = rows._find_backends()
    if open_ends or [backend.name for backend in backends] != ["duckdb"] or rows.op().find(ibis.expr.operations.InMemoryTable):
        return None
    id_type = rows.customer_id.type()
    if "order_id" in rows.columns or not (id_type.is_integer() or id_type.is_string()) or not rows.date.type().is_date():
        return None
    return int(rows.count().to_pyarrow().as_py())


def _sales(rows: Table) -> Table:
    """Purchases: first merged by day, then counted by customer (two aggregations without conditions are the fast way)."""
    sales = rows.filter(rows.amount >= 0)
    has_margin, has_orders = "margin" in rows.columns, "order_id" in rows.columns
    of_day = {"sales": sales.amount.sum()}
    of_day |= {"margin": sales.margin.sum()} if has_margin else {}
    of_day |= {} if has_orders else {"orders": sales.count()}
    days = sales.group_by("customer_id", "date").agg(**of_day)
    table = days.group_by("customer_id").agg(
        frequency=days.count() - 1,
        first_on=days.date.min(),
        last_on=days.date.max(),
        sales=days.sales.sum(),
        first_sales=_value_of_first(days.sales, days.date),
        **({"sales_margin": days.margin.sum()} if has_margin else {}),
        **({} if has_orders else {"orders": days.orders.cast("float64").sum()}),  # a sum of integers is slow
    )
    if has_orders:
        counts = sales.group_by("customer_id").agg(orders=sales.order_id.nunique())
        table = table.inner_join(counts, "customer_id")
    return table if has_margin else table.mutate(sales_margin=ibis.null("float64"))


def _returns(rows: Table) -> Table:
    back = rows.filter(rows.amount < 0)
    has_margin = "margin" in rows.columns
    margin = {"returns_margin": back.margin.sum()} if has_margin else {}
    table = back.group_by("customer_id").agg(returns=back.count(), returned=-back.amount.sum(), **margin)
    return table if has_margin else table.mutate(returns_margin=ibis.null("float64"))


@ibis.udf.agg.builtin(name="arg_min", signature=(("float64", "date"), "float64"))  # type: ignore[untyped-decorator]
def _arg_min(value: float, key: date) -> float: ...  # type: ignore[empty-body]


def _value_of_first(value: Any, key: Any) -> Any:
    """DuckDB's own arg_min is four times as fast as the ordered aggregate that Ibis writes for it."""
    return _arg_min(value, key) if _on_duckdb(value) else value.argmin(key)


def _on_duckdb(column: Any) -> bool:
    backends, _ = column._find_backends()
    return all(backend.name == "duckdb" for backend in backends)
