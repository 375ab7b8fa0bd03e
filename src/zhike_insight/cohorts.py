"""Cohort retention: of those who came first in one period, how many came again in each period after."""

from datetime import date

import ibis
from ibis.expr.types import Table

from zhike_insight.tables import _usable

PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


def cohort_retention(table: Table, as_of: date, *, period: str = "month") -> Table:
    """Customers by the period of their first purchase, and what became of them.

    Parameters
    ----------
    table : Ibis table
        As `zhike_insight.transactions` gives it.
    as_of : date
        End of observation. Later rows are left out; a period that is not over by then is marked.
    period : {"month", "quarter", "year"}
        Of the calendar.

    Returns
    -------
    Ibis table
        `cohort` (first day of the period of the first purchase), `age` (periods since; 0 is that of the first purchase),
        `customers` (of the cohort), `active` (of them, who bought in that period), `retention` (active / customers), `revenue`
        (their sales less returns in it), `is_complete` (the period was over on `as_of`); ordered. Periods in which nobody of a
        cohort bought are rows with zeros.

    Raises
    ------
    ValueError
        The period is unknown.

    Notes
    -----
    A return is no purchase; it lowers the revenue. Rows without customer, date or finite amount are left out. Retention here is
    "came in that period", not "came in that period or later": it may rise again.

    Examples
    --------
    >>> from zhike_insight import transactions
    >>> days = [date(2026, 1, 5), date(2026, 2, 5), date(2026, 1, 9)]
    >>> bought = transactions({"customer_id": [1, 1, 2], "date": days, "amount": [10, 20, 30]})
    >>> found = cohort_retention(bought, date(2026, 2, 28)).to_pyarrow().to_pylist()
    >>> [(row["age"], row["customers"], row["active"], row["retention"], row["revenue"]) for row in found]
    [(0, 2, 2, 1.0, 40.0), (1, 2, 1, 0.5, 20.0)]
    """
    if period not in PERIODS:
        raise ValueError(f"period must be one of {', '.join(PERIODS)}, not {period!r}")
    rows = table.filter(_usable(table) & (table.date <= as_of))
    first = rows.filter(rows.amount >= 0).group_by("customer_id").agg(cohort=rows.date.min().truncate(PERIODS[period]))
    seen = rows.inner_join(first, "customer_id")
    seen = seen.mutate(age=_number(seen.date, period) - _number(seen.cohort, period), bought=seen.amount >= 0)
    seen = seen.filter(seen.age >= 0)
    cells = seen.group_by("cohort", "age").agg(active=seen.customer_id.nunique(where=seen.bought), revenue=seen.amount.sum())
    grid = _grid(first, as_of, period)
    found = grid.left_join(cells, ["cohort", "age"])
    active = found.active.fill_null(0)
    return found.select(
        "cohort", "age", "customers", active=active, retention=active / found.customers.cast("float64"),
        revenue=found.revenue.fill_null(0.0), is_complete=found.is_complete,
    ).order_by("cohort", "age")  # fmt: skip


def _number(day: ibis.Value, period: str) -> ibis.Value:
    """Periods since the year 0."""
    years = day.year().cast("int64")
    if period == "year":
        return years
    if period == "quarter":
        return years * 4 + day.quarter().cast("int64") - 1
    return years * 12 + day.month().cast("int64") - 1


def _grid(first: Table, as_of: date, period: str) -> Table:
    """Every cohort with every age up to the period of `as_of`; among the cohorts all calendar periods that are ages occur."""
    cohorts = first.group_by("cohort").agg(customers=first.count())
    last = _number(ibis.literal(as_of), period)
    cohorts = cohorts.mutate(oldest=last - _number(cohorts.cohort, period))
    ages = cohorts.mutate(age=ibis.range(0, cohorts.oldest + 1).unnest().cast("int64"))
    tomorrow = date.fromordinal(as_of.toordinal() + 1)
    over = _number(ibis.literal(tomorrow), period)  # the period of tomorrow is not over, those before are
    return ages.select("cohort", "age", "customers", is_complete=_number(ages.cohort, period) + ages.age < over)
