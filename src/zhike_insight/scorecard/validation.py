"""How well a score tells good from bad, and whether it still meets the people it was made for."""

from typing import Any

import numpy as np

from zhike_insight.lifetime.triples import BadInput


def auc(score: Any, bad: Any) -> float:
    """Chance that a bad one has a higher risk score than a good one; ties count half.

    Parameters
    ----------
    score : array, shape (n,)
        Higher: more likely bad.
    bad : array of bool or 0/1, shape (n,)

    Returns
    -------
    float
        0.5 chance, 1 perfect.

    Raises
    ------
    BadInput
        Only one outcome occurs, or lengths differ.

    Notes
    -----
    Hanley & McNeil (1982), *Radiology* 143, 29–36.

    Examples
    --------
    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    s, y = _checked(score, bad)
    _, place, count = np.unique(s, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    many = y.sum()
    return float((rank[y == 1].sum() - many * (many + 1) / 2) / (many * (len(y) - many)))


def ks(score: Any, bad: Any) -> float:
    """Largest distance between the distributions of the scores of good and bad.

    Parameters
    ----------
    score : array, shape (n,)
        Higher: more likely bad.
    bad : array of bool or 0/1, shape (n,)

    Returns
    -------
    float
        0 to 1.

    Raises
    ------
    BadInput
        As for `auc`.

    Notes
    -----
    Kolmogorov (1933); Smirnov (1948), *Annals of Mathematical Statistics* 19.

    Examples
    --------
    >>> ks([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.5
    """
    s, y = _checked(score, bad)
    _, place = np.unique(s, return_inverse=True)
    bads, goods = np.bincount(place, y), np.bincount(place, 1 - y)
    return float(np.max(np.abs(np.cumsum(bads) / bads.sum() - np.cumsum(goods) / goods.sum())))


def psi(expected: Any, actual: Any) -> float:
    """Population stability index of two sets of counts over the same bins: below .1 stable, above .25 another population.

    Parameters
    ----------
    expected, actual : array, shape (bins,)
        Counts of the same bins: when the score was made, and now. An empty bin counts as half a row.

    Returns
    -------
    float
        Σ (a − e) ln(a / e) over the shares.

    Raises
    ------
    BadInput
        Lengths differ, a count is negative or infinite, or a set is empty.

    Notes
    -----
    Siddiqi (2006), *Credit Risk Scorecards*, for the limits in use.

    Examples
    --------
    >>> round(psi([50, 30, 20], [40, 30, 30]), 4)
    0.0629
    """
    e, a = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    counts = e.shape == a.shape and all(np.isfinite(v).all() and (v >= 0).all() and v.sum() > 0 for v in (e, a))
    if not counts:
        raise BadInput("both must hold counts over the same bins, and neither may be empty")
    used = (e + a) > 0
    e, a = np.maximum(e[used], 0.5) / e.sum(), np.maximum(a[used], 0.5) / a.sum()
    return float(np.sum((a - e) * np.log(a / e)))


def calibration(probability: Any, bad: Any, *, groups: int = 10) -> list[dict[str, float]]:
    """Foreseen against seen, in groups of rising probability.

    Parameters
    ----------
    probability : array, shape (n,)
        0 to 1.
    bad : array of bool or 0/1, shape (n,)
    groups : int
        Equally large ones, as far as equal probabilities, which stay together, let them be.

    Returns
    -------
    list of dict
        `customers`, `expected` (mean probability), `actual` (share of the bad).

    Raises
    ------
    BadInput
        Lengths differ or there is no row.

    Notes
    -----
    Hosmer & Lemeshow (1980), for groups by rising probability.

    Examples
    --------
    >>> rows = calibration([0.1, 0.2, 0.7, 0.8], [0, 0, 1, 1], groups=2)
    >>> [(row["customers"], round(row["expected"], 2), row["actual"]) for row in rows]
    [(2, 0.15, 0.0), (2, 0.75, 1.0)]
    """
    p, y = _checked(probability, bad)
    parts = rising_groups(p, groups)
    return [{"customers": len(i), "expected": float(p[i].mean()), "actual": float(y[i].mean())} for i in parts]


def rising_groups(values: Any, groups: int) -> list[Any]:
    """Rows of groups of rising value, equally large but for equal values: those stay together, where the middle one of them
    belongs, so that the order of the rows tells nothing."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum([len(part) for part in np.array_split(np.arange(len(place)), min(groups, len(place)))])
    group = np.searchsorted(ends, np.cumsum(count) - (count + 1) // 2, side="right")[place]
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def _checked(score: Any, bad: Any) -> Any:
    s, y = np.asarray(score, dtype=np.float64), np.asarray(bad, dtype=np.float64)
    if s.shape != y.shape or not np.isfinite(s).all() or not np.isin(y, (0, 1)).all():
        raise BadInput("score and bad must have one length, the score be finite and bad be 0 or 1")
    if not 0 < y.sum() < len(y):
        raise BadInput("good and bad must both occur")
    return s, y
