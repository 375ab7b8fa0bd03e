"""Bins of a characteristic with their weight of evidence (WOE) and its information value (IV)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from zhike_insight.lifetime.triples import BadInput

Floats = npt.NDArray[np.float64]
SMOOTH = 0.5  # added to an empty count, so that no bin is infinitely good or bad
ONE_SIDED = 2
START_BINS = 20


@dataclass(frozen=True)
class Bins:
    """Bins of one characteristic, learned from a training set.

    Attributes
    ----------
    cuts : tuple of float, or None
        For numbers: inner ends; a value equal to a cut belongs below it. None for categories.
    groups : tuple of tuple of str, or None
        For categories: the values of each bin.
    good, bad : tuple of float
        Counts in each bin; the last bin holds missing values, and categories not seen in training are treated as missing.
    woe : tuple of float
        ln(share of the bad / share of the good): positive is riskier. A missing bin that was empty in training has 0.
    iv : float
        Σ (share of the bad − share of the good) · WOE: below .02 useless, .1 weak, .3 medium, above strong.
    """

    cuts: tuple[float, ...] | None
    groups: tuple[tuple[str, ...], ...] | None
    good: tuple[float, ...]
    bad: tuple[float, ...]
    woe: tuple[float, ...]
    iv: float

    def place(self, values: Any) -> npt.NDArray[np.intp]:
        """Number of the bin of each value; the last for missing ones."""
        missing = len(self.woe) - 1
        if self.cuts is not None:
            numbers = np.asarray(values, dtype=np.float64)
            return np.where(np.isnan(numbers), missing, np.searchsorted(np.array(self.cuts), numbers, side="left")).astype(np.intp)
        where = {name: i for i, group in enumerate(self.groups or ()) for name in group}
        return np.array([where.get(str(value), missing) if value is not None else missing for value in values], dtype=np.intp)

    def encode(self, values: Any) -> Floats:
        """WOE of each value."""
        return np.array(self.woe)[self.place(values)]

    def names(self) -> list[str]:
        """A readable name for each bin."""
        if self.cuts is None:
            return [", ".join(group) for group in self.groups or ()] + ["missing"]
        ends = [f"{cut:g}" for cut in self.cuts]
        if not ends:
            return ["all", "missing"]
        middle = [f"{a} – {b}" for a, b in pairwise(ends)]
        return [f"≤ {ends[0]}", *middle, f"> {ends[-1]}", "missing"]


def find_bins(values: Any, bad: Any, *, least_share: float = 0.05, most: int = 6) -> Bins:
    """Learn bins from a training set.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers (missing as nan) or texts (missing as None).
    bad : array of bool or 0/1, shape (n,)
        Whether the event to be avoided came.
    least_share : float
        Least share of the rows in a bin of numbers.
    most : int
        Most bins, without the one for missing values.

    Returns
    -------
    Bins
        For numbers: WOE rises or falls over the bins without exception. Neighbouring bins are joined until that holds, always
        the pair that costs least information. For categories: every value its own bin if there are at most `most`, else those
        with the most similar WOE are joined.

    Raises
    ------
    BadInput
        Lengths differ, the target is not 0/1, or only one outcome occurs.

    Notes
    -----
    Thomas, Edelman & Crook (2002), *Credit Scoring and Its Applications*; neighbours are joined as in Kerber's ChiMerge (1992).

    Examples
    --------
    >>> bins = find_bins([1, 2, 3, 4, 5, 6, 7, 8] * 20, [1, 1, 1, 0, 1, 0, 0, 0] * 20)
    >>> bins.names(), round(bins.iv, 2)
    (['≤ 3', '3 – 5', '> 5', 'missing'], 7.19)
    """
    y = np.asarray(bad, dtype=np.float64)
    column = np.asarray(values)
    if column.shape != y.shape or y.ndim != 1 or not np.isin(y, (0, 1)).all():
        raise BadInput("values and bad must have one length, and bad must be 0 or 1")
    if not 0 < y.sum() < len(y):
        raise BadInput("good and bad must both occur")
    if column.dtype.kind in "fiub":
        return _numeric(column.astype(np.float64), y, least_share, most)
    return _categorical(column, y, most)


def woe_and_iv(good: Any, bad: Any) -> tuple[Floats, float]:
    """WOE of each bin and the IV of all, from counts.

    Parameters
    ----------
    good, bad : array, shape (bins,)
        Counts; half a row stands for none.

    Returns
    -------
    (array, float)

    Raises
    ------
    BadInput
        A count is missing, negative or infinite, lengths differ, or there is nobody good or nobody bad.

    Notes
    -----
    Good (1950), *Probability and the Weighing of Evidence*; Siddiqi (2006). The example: R's scorecard documentation.

    Examples
    --------
    >>> woe, iv = woe_and_iv([139, 164, 49, 348], [135, 105, 14, 46])
    >>> woe.round(4).tolist(), round(iv, 4)
    ([0.8181, 0.4014, -0.4055, -1.1763], 0.666)
    """
    g, b = np.asarray(good, dtype=np.float64), np.asarray(bad, dtype=np.float64)
    if g.shape != b.shape or not (_counts(g) and _counts(b)):
        raise BadInput("good and bad must be counts over the same bins, and neither may be all zero")
    empty, seen = (g == 0) | (b == 0), (g + b) > 0
    share_good = np.where(empty, g + SMOOTH, g) / g.sum()
    share_bad = np.where(empty, b + SMOOTH, b) / b.sum()
    woe = np.where(seen, np.log(share_bad / share_good), 0.0)
    return woe, float(np.sum((b / b.sum() - g / g.sum()) * woe))


def _counts(values: Floats) -> bool:
    return bool(np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0)


def _numeric(x: Floats, y: Floats, least_share: float, most: int) -> Bins:
    known = ~np.isnan(x)
    if known.any():
        quantiles = np.quantile(x[known], np.linspace(0, 1, START_BINS + 1)[1:-1], method="inverted_cdf")
        cuts = [float(c) for c in np.unique(quantiles) if c < x[known].max()]
    else:
        cuts = []
    place = np.searchsorted(np.array(cuts), x[known], side="left")
    bad = np.bincount(place, y[known], len(cuts) + 1).tolist()
    good = np.bincount(place, 1 - y[known], len(cuts) + 1).tolist()
    least = least_share * len(y)
    while len(cuts) and not _settled(good, bad, least, most):
        at = _cheapest(good, bad, least)
        good[at : at + 2], bad[at : at + 2] = [good[at] + good[at + 1]], [bad[at] + bad[at + 1]]
        del cuts[at]
    return _bins(tuple(cuts), None, good, bad, y[~known])


def _settled(good: list[float], bad: list[float], least: float, most: int) -> bool:
    rate = np.array(bad) / (np.array(good) + np.array(bad))
    steps = np.diff(rate)
    monotone = bool((steps > 0).all() or (steps < 0).all())
    return monotone and not _too_small(np.array(good), np.array(bad), least).any() and len(good) <= most


def _too_small(good: Floats, bad: Floats, least: float) -> npt.NDArray[np.bool_]:
    """A bin of good ones or bad ones only must be twice as large: that is hardly chance."""
    return good + bad < np.where((good == 0) | (bad == 0), ONE_SIDED * least, least)


def _cheapest(good: list[float], bad: list[float], least: float) -> int:
    """The neighbours to join: where a bin is too small or one-sided, then what breaks the direction, then the most alike."""
    g, b = np.array(good), np.array(bad)
    rate = b / (g + b)
    gap = np.abs(np.diff(rate))
    weight = 1 / (1 / (g + b)[:-1] + 1 / (g + b)[1:])
    cost = gap**2 * weight
    small = _too_small(g, b, least)
    if small.any():
        touching = small[:-1] | small[1:]
        return int(np.argmin(np.where(touching, cost, np.inf)))
    centred = np.arange(len(g)) - np.average(np.arange(len(g)), weights=g + b)
    direction = np.sign(np.sum((g + b) * centred * rate)) or 1.0
    against = np.diff(rate) * direction <= 0
    return int(np.argmin(np.where(against, cost, np.inf))) if against.any() else int(np.argmin(cost))


def _categorical(column: Any, y: Floats, most: int) -> Bins:
    known = np.array([value is not None for value in column])
    names, place = np.unique(np.array([str(value) for value in column[known]]), return_inverse=True)
    bad = np.bincount(place, y[known], len(names)).tolist()
    good = np.bincount(place, 1 - y[known], len(names)).tolist()
    groups: list[tuple[str, ...]] = [(str(name),) for name in names]
    order = (
        np.argsort([b / (g + b) for g, b in zip(good, bad, strict=True)], kind="stable").tolist() if len(groups) > most else None
    )
    if order is not None:
        groups, good, bad = [groups[i] for i in order], [good[i] for i in order], [bad[i] for i in order]
        while len(groups) > most:
            at = _cheapest(good, bad, 0.02 * len(y))
            groups[at : at + 2] = [groups[at] + groups[at + 1]]
            good[at : at + 2], bad[at : at + 2] = [good[at] + good[at + 1]], [bad[at] + bad[at + 1]]
    return _bins(None, tuple(groups), good, bad, y[~known])


def _bins(cuts: Any, groups: Any, good: list[float], bad: list[float], missing: Floats) -> Bins:
    good, bad = [*good, float((1 - missing).sum())], [*bad, float(missing.sum())]
    woe, iv = woe_and_iv(good, bad)
    return Bins(cuts, groups, tuple(good), tuple(bad), tuple(woe.tolist()), iv)
