"""Lifetime value of every customer: expected purchases, discounted, times expected spend and margin, with an interval."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.gamma_gamma import GammaGamma
from zhike_insight.lifetime.triples import Floats, checked, levels, pairs as pairs_of
from zhike_insight.time_units import unit_days

NODES = 6  # of Gauss–Legendre integration, at least; for a year or two they give six digits and more
GONE = 40.0  # what is discounted by exp(-40) no longer counts
MANY = 20_000  # from so many customers on, the work is shared by threads
THREADS = 2
STEP = 1e-3  # of the logarithm of a parameter, for derivatives


@dataclass(frozen=True)
class LifetimeValues:
    """Columns of equal length, one row a customer; see `lifetime_value`."""

    p_alive: Floats
    expected_purchases: Floats
    expected_spend: Floats
    value: Floats
    low: Floats
    high: Floats


def lifetime_value(
    purchases: BuyingModel,
    spend: GammaGamma,
    frequency: Any,
    recency: Any,
    age: Any,
    mean_spend: Any,
    *,
    horizon: float,
    time_unit: str | float = "day",
    discount_rate: float = 0.1,
    margin: float = 1.0,
    confidence: float = 0.9,
) -> LifetimeValues:
    """Discounted margin that each customer is expected to bring within the horizon.

    Parameters
    ----------
    purchases : BetaGeoNBD, ModifiedBetaGeoNBD or ParetoNBD
        Fitted; its times are in `time_unit`.
    spend : GammaGamma
        Fitted.
    frequency, recency, age, mean_spend : array, shape (n,)
        As in the fits; `mean_spend` may be missing where frequency is 0.
    horizon : float
        Length of the future, in `time_unit`.
    time_unit : {"day", "week", "month", "year"} or float
        Unit of the times.
    discount_rate : float
        A year, not negative; money of a moment t years ahead is divided by (1 + discount_rate)ᵗ.
    margin : float
        Margin as a share of spend.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    LifetimeValues
        `p_alive`; `expected_purchases` (purchase days within the horizon, not discounted); `expected_spend` (money of one of them);
        `value` (money); `low` and `high` (money): the interval that comes from the uncertainty of the parameters, log-normal
        by the delta method, missing when a model has no covariance. It tells how well the *expectation* is known, not what one
        customer will do: that varies far more.

    Raises
    ------
    BadInput
        As in the fits.
    ValueError
        Horizon, rate, margin or confidence is out of range.

    Notes
    -----
    ∫₀ᴴ e^(−δt) dE[Y(t)] by parts is e^(−δH) E[Y(H)] + δ ∫₀ᴴ e^(−δt) E[Y(t)] dt, with δ = ln(1 + discount_rate). All but P(alive)
    depends on frequency and age only and is computed once for each distinct pair.

    Fader, Hardie & Lee (2005), *Journal of Marketing Research* 42(4).

    Examples
    --------
    >>> from zhike_insight import BetaGeoNBD
    >>> buying = BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
    >>> spending = GammaGamma.from_parameters(p=6.25, q=3.74, v=15.44)
    >>> found = lifetime_value(buying, spending, [2], [30.43], [38.86], [35.0], horizon=39, time_unit="week", margin=0.3)
    >>> found.p_alive.round(4).tolist(), found.expected_purchases.round(4).tolist(), found.value.round(2).tolist()
    ([0.7266], [1.2259], [12.46])
    """
    force = _force(horizon, time_unit, discount_rate)
    if not 0 < confidence < 1 or not np.isfinite(margin):
        raise ValueError(f"confidence must be between 0 and 1, margin a number: {confidence}, {margin}")
    x, tx, T = (np.atleast_1d(v) for v in checked(frequency, recency, age))
    pairs = _Pairs(x, T)
    alive = purchases.p_alive(x, tx, T)
    money = spend.expected_spend(x, mean_spend)
    value = alive * pairs.spread(_discounted(purchases, pairs, horizon, force)) * money * margin
    width = float(ndtri(0.5 + confidence / 2)) * np.sqrt(
        _purchase_variance(purchases, pairs, (x, tx, T), horizon, force) + _spend_variance(spend, x, mean_spend)
    )
    expected = alive * pairs.spread(purchases.expected_if_alive(horizon, pairs.x, pairs.T))
    with np.errstate(over="ignore", invalid="ignore"):
        return LifetimeValues(alive, expected, money, value, value * np.exp(-width), value * np.exp(width))


def discounted_purchases(
    purchases: BuyingModel,
    frequency: Any,
    recency: Any,
    age: Any,
    *,
    horizon: float,
    time_unit: str | float = "day",
    discount_rate: float = 0.1,
) -> Floats:
    """Discounted expected purchases within the horizon: `lifetime_value` without the money.

    Parameters
    ----------
    purchases, frequency, recency, age, horizon, time_unit, discount_rate
        As for `lifetime_value`.

    Returns
    -------
    array, shape (n,)
        Purchases, those of later counting less.

    Raises
    ------
    BadInput
        As in the fits.
    ValueError
        Horizon or rate is out of range.

    Notes
    -----
    Fader, Hardie & Lee (2005), *Journal of Marketing Research* 42(4), for the discounting.

    Examples
    --------
    >>> from zhike_insight import BetaGeoNBD
    >>> model = BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
    >>> discounted_purchases(model, [2], [30.43], [38.86], horizon=39, time_unit="week").round(3).tolist()
    [1.186]
    """
    force = _force(horizon, time_unit, discount_rate)
    x, tx, T = (np.atleast_1d(v) for v in checked(frequency, recency, age))
    pairs = _Pairs(x, T)
    return np.asarray(purchases.p_alive(x, tx, T) * pairs.spread(_discounted(purchases, pairs, horizon, force)))


def second_lifetime_value(
    purchases: BuyingModel,
    spend: GammaGamma,
    frequency: Any,
    recency: Any,
    mean_spend: Any,
    *,
    horizon: float,
    time_unit: str | float = "day",
    discount_rate: float = 0.1,
    margin: float = 1.0,
    chance: Any = 1.0,
    cost: Any = 0.0,
) -> Floats:
    """What lapsed customers are worth once they are won back, as they bought while they were customers.

    Parameters
    ----------
    purchases, spend : as for `lifetime_value`
    frequency, recency, mean_spend : array, shape (n,)
        Of the first life: repeat purchase days, time of the last one, mean spend of one. The silence since then does not count: who
        comes back buys again at the own rate.
    horizon, time_unit, discount_rate, margin : as for `lifetime_value`
        Counted from the return.
    chance : float or array, shape (n,)
        Probability of winning each one back, 0 to 1.
    cost : float or array, shape (n,)
        Money that the attempt costs each time, whether it succeeds or not.

    Returns
    -------
    array, shape (n,)
        Money: chance × value of the second life − cost. By it, whom to try to win back is ordered; below 0 it does not pay.

    Raises
    ------
    BadInput
        As in the fits.
    ValueError
        Horizon, rate, chance or cost is out of range.

    Notes
    -----
    Stauss & Friege (1999), *Journal of Service Research* 1, 347–361; Kumar, Bhagwat & Zhang (2015), *Journal of Marketing* 79(4).
    The rate of buying is learned from the time between the first and the last purchase only, and the return is a purchase: the
    customer is alive then. That the second life is as the first one is an assumption; where second lives were seen, compare.

    Examples
    --------
    >>> from zhike_insight import BetaGeoNBD
    >>> buying = BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
    >>> spending = GammaGamma.from_parameters(p=6.25, q=3.74, v=15.44)
    >>> values = second_lifetime_value(buying, spending, [1, 6], [10.0, 30.0], [20.0, 40.0], horizon=52, time_unit="week",
    ...                                margin=0.3, chance=0.2, cost=1.0)
    >>> values.round(2).tolist()
    [3.08, 14.44]
    """
    odds, price = np.asarray(chance, dtype=np.float64), np.asarray(cost, dtype=np.float64)
    force = _force(horizon, time_unit, discount_rate)
    if not ((odds >= 0) & (odds <= 1)).all() or not (np.isfinite(price) & (price >= 0)).all():
        raise ValueError("chance must be from 0 to 1, cost a number not below zero")
    x, active, _ = (np.atleast_1d(v) for v in checked(frequency, recency, recency))
    pairs = _Pairs(x, active)
    bought = pairs.spread(_discounted(purchases, pairs, horizon, force))
    return np.asarray(odds * bought * spend.expected_spend(x, mean_spend) * margin - price)


class _Pairs:
    """Distinct (frequency, age), and the place of every customer among them."""

    place: npt.NDArray[np.intp]

    def __init__(self, x: Floats, T: Floats) -> None:
        (ux, ix), (uT, iT) = levels(x), levels(T)
        in_x, in_T, self.place = pairs_of(ix, iT, len(uT))
        self.x, self.T = ux[in_x], uT[in_T]

    def spread(self, values: Floats) -> Floats:
        return np.asarray(values[self.place])


def _discounted(model: BuyingModel, pairs: _Pairs, horizon: float, force: float) -> Floats:
    """In u = ln(1 + t / c), c the shortest time among the parameters, for purchases grow steeply first and slowly later."""
    if force == 0:
        return np.asarray(model.expected_if_alive(horizon, pairs.x, pairs.T))
    horizon = min(horizon, GONE / force)
    total = np.exp(-force * horizon) * model.expected_if_alive(horizon, pairs.x, pairs.T)
    scale = min(model.parameters_[name] for name in model.times)
    reach = float(np.log1p(horizon / scale))
    nodes, weights = np.polynomial.legendre.leggauss(max(NODES, int(np.ceil(reach + 2 + 2 * np.sqrt(force * horizon)))))
    for node, weight in zip(nodes, weights, strict=True):
        t = float(scale * np.expm1(reach * (node + 1) / 2))
        step = weight * reach / 2 * (t + scale)
        total = total + force * step * np.exp(-force * t) * model.expected_if_alive(t, pairs.x, pairs.T)
    return np.asarray(total)


def _force(horizon: float, time_unit: str | float, discount_rate: float) -> float:
    """Of discounting, in the unit of the times; or `ValueError`, where the question has no answer."""
    if not 0 < horizon < np.inf or not 0 <= discount_rate < np.inf:
        raise ValueError(f"horizon must be positive and finite, discount_rate not negative: {horizon}, {discount_rate}")
    return float(np.log1p(discount_rate)) * unit_days(time_unit) / unit_days("year")


def _shifted(model: Any, name: str, step: float) -> Any:
    values = dict(model.parameters_)
    values[name] *= float(np.exp(step))
    return type(model).from_parameters(**values)


def _variance(slopes: list[Floats], covariance: Floats) -> Floats:
    """Quadratic form of the slopes of a logarithm by the logarithms of the parameters."""
    total = np.zeros_like(slopes[0])
    for i, left in enumerate(slopes):
        for j, right in enumerate(slopes):
            total += covariance[i, j] * left * right
    return np.maximum(total, 0.0)


def _purchase_variance(
    model: BuyingModel, pairs: _Pairs, customers: tuple[Floats, Floats, Floats], horizon: float, force: float
) -> Floats:
    def slope(name: str) -> Floats:
        up, down = _shifted(model, name, STEP), _shifted(model, name, -STEP)
        growth = _log(_discounted(up, pairs, horizon, force)) - _log(_discounted(down, pairs, horizon, force))
        return np.asarray((_log(up.p_alive(*customers)) - _log(down.p_alive(*customers)) + pairs.spread(growth)) / (2 * STEP))

    if len(customers[0]) < MANY:
        return _variance([slope(name) for name in model.names], model.log_covariance_)
    with ThreadPoolExecutor(THREADS) as pool:  # the special functions let go of the interpreter
        return _variance(list(pool.map(slope, model.names)), model.log_covariance_)


def _spend_variance(model: GammaGamma, frequency: Floats, mean_spend: Any) -> Floats:
    slopes = []
    for name in model.names:
        up, down = (_shifted(model, name, s).expected_spend(frequency, mean_spend) for s in (STEP, -STEP))
        slopes.append((_log(up) - _log(down)) / (2 * STEP))
    return _variance(slopes, model.log_covariance_)


def _log(values: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(values, 1e-300)))
