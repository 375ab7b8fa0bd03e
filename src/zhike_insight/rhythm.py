"""When a customer comes next: the own rhythm, shrunk to that of all, and the chance that they stay away."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self

import ibis
import numpy as np
from ibis.expr.types import Table
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betainc, betaincinv, expit, gammaln

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput, Floats, NotEnoughData
from zhike_insight.tables import sale_days

FEWEST = 30  # intervals
SAMPLE = 50_000  # customers to fit on


class PurchaseRhythm(Estimator):
    """Days until the next purchase: gamma intervals whose rate differs from customer to customer, and leaving after any purchase.

    Parameters
    ----------
    seed : int
        For the sample of 50,000 customers on which it is fitted.

    Attributes
    ----------
    shape_ : float
        Regularity of the intervals: 1 is chance, larger is a rhythm.
    a_, b_ : float
        Shape and rate (days) of the gamma distribution of the customers' rates.
    staying_ : float
        Probability to come again at all after a purchase.
    log_likelihood_ : float
    converged_ : bool

    Notes
    -----
    Interval ~ Gamma(shape, λ), λ ~ Gamma(a, b): after n intervals with the sum S the next one is (b + S) times a beta prime
    variable with shape and a + shape·n (the gamma-gamma of Fader & Hardie 2013, on days in place of money; Ehrenberg's
    regularity, Platzer & Reutterer 2016, *Marketing Science* 35(5)). With the silence since the last purchase as a last interval
    that is longer or never ends. All quantiles are in closed form by the incomplete beta function.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> intervals = rng.gamma(5, 30 / 5, (200, 6))
    >>> model = PurchaseRhythm().fit(np.full(200, 6), intervals.sum(1), np.log(intervals).sum(1), rng.uniform(0, 15, 200))
    >>> low, middle, high = model.days_to_next(6, 180.0, 10.0, quantiles=(0.1, 0.5, 0.9))[0]
    >>> bool(5 < low < 15 < middle < 25 < high < 50)
    True
    """

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, intervals: ArrayLike, days: ArrayLike, log_days: ArrayLike, silence: ArrayLike) -> Self:
        """Fit by maximum likelihood.

        Parameters
        ----------
        intervals : array of ints, shape (n,)
            Intervals between purchase days of each customer; 0 for one-time buyers.
        days, log_days : arrays, shape (n,)
            Sum of the intervals, and of their logarithms.
        silence : array, shape (n,)
            Days from the last purchase to today.

        Raises
        ------
        BadInput
            Shapes differ, or a value is negative or not finite.
        NotEnoughData
            Fewer than 30 intervals.
        """
        n, total, logs, quiet = _checked(intervals, days, log_days, silence)
        if n.sum() < FEWEST:
            raise NotEnoughData(f"fewer than {FEWEST} intervals between purchases")
        if len(n) > SAMPLE:
            some = np.sort(np.random.default_rng(self.seed).choice(len(n), SAMPLE, replace=False))
            n, total, logs, quiet = n[some], total[some], logs[some], quiet[some]
        mean = total.sum() / n.sum()
        start = np.array([np.log(2.0), np.log(2.0), np.log(2.0 * mean), 1.0])
        rows = _merged(n, total, logs, quiet)
        found = minimize(_loss, start, args=rows, method="L-BFGS-B", bounds=[(-4, 5), (-4, 6), (-6, 16), (-6, 8)])
        self.shape_, self.a_, self.b_ = (float(v) for v in np.exp(found.x[:3]))
        self.staying_ = float(expit(found.x[3]))
        self.log_likelihood_, self.converged_ = -float(found.fun) * float(rows[-1].sum()), bool(found.success)
        return self

    def probability_by(self, t: ArrayLike, intervals: ArrayLike, days: ArrayLike, silence: ArrayLike) -> Floats:
        """Probability that the next purchase comes within `t` days from today."""
        n, total, _, quiet = _checked(intervals, days, np.zeros_like(np.asarray(days, float)), silence)
        still = self._longer(quiet, n, total)
        here = self._coming(still)
        return np.asarray(here * (1 - self._longer(quiet + np.asarray(t, float), n, total) / np.maximum(still, 1e-300)))

    def expected_by(
        self, times: Sequence[float], intervals: ArrayLike, days: ArrayLike, silence: ArrayLike, customers: ArrayLike
    ) -> list[float]:
        """How many come next within each of these times from today; `customers`: how many are like each row."""
        n, total, _, quiet = _checked(intervals, days, np.zeros_like(np.asarray(days, float)), silence)
        still = self._longer(quiet, n, total)
        each = np.asarray(customers, float) * self._coming(still) / np.maximum(still, 1e-300)
        return [float(each @ (still - self._longer(quiet + t, n, total))) for t in times]

    def p_coming(self, intervals: ArrayLike, days: ArrayLike, silence: ArrayLike) -> Floats:
        """Probability that the customer will ever come again, given the silence."""
        n, total, _, quiet = _checked(intervals, days, np.zeros_like(np.asarray(days, float)), silence)
        return self._coming(self._longer(quiet, n, total))

    def days_to_next(
        self, intervals: ArrayLike, days: ArrayLike, silence: ArrayLike, *, quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)
    ) -> Floats:
        """Days from today to the next purchase of those who come again.

        Returns
        -------
        float array, shape (n, quantiles)
            Given that the customer comes again (`p_coming` says how probable that is), and has not come until today.

        Raises
        ------
        ValueError
            A quantile is not between 0 and 1.
        """
        if not all(0 < q < 1 for q in quantiles):
            raise ValueError("quantiles must be between 0 and 1")
        n, total, _, quiet = _checked(intervals, days, np.zeros_like(np.asarray(days, float)), silence)
        level = np.asarray(quantiles)[None, :]
        left = self._longer(quiet, n, total)[:, None] * (1 - level)  # of the tail beyond the silence
        after = (self.a_ + self.shape_ * n)[:, None]
        share = betaincinv(after, self.shape_, np.clip(left, 1e-12, 1.0))  # 1 / (1 + beta prime)
        whole = (self.b_ + total)[:, None] * (1 - share) / np.maximum(share, 1e-12)
        return np.asarray(np.maximum(whole - quiet[:, None], 0.0))

    def _longer(self, t: Floats, n: Floats, total: Floats) -> Floats:
        """Probability of an interval longer than t."""
        scale = self.b_ + total
        return np.asarray(betainc(self.a_ + self.shape_ * n, self.shape_, scale / (scale + t)))

    def _coming(self, still: Floats) -> Floats:
        return np.asarray(self.staying_ * still / (1 - self.staying_ + self.staying_ * still))


def purchase_intervals(table: Table, as_of: date) -> Table:
    """One row a customer: what `PurchaseRhythm` needs.

    Parameters
    ----------
    table : Ibis table
        As `zhike_insight.transactions` gives it.
    as_of : date
        End of observation. Later rows are left out.

    Returns
    -------
    Ibis table
        `customer_id`, `intervals` (purchase days less one), `days` (sum of the intervals), `log_days` (sum of their
        logarithms), `silence` (days from the last purchase to `as_of`), `last_on`; for customers
        with a purchase. Purchases of one day are one.

    Examples
    --------
    >>> from zhike_insight import transactions
    >>> days = [date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 31)]
    >>> bought = transactions({"customer_id": [7] * 3, "date": days, "amount": [1] * 3})
    >>> row = purchase_intervals(bought, date(2026, 2, 5)).to_pyarrow().to_pylist()[0]
    >>> row["intervals"], row["days"], row["silence"], round(row["log_days"], 4)
    (2, 30.0, 5.0, 5.2983)
    """
    days = sale_days(table.filter(table.date <= as_of))
    before = days.date.lag().over(ibis.window(group_by=days.customer_id, order_by=days.date))
    days = days.mutate(gap=days.date.delta(before, unit="day").cast("float64"))
    found = days.group_by("customer_id").agg(
        intervals=days.gap.count(), log_days=days.gap.ln().sum().fill_null(0.0), first_on=days.date.min(), last_on=days.date.max()
    )
    return found.select(
        "customer_id", "intervals", "log_days", "last_on",
        days=found.last_on.delta(found.first_on, unit="day").cast("float64"),
        silence=ibis.literal(as_of).delta(found.last_on, unit="day").cast("float64"),
    )  # fmt: skip


def _loss(free: Floats, n: Floats, total: Floats, logs: Floats, quiet: Floats, weight: Floats) -> float:
    """Minus the mean log-likelihood."""
    shape, a, b = np.exp(free[:3])
    staying = expit(free[3])
    after, scale = a + shape * n, b + total
    seen = (shape - 1) * logs - n * gammaln(shape) + a * np.log(b) - gammaln(a) + gammaln(after) - after * np.log(scale)
    longer = betainc(after, shape, scale / (scale + quiet))
    value = seen + n * np.log(staying) + np.log1p(-staying + staying * longer)
    return -float((value * weight).sum() / weight.sum())


def _merged(n: Floats, total: Floats, logs: Floats, quiet: Floats) -> tuple[Floats, ...]:
    """Customers alike in everything, once each with their number: one-time buyers differ only in their silence."""
    rows, weight = np.unique(np.column_stack([n, total, np.round(logs, 6), quiet]), axis=0, return_counts=True)
    return (*rows.T, weight.astype(np.float64))


def _checked(*columns: ArrayLike) -> tuple[Any, ...]:
    arrays = [np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in columns]
    if len({len(array) for array in arrays}) > 1 or any(array.ndim != 1 for array in arrays):
        raise BadInput("all columns must be one-dimensional and of one length")
    for i, array in enumerate(arrays):
        wrong = ~np.isfinite(array) | ((array < 0) & (i != 2))
        if wrong.any():
            raise BadInput(f"row {int(np.flatnonzero(wrong)[0])}: {array[wrong][0]} is negative or not finite")
    return tuple(arrays)
