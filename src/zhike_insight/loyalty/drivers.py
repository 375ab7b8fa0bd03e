"""What drives satisfaction, when everything goes with everything."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from zhike_insight.lifetime.triples import BadInput, NotEnoughData

Floats = npt.NDArray[np.float64]
MOST_SHARED = 12  # attributes: beyond, all subsets are too many and relative weights are taken


@dataclass(frozen=True)
class Driver:
    """How much an attribute explains.

    Attributes
    ----------
    name : str
    importance : float
        Part of R² that is its own; over all attributes they add up to R².
    low, high : float
        Bootstrap interval of it.
    share : float
        Of R², 0 to 1.
    performance : float
        Mean of the attribute.
    correlation : float
        With the outcome alone; its sign says whether more is better.
    beta : float
        Standardised coefficient beside all others: with collinear attributes it jumps, and is shown to be distrusted.
    """

    name: str
    importance: float
    low: float
    high: float
    share: float
    performance: float
    correlation: float
    beta: float


@dataclass(frozen=True)
class KeyDrivers:
    """Attributes in the order of their importance, and what the whole is worth.

    Attributes
    ----------
    drivers : list of Driver
    r_squared, adjusted_r_squared : float
    n : int
        Complete answers.
    method : {"lmg", "relative weights"}
    highest_vif : float
        Greatest variance inflation: above 5 coefficients alone mislead.
    """

    drivers: list[Driver]
    r_squared: float
    adjusted_r_squared: float
    n: int
    method: str
    highest_vif: float


def key_drivers(
    attributes: Mapping[str, Any], outcome: Any, *, resamples: int = 500, confidence: float = 0.95, seed: int = 0
) -> KeyDrivers:
    """Which attributes drive the outcome, fairly divided among those that move together.

    Parameters
    ----------
    attributes : mapping of str to array, shape (n,)
        Ratings or measures; rows with a missing value are left out.
    outcome : array, shape (n,)
        Overall satisfaction, or the like.
    resamples : int
        Of the bootstrap; 0: no intervals (nan).
    confidence : float
    seed : int

    Returns
    -------
    KeyDrivers
        The drivers, the most important first, and R².

    Raises
    ------
    BadInput
        No attribute, lengths differ, or an attribute or the outcome is the same in all rows.
    NotEnoughData
        Fewer complete rows than attributes and two more.

    Notes
    -----
    Up to twelve attributes: the mean gain in R² over all orders in which they can enter (Lindeman, Merenda & Gold 1980; the
    Shapley value
    of R²). More: relative weights (Johnson 2000), which nearly agree. Importance is association: it says where to look, not
    what would happen.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> speed, price = rng.normal(size=(2, 200))
    >>> found = key_drivers({"speed": speed, "price": price}, 2 * speed + price + rng.normal(size=200), resamples=50)
    >>> [driver.name for driver in found.drivers]
    ['speed', 'price']
    """
    names = list(attributes)
    table, y = _complete(attributes, outcome)
    _check(names, table, y)
    divide = _shapley if len(names) <= MOST_SHARED else _relative_weights
    correlations = _correlations(table, y)
    importance = divide(correlations)
    low, high = _interval(table, y, divide, resamples, confidence, seed)
    r_squared, n, k = float(importance.sum()), len(y), len(names)
    inner = correlations[:-1, :-1]
    inverse = np.linalg.pinv(inner)
    beta = inverse @ correlations[:-1, -1]
    drivers = [
        Driver(
            name, float(importance[i]), float(low[i]), float(high[i]), float(importance[i] / r_squared) if r_squared > 0 else 0.0,
            float(table[:, i].mean()), float(correlations[i, -1]), float(beta[i]),
        )
        for i, name in enumerate(names)
    ]  # fmt: skip
    drivers.sort(key=lambda driver: -driver.importance)
    adjusted = 1 - (1 - r_squared) * (n - 1) / (n - k - 1)
    vif = float(np.diag(inverse).max()) if np.linalg.matrix_rank(inner, tol=1e-8) == k else float("inf")
    return KeyDrivers(drivers, r_squared, adjusted, n, "lmg" if divide is _shapley else "relative weights", vif)


def _complete(attributes: Mapping[str, Any], outcome: Any) -> tuple[Floats, Floats]:
    if not attributes:
        raise BadInput("there is no attribute")
    y = np.asarray(outcome, dtype=np.float64)
    columns = {name: np.asarray(values, dtype=np.float64) for name, values in attributes.items()}
    wrong = [name for name, values in columns.items() if values.shape != y.shape]
    if wrong or y.ndim != 1:
        raise BadInput(f"{wrong[0] if wrong else 'the outcome'!r} must be as long as the outcome, {y.shape}")
    table = np.column_stack(list(columns.values()))
    whole = np.isfinite(table).all(axis=1) & np.isfinite(y)
    return table[whole], y[whole]


def _check(names: list[str], table: Floats, y: Floats) -> None:
    if len(y) < len(names) + 2:
        raise NotEnoughData(f"{len(y)} complete rows are too few for {len(names)} attributes")
    for name, values in [*zip(names, table.T, strict=True), ("the outcome", y)]:
        if np.ptp(values) == 0:
            raise BadInput(f"{name!r} is the same in all rows")


def _correlations(table: Floats, y: Floats) -> Floats:
    return np.asarray(np.corrcoef(np.column_stack([table, y]), rowvar=False))


def _shapley(correlations: Floats) -> Floats:
    """Mean gain in R² over all orders; R² of a subset from the correlations alone."""
    k = len(correlations) - 1
    fits = np.zeros(1 << k)
    for subset in range(1, 1 << k):
        rows = [i for i in range(k) if subset >> i & 1]
        with_outcome = correlations[rows, k]
        fits[subset] = with_outcome @ np.linalg.lstsq(correlations[np.ix_(rows, rows)], with_outcome, rcond=1e-10)[0]
    sizes = np.array([bin(subset).count("1") for subset in range(1 << k)])
    found = np.zeros(k)
    everything = np.arange(1 << k)
    for i in range(k):
        without = everything[(everything >> i & 1) == 0]
        weight = 1 / (k * np.array([comb(k - 1, int(size)) for size in sizes[without]]))
        found[i] = weight @ (fits[without | (1 << i)] - fits[without])
    return found


def _relative_weights(correlations: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlations[:-1, :-1])
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T
    beta = np.linalg.pinv(root) @ correlations[:-1, -1]
    return np.asarray(root**2 @ beta**2)


def _interval(table: Floats, y: Floats, divide: Any, resamples: int, confidence: float, seed: int) -> tuple[Floats, Floats]:
    if resamples < 1:
        nothing = np.full(table.shape[1], np.nan)
        return nothing, nothing
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        rows = rng.integers(len(y), size=len(y))
        if np.ptp(y[rows]) and np.ptp(table[rows], axis=0).all():
            drawn.append(divide(_correlations(table[rows], y[rows])))
    edge = (1 - confidence) / 2
    low, high = np.quantile(np.array(drawn), [edge, 1 - edge], axis=0)
    return low, high
