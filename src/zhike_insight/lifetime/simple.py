"""Lifetime value without a model of behaviour: the envelope, and margin–retention–discount."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def simple_value(spend_per_visit: float, visits_per_year: float, years: float) -> float:
    """What a customer spends in a customer's life: spend per visit × visits a year × years.

    Parameters
    ----------
    spend_per_visit : float
        Money.
    visits_per_year, years : float
        Not negative.

    Returns
    -------
    float
        Money, undiscounted revenue.

    Raises
    ------
    ValueError
        A factor is negative or not finite.

    Examples
    --------
    >>> simple_value(40, 52, 30)
    62400.0
    """
    for name, value in (("spend_per_visit", spend_per_visit), ("visits_per_year", visits_per_year), ("years", years)):
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name} must be a number not below zero, not {value}")
    return float(spend_per_visit * visits_per_year * years)


def retention_value(
    margin: float | Sequence[float],
    retention: float,
    discount: float,
    *,
    periods: int | None = None,
    acquisition_cost: float = 0.0,
    first_margin: Literal["now", "later"] = "now",
) -> float:
    """CLV = Σₜ mₜ rᵗ / (1 + d)ᵗ − acquisition cost.

    Parameters
    ----------
    margin : float or sequence of float
        Money a period, the same in all periods or one for each; the last one goes on.
    retention : float
        Share of customers who stay from one period to the next, 0 to 1.
    discount : float
        Discount rate a period, above −1 and, without an end, such that r < 1 + d.
    periods : int, optional
        Number of periods; without it, for ever.
    acquisition_cost : float
        Money spent at the beginning.
    first_margin : {"now", "later"}
        "now": t runs from 0, the first margin comes with the acquisition. "later": t runs from 1 (a margin is earned only after
        the first renewal: m·r / (1 + d − r) in the limit).

    Returns
    -------
    float
        Money, at the time of acquisition.

    Raises
    ------
    ValueError
        A rate is out of range, or the endless sum does not converge.

    Notes
    -----
    Berger & Nasr (1998), *Journal of Interactive Marketing* 12(1); Gupta & Lehmann (2003) for the limit.

    Examples
    --------
    >>> round(retention_value(100, 0.8, 0.1), 2)
    366.67
    >>> round(retention_value(100, 0.8, 0.1, first_margin="later"), 2)
    266.67
    >>> round(retention_value([100, 120, 150], 0.8, 0.1, periods=3, acquisition_cost=50), 2)
    216.61
    """
    margins = np.atleast_1d(np.asarray(margin, dtype=np.float64))
    _check(margins, retention, discount, periods, acquisition_cost)
    first = 0 if first_margin == "now" else 1
    factor = retention / (1 + discount)
    known = len(margins) if periods is None else min(periods, len(margins))
    times = np.arange(first, first + known)
    value = float(np.sum(margins[:known] * factor**times))
    rest = None if periods is None else periods - known
    tail_start = float(factor ** (first + known))
    if rest is None:
        value += float(margins[-1]) * tail_start / (1 - factor)
    elif rest > 0:
        value += float(margins[-1]) * tail_start * (rest if factor == 1 else (1 - factor**rest) / (1 - factor))
    return value - acquisition_cost


def retention_sensitivity(
    margin: float | Sequence[float],
    retentions: Sequence[float],
    discounts: Sequence[float],
    *,
    periods: int | None = None,
    acquisition_cost: float = 0.0,
) -> Floats:
    """`retention_value` for every pair of rates.

    Parameters
    ----------
    margin, periods, acquisition_cost
        As for `retention_value`.
    retentions, discounts : sequence of float
        Rates a period.

    Returns
    -------
    array, shape (len(retentions), len(discounts))
        Money.

    Raises
    ------
    ValueError
        As for `retention_value`.

    Notes
    -----
    As for `retention_value`.

    Examples
    --------
    >>> retention_sensitivity(100, [0.7, 0.8], [0.1, 0.2]).round(1).tolist()
    [[275.0, 240.0], [366.7, 300.0]]
    """
    rows = [
        [retention_value(margin, r, d, periods=periods, acquisition_cost=acquisition_cost) for d in discounts] for r in retentions
    ]
    return np.array(rows, dtype=np.float64).reshape(len(retentions), len(discounts))


def _check(margins: Floats, retention: float, discount: float, periods: int | None, acquisition_cost: float) -> None:
    if not len(margins) or not np.isfinite(margins).all():
        raise ValueError("margin must be one or more finite numbers")
    if not 0 <= retention <= 1:
        raise ValueError(f"retention must be from 0 to 1, not {retention}")
    if not (math.isfinite(discount) and discount > -1):
        raise ValueError(f"discount must be above -1, not {discount}")
    if periods is not None and periods < 0:
        raise ValueError(f"periods must not be negative, not {periods}")
    if periods is None and retention >= 1 + discount:
        raise ValueError(f"without an end the sum is infinite: retention {retention} must be below 1 + discount {1 + discount}")
    if not math.isfinite(acquisition_cost):
        raise ValueError("acquisition_cost must be finite")
