"""Value grades: the whale curve, bands of cumulative contribution or thresholds, and the grace before a demotion."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
from ibis.expr.types import Table

GRADES = ("key", "important", "regular", "small")  # from the best
SHARES: Mapping[str, float] = {"key": 0.5, "important": 0.8, "regular": 0.95}


def whale_curve(values: Table, value: str = "revenue", *, points: int = 100) -> Table:
    """Cumulative contribution of the customers, the best first: the curve that rises steeply and, with loss-makers, falls again.

    Parameters
    ----------
    values : Ibis table
        One row a customer with the column `value`; nulls count as zero.
    value : str
        Column with money.
    points : int
        Number of points, at equal shares of the customers.

    Returns
    -------
    Ibis table
        `customers` (how many are included), `customer_share`, `total` (money), `value_share` (of the net total; above 1 where later
        customers cost money; null if the total is not positive), ordered.

    Raises
    ------
    ValueError
        `points` is below 1.

    Notes
    -----
    Kaplan & Narayanan (2001), *Journal of Cost Management* 15(5).

    Examples
    --------
    >>> import pyarrow as pa
    >>> values = ibis.memtable(pa.table({"revenue": [60.0, 25.0, 10.0, 5.0]}))
    >>> whale_curve(values, points=4).to_pyarrow()["value_share"].to_pylist()
    [0.6, 0.85, 0.95, 1.0]
    """
    if points < 1:
        raise ValueError(f"points must be at least 1, not {points}")
    money = values.select(value=values[value].cast("float64").fill_null(0.0))
    best_first = ibis.window(order_by=ibis.desc(money.value))
    ranked = money.mutate(
        place=ibis.row_number().over(best_first) + 1,
        total=money.value.sum().over(ibis.window(order_by=ibis.desc(money.value), rows=(None, 0))),
        everybody=money.count().over(ibis.window()).cast("float64"),
        whole=money.value.sum().over(ibis.window()),
    )
    point = (ranked.place * points / ranked.everybody).ceil()
    last = ranked.mutate(point=point)
    last = last.mutate(last=last.place.max().over(ibis.window(group_by=last.point)))
    last = last.filter(last.place == last["last"])
    return last.select(
        customers=last.place.cast("int64"),
        customer_share=last.place / last.everybody,
        total=last.total,
        value_share=ibis.ifelse(last.whole > 0, last.total / last.whole, ibis.null("float64")),
    ).order_by("customers")


def grades(
    values: Table,
    value: str = "revenue",
    *,
    shares: Mapping[str, float] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> Table:
    """The grade that each customer has earned.

    Parameters
    ----------
    values : Ibis table
        `customer_id` and the column `value`.
    value : str
        Column with money: revenue, margin, lifetime value.
    shares : mapping, optional
        Upper ends of the bands of cumulative contribution for "key", "important", "regular"; by default .5, .8, .95. A
        customer is in the first band that better customers have not filled: the one who crosses the line is still above it.
    thresholds : mapping, optional
        Least value for "key", "important", "regular", instead of shares.

    Returns
    -------
    Ibis table
        `customer_id`, `earned_grade` (one of `GRADES`). Equal values have equal grades. Zero, less or null is "small".

    Raises
    ------
    ValueError
        Both or incomplete options, or numbers in the wrong order.

    Notes
    -----
    Pareto's rule in Koch (1997), *The 80/20 Principle*.

    Examples
    --------
    >>> import pyarrow as pa
    >>> values = ibis.memtable(pa.table({"customer_id": [1, 2, 3, 4], "revenue": [60.0, 25.0, 10.0, 5.0]}))
    >>> found = grades(values).order_by("customer_id").to_pyarrow()
    >>> found["earned_grade"].to_pylist()
    ['key', 'important', 'regular', 'small']
    """
    if shares is not None and thresholds is not None:
        raise ValueError("give shares or thresholds, not both")
    if thresholds is not None:
        least = _three(thresholds, falling=True)
        t = values.select("customer_id", measure=values[value].cast("float64"))
        branches = [((t.measure > 0) & (t.measure >= limit), grade) for grade, limit in zip(GRADES, least, strict=False)]
    else:
        ends = _three(shares or SHARES, falling=False)
        t = _share_above(values, value)
        branches = [((t.measure > 0) & (t.above < end), grade) for grade, end in zip(GRADES, ends, strict=False)]
    return t.select("customer_id", earned_grade=ibis.cases(*branches, else_="small"))


def keep_grades(earned: Table, previous: Table, as_of: date, *, grace_days: int = 180) -> Table:
    """The grade that counts: promotion at once, demotion only after the grace.

    Parameters
    ----------
    earned : Ibis table
        `customer_id`, `earned_grade`.
    previous : Ibis table
        `customer_id`, `grade`, `confirmed_on` (the last day on which that grade was earned), from the last run.
    as_of : date
        Day of this run.
    grace_days : int
        How long a grade lasts after the day on which it was last earned.

    Returns
    -------
    Ibis table
        `customer_id`, `earned_grade`, `grade`, `confirmed_on`, `in_grace` (the grade is above the earned one).

    Examples
    --------
    >>> import pyarrow as pa
    >>> earned = ibis.memtable(pa.table({"customer_id": [1], "earned_grade": ["regular"]}))
    >>> before = ibis.memtable(pa.table({"customer_id": [1], "grade": ["key"], "confirmed_on": [date(2026, 1, 1)]}))
    >>> (row,) = keep_grades(earned, before, date(2026, 3, 1)).to_pyarrow().to_pylist()
    >>> row["grade"], row["in_grace"]
    ('key', True)
    """
    joined = earned.left_join(previous, "customer_id")
    place = _place(joined.earned_grade)
    before = _place(joined.grade)
    age = ibis.literal(as_of).delta(joined.confirmed_on, unit="day")
    kept = (joined.grade.notnull() & (place > before) & (age <= grace_days)).fill_null(False)
    return joined.select(
        "customer_id",
        "earned_grade",
        grade=ibis.ifelse(kept, joined.grade, joined.earned_grade),
        confirmed_on=ibis.ifelse(kept, joined.confirmed_on, ibis.literal(as_of)),
        in_grace=kept,
    )


def grade_with_grace(
    earned: str, previous: str | None, confirmed_on: date | None, as_of: date, grace_days: int = 180
) -> tuple[str, date]:
    """`keep_grades` for one customer.

    Parameters
    ----------
    earned : str
        The grade of this run.
    previous : str or None
        The grade that counted until now.
    confirmed_on : date or None
        The last day on which it was earned.
    as_of : date
    grace_days : int

    Returns
    -------
    (str, date)
        Grade and the last day on which it was earned.

    Raises
    ------
    ValueError
        A grade is unknown.

    Examples
    --------
    >>> grade_with_grace("regular", "key", date(2026, 1, 1), date(2026, 3, 1))
    ('key', datetime.date(2026, 1, 1))
    >>> grade_with_grace("regular", "key", date(2026, 1, 1), date(2026, 9, 1))
    ('regular', datetime.date(2026, 9, 1))
    """
    if previous is None or confirmed_on is None or GRADES.index(earned) <= GRADES.index(previous):
        return earned, as_of
    if (as_of - confirmed_on).days <= grace_days:
        return previous, confirmed_on
    return earned, as_of


def _place(grade: Any) -> Any:
    return ibis.cases(*[(grade == name, place) for place, name in enumerate(GRADES)])


def _share_above(values: Table, value: str) -> Table:
    """What part of all positive value lies with strictly better customers."""
    t = values.select("customer_id", measure=values[value].cast("float64").fill_null(0.0))
    t = t.mutate(good=ibis.greatest(t.measure, 0.0))
    better_or_equal = t.good.sum().over(ibis.window(order_by=ibis.desc(t.good), range=(None, 0)))
    equal = t.good.sum().over(ibis.window(group_by=t.good))
    whole = t.good.sum().over(ibis.window())
    return t.mutate(above=(better_or_equal - equal) / whole.nullif(0.0))


def _three(numbers: Mapping[str, float], *, falling: bool) -> list[float]:
    try:
        three = [float(numbers[name]) for name in GRADES[:3]]
    except KeyError as missing:
        raise ValueError(f"a number for {missing.args[0]!r} is missing; needed are {', '.join(GRADES[:3])}") from missing
    ordered = sorted(three, reverse=falling)
    if three != ordered or len(set(three)) < 3 or (not falling and not (three[0] > 0 and three[2] <= 1)):
        raise ValueError(f"the numbers {three} for {', '.join(GRADES[:3])} must {'fall' if falling else 'rise, between 0 and 1'}")
    return three
