"""Where a customer stands in its life with the company, judged against the customer's own rhythm."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
from ibis.expr.types import Table

STAGES = ("exploring", "forming", "stable", "declining", "lost")


@dataclass(frozen=True)
class StageRules:
    """Thresholds of `stages`. The first rule that holds, from the top, decides.

    Attributes
    ----------
    lost_silence, declining_silence : float
        A silence of so many own rhythms.
    lost_alive, declining_alive : float
        P(alive) below this; only for repeat buyers, about whom the model knows something.
    declining_trend : float
        Spend of the last period over that of the one before, less one, at or below this.
    forming_purchases : int
        Fewer purchase days than this are still forming (one is exploring).
    forming_days : float
        So are customers who are younger than this, in days.
    alarm_probability : float
        A silence that a customer who keeps the own rhythm would show with a probability below this raises the alarm.
    """

    lost_silence: float = 4.0
    lost_alive: float = 0.15
    declining_silence: float = 2.0
    declining_alive: float = 0.5
    declining_trend: float = -0.4
    forming_purchases: int = 4
    forming_days: float = 180.0
    alarm_probability: float = 0.05


def trends(transactions: Table, as_of: date, *, days: int = 182) -> Table:
    """Spend of the last `days` against the `days` before.

    Parameters
    ----------
    transactions : Ibis table
        As `zhike_insight.transactions` gives it.
    as_of : date
        End of the later period.
    days : int
        Length of each.

    Returns
    -------
    Ibis table
        `customer_id`, `recent`, `before` (net money), `trend` = recent / before − 1. Customers without a positive
        `before`, or whose first row of all lies inside the two periods, have no trend (null): nothing to compare with.

    Examples
    --------
    >>> from zhike_insight import transactions as bought
    >>> days = [date(2025, 1, 1), date(2025, 8, 1), date(2026, 1, 1)]
    >>> table = bought({"customer_id": [7] * 3, "date": days, "amount": [10, 40, 30]})
    >>> trends(table, date(2026, 1, 31)).to_pyarrow().to_pylist()
    [{'customer_id': 7, 'recent': 30.0, 'before': 40.0, 'trend': -0.25}]
    """
    middle, start = as_of - timedelta(days), as_of - timedelta(2 * days)
    t = transactions.filter(transactions.date <= as_of)
    recent = t.date > middle
    sums = t.group_by("customer_id").agg(
        recent=t.amount.sum(where=recent).fill_null(0.0),
        before=t.amount.sum(where=~recent & (t.date > start)).fill_null(0.0),
        first_on=t.date.min(),
    )
    known = (sums.before > 0) & (sums.first_on <= start)
    return sums.select(
        "customer_id", "recent", "before", trend=ibis.ifelse(known, sums.recent / sums.before.nullif(0.0) - 1, ibis.null("float64"))
    )


def stages(customers: Table, rules: StageRules | None = None) -> Table:
    """Stage, own rhythm, silence ratio and alarm of every customer.

    Parameters
    ----------
    customers : Ibis table
        `customer_id`, `frequency`, `recency`, `age` in days, `first_on`, and, where known, `p_alive` and `trend`.
    rules : StageRules, optional

    Returns
    -------
    Ibis table
        `customer_id`; `rhythm` (days between purchase days to be expected of the customer; null for one-time buyers); `silence`
        (days since the last purchase); `silence_ratio` (silence over the own rhythm, for one-time buyers over the typical one;
        null if nobody bought twice); `silence_probability`; `alarm`; `stage` (one of `STAGES`; null without a purchase).

    Notes
    -----
    The rhythm is learned from the x own intervals, which take tₓ, and one interval of the typical length g, the median of the
    mean intervals of all who bought twice: (g + tₓ) / (1 + x). Two purchases within a week are not yet a weekly customer.

    `silence_probability` = ((g + tₓ) / (g + tₓ + s))^(1 + x): the chance that a customer who still buys at that rhythm is silent
    for s or longer (a Gamma prior worth the one interval). It is cautious where little is known: the same ratio alarms sooner
    for a customer with thirty purchases than with two. An alarm is not raised for customers who are already lost.

    Dwyer, Schurr & Oh (1987), *Journal of Marketing* 51(2), for the stages.

    Examples
    --------
    >>> import pyarrow as pa
    >>> known = {"frequency": [9, 9], "recency": [270.0, 270.0], "age": [280.0, 380.0], "first_on": [date(2025, 1, 1)] * 2}
    >>> customers = ibis.memtable(pa.table({"customer_id": [1, 2], **known}))
    >>> found = stages(customers).order_by("customer_id").to_pyarrow().to_pylist()
    >>> [(row["stage"], round(row["silence_ratio"], 2)) for row in found]
    [('stable', 0.33), ('declining', 3.67)]
    """
    rule = rules or StageRules()
    t = _with_rhythm(customers)
    probability = ((t.typical + t.recency) / (t.typical + t.recency + t.silence)) ** (t.frequency + 1).cast("float64")
    t = t.mutate(
        silence_ratio=t.silence / ibis.coalesce(t.rhythm, t.typical),
        silence_probability=ibis.ifelse(t.first_on.notnull(), probability, ibis.null("float64")),
    )
    t = t.mutate(stage=_stage(t, rule))
    alarm = ((t.silence_probability < rule.alarm_probability) & (t.stage != "lost")).fill_null(False)
    return t.select("customer_id", "rhythm", "silence", "silence_ratio", "silence_probability", "stage", alarm=alarm)


def transitions(before: Table, after: Table) -> Table:
    """How customers moved between the stages of two runs.

    Parameters
    ----------
    before, after : Ibis table
        `customer_id`, `stage`.

    Returns
    -------
    Ibis table
        `before`, `after` (stages; null: not a customer then), `customers` (int64), `share` (of the customers of `before`), ordered.

    Notes
    -----
    Pfeifer & Carraway (2000), *Journal of Interactive Marketing* 14(2), for customers as a Markov chain.

    Examples
    --------
    >>> import pyarrow as pa
    >>> before = ibis.memtable(pa.table({"customer_id": [1, 2], "stage": ["stable", "stable"]}))
    >>> after = ibis.memtable(pa.table({"customer_id": [1, 2], "stage": ["stable", "declining"]}))
    >>> found = transitions(before, after).to_pyarrow().to_pylist()
    >>> [(row["before"], row["after"], row["customers"], row["share"]) for row in found]
    [('stable', 'declining', 1, 0.5), ('stable', 'stable', 1, 0.5)]
    """
    left = before.select("customer_id", before="stage")
    right = after.select("customer_id", after="stage")
    moved = left.outer_join(right, "customer_id")
    counts = moved.group_by("before", "after").agg(customers=moved.count())
    share = counts.customers / counts.customers.sum().over(ibis.window(group_by=counts.before)).cast("float64")
    return counts.mutate(share=share).order_by("before", "after")


def expected_stays(moves: Table, period: float) -> Table:
    """Expected time in each stage if customers go on moving as in `moves`: period / (1 − share that stays).

    Parameters
    ----------
    moves : Ibis table
        From `transitions`.
    period : float
        Time between the two runs; the result is in the same unit.

    Returns
    -------
    Ibis table
        `stage`, `customers`, `stay` (null where everybody stayed: the data set no end).

    Notes
    -----
    Mean of the geometric distribution; Kemeny & Snell (1960), *Finite Markov Chains*.

    Examples
    --------
    >>> import pyarrow as pa
    >>> shares = {"customers": [3, 1], "share": [0.75, 0.25]}
    >>> moves = ibis.memtable(pa.table({"before": ["stable", "stable"], "after": ["stable", "lost"], **shares}))
    >>> expected_stays(moves, 30.0).to_pyarrow().to_pylist()
    [{'stage': 'stable', 'customers': 4, 'stay': 120.0}]
    """
    known = moves.filter(moves.before.notnull())
    stages_ = known.group_by(stage="before").agg(
        customers=known.customers.sum(), stays=known.share.sum(where=known.after == known.before).fill_null(0.0)
    )
    leaving = (1.0 - stages_.stays).nullif(0.0)
    return stages_.select("stage", "customers", stay=period / leaving).order_by("stage")


def _with_rhythm(customers: Table) -> Table:
    optional = {name: ibis.null("float64") for name in ("p_alive", "trend") if name not in customers.columns}
    t = customers.mutate(**optional)
    t = t.mutate(
        interval=t.recency / t.frequency.nullif(0).cast("float64"),
        silence=ibis.ifelse(t.first_on.notnull(), t.age - t.recency, ibis.null("float64")),
    )
    t = t.mutate(typical=t.interval.median().over(ibis.window()))
    return t.mutate(rhythm=ibis.ifelse(t.frequency > 0, (t.typical + t.recency) / (t.frequency + 1), ibis.null("float64")))


def _stage(t: Table, rule: StageRules) -> Any:
    repeat = t.frequency > 0

    def holds(condition: Any) -> Any:
        return condition.fill_null(False)

    lost = holds(t.silence_ratio >= rule.lost_silence) | holds(repeat & (t.p_alive < rule.lost_alive))
    declining = holds(t.silence_ratio >= rule.declining_silence) | holds(repeat & (t.p_alive < rule.declining_alive))
    declining = declining | holds(t.trend <= rule.declining_trend)
    forming = (t.frequency + 1 < rule.forming_purchases) | (t.age < rule.forming_days)
    branches = [(lost, "lost"), (declining, "declining"), (~repeat, "exploring"), (forming, "forming")]
    named = ibis.cases(*branches, else_="stable")
    return ibis.ifelse(t.first_on.notnull(), named, ibis.null("string"))
