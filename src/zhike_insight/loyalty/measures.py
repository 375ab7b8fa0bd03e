"""How satisfied and how loyal customers are, with what the sample size allows to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from zhike_insight.lifetime.triples import BadInput, NotEnoughData

Floats = npt.NDArray[np.float64]
LOYALTY_CELLS = ("true", "latent", "spurious", "none")


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval.

    Attributes
    ----------
    value, low, high : float
    n : int
        Answers it rests on.
    """

    value: float
    low: float
    high: float
    n: int


def share_of_wallet(ours: Any, all_spend: Any) -> Floats:
    """What part of their spending (or visits) in the category customers give to us.

    Parameters
    ----------
    ours, all_spend : array, shape (n,)
        Money (or visits) with us, and with everybody including us, of the same period; what a customer says about the latter may be
        less than what our books say about the former.

    Returns
    -------
    array, shape (n,)
        0 to 1; nan where either is missing or nothing was spent at all. Books that show more than the customer says count as 1.

    Raises
    ------
    BadInput
        Lengths differ, or a value is negative.

    Examples
    --------
    >>> share_of_wallet([30, 80, 0], [120, 60, 0]).tolist()
    [0.25, 1.0, nan]
    """
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(all_spend, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise BadInput(f"spending with us and in all must be two columns of one length, not {a.shape} and {b.shape}")
    if (a < 0).any() or (b < 0).any():
        raise BadInput("spending must not be negative")
    known = np.isfinite(a) & np.isfinite(b) & (np.maximum(a, b) > 0)
    return np.where(known, np.divide(a, np.maximum(a, b), out=np.full(len(a), np.nan), where=known), np.nan)


def wallet_allocation(rank: Any, brands: Any) -> Floats:
    """Share of wallet from the rank that a customer gives us among the brands they use: no question about money is needed.

    Parameters
    ----------
    rank : array, shape (n,)
        1: first choice; ties take the mean of their ranks.
    brands : array, shape (n,)
        How many brands of the category the customer uses, ours included.

    Returns
    -------
    array, shape (n,)
        (1 − rank / (brands + 1)) × 2 / brands; the shares of a customer's brands add up to 1.

    Raises
    ------
    BadInput
        A rank is below 1 or above the number of brands.

    Notes
    -----
    The Wallet Allocation Rule: Keiningham, Aksoy, Buoye & Cooil (2011), *Harvard Business Review* 89(10).

    Examples
    --------
    >>> wallet_allocation([1, 2, 1], [2, 2, 3]).round(3).tolist()
    [0.667, 0.333, 0.5]
    """
    r, k = np.asarray(rank, dtype=np.float64), np.asarray(brands, dtype=np.float64)
    if ((r < 1) | (r > k)).any():
        raise BadInput("a rank must be between 1 and the number of brands")
    return np.asarray((1 - r / (k + 1)) * 2 / k)


def loyalty_matrix(attitude: Any, behaviour: Any, *, attitude_cut: float = 50.0, behaviour_cut: float = 50.0) -> list[str | None]:
    """Attitude against behaviour: who is loyal, who would be, who only seems to be.

    Parameters
    ----------
    attitude, behaviour : array, shape (n,)
        Indices of 0 to 100: what customers feel and say, and what they do (share of wallet, frequency, tenure).
    attitude_cut, behaviour_cut : float
        From here on high.

    Returns
    -------
    list of str or None
        "true" (both high), "latent" (feels, does not buy: remove what hinders), "spurious" (buys, does not feel: habit or no
        choice,
        gone when one comes), "none"; None where a value is missing.

    Raises
    ------
    BadInput
        Lengths differ.

    Notes
    -----
    Dick & Basu (1994), *Journal of the Academy of Marketing Science* 22(2).

    Examples
    --------
    >>> loyalty_matrix([80, 80, 20, 20], [90, 10, 90, 10])
    ['true', 'latent', 'spurious', 'none']
    """
    a, b = np.asarray(attitude, dtype=np.float64), np.asarray(behaviour, dtype=np.float64)
    if a.shape != b.shape:
        raise BadInput(f"attitude and behaviour differ in length: {a.shape} and {b.shape}")
    cells = {(True, True): "true", (True, False): "latent", (False, True): "spurious", (False, False): "none"}
    return [
        cells[bool(one >= attitude_cut), bool(other >= behaviour_cut)] if np.isfinite(one) and np.isfinite(other) else None
        for one, other in zip(a, b, strict=True)
    ]


def net_promoter(ratings: Any, *, confidence: float = 0.95) -> Estimate:
    """Net promoter score, −100 to 100: the share of 9s and 10s less that of 0 to 6, with its interval.

    Parameters
    ----------
    ratings : array, shape (n,)
        Answers from 0 to 10; missing ones (nan) are left out.
    confidence : float

    Returns
    -------
    Estimate
        The value is of the answers as they are; the interval is the adjusted one of Notes.

    Raises
    ------
    BadInput
        An answer is outside 0 … 10, or the confidence outside (0, 1).
    NotEnoughData
        There is no answer.

    Notes
    -----
    The variance of one answer is p + d − (p − d)², p promoters and d detractors. For small samples three answers are added,
    ¾ promoters,
    1½ passives and ¾ detractors (adjusted Wald; Bonett & Price 2012; Sauro & Lewis 2023): the plain interval of 20 equal
    answers would have no width.

    Examples
    --------
    >>> score = net_promoter([10] * 50 + [7] * 30 + [3] * 20)
    >>> score.value, round(score.low, 1), round(score.high, 1)
    (30.0, 14.1, 44.2)
    """
    answers = _answers(ratings, 0, 10)
    n = len(answers)
    promoters, detractors = float((answers >= 9).sum()), float((answers <= 6).sum())
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = _quantile(confidence) * np.sqrt((p + d - (p - d) ** 2) / (n + 3))
    middle = p - d
    return Estimate(
        100 * (promoters - detractors) / n, 100 * max(float(middle - half), -1.0), 100 * min(float(middle + half), 1.0), n
    )


def satisfaction_index(
    indicators: Mapping[str, Any], weights: Mapping[str, float] | None = None, *, lowest: float = 1.0, highest: float = 10.0,
    confidence: float = 0.95,
) -> Estimate:  # fmt: skip
    """Satisfaction from 0 to 100 out of several questions, with its interval.

    Parameters
    ----------
    indicators : mapping of str to array, shape (n,)
        One row a respondent; missing answers as nan. A respondent counts with the questions they answered, if those carry at
        least half of the weight.
    weights : mapping of str to float, optional
        Not negative; equal without.
    lowest, highest : float
        Ends of the scale.
    confidence : float

    Returns
    -------
    Estimate
        Mean of the respondents' indices and its interval by Student's t; without width for a single respondent: nan.

    Raises
    ------
    BadInput
        No indicator, lengths differ, an answer outside the scale, a weight is missing or negative, or all are zero.
    NotEnoughData
        Nobody answered enough.

    Notes
    -----
    100 × Σ w (x − lowest) / ((highest − lowest) Σ w), the form of the American Customer Satisfaction Index (Fornell et al.
    1996, *Journal of Marketing* 60).

    Examples
    --------
    >>> index = satisfaction_index({"overall": [8, 9, 7], "expected": [7, 9, 6], "ideal": [7, 8, 6]})
    >>> round(index.value, 1)
    71.6
    """
    if not indicators:
        raise BadInput("there is no indicator")
    table = np.column_stack([_scale(name, values, lowest, highest) for name, values in _equally_long(indicators).items()])
    given = np.array([1.0 if weights is None else weights.get(name, np.nan) for name in indicators], dtype=np.float64)
    if not np.isfinite(given).all() or (given < 0).any() or not given.sum() > 0:
        raise BadInput("every indicator needs a weight of zero or more, and not all may be zero")
    known = np.isfinite(table)
    carried = known @ given
    each = np.divide(np.where(known, table, 0) @ given, carried, out=np.full(len(table), np.nan), where=carried > 0)
    index = 100 * (each[carried >= given.sum() / 2] - lowest) / (highest - lowest)
    index = index[np.isfinite(index)]
    if not len(index):
        raise NotEnoughData("nobody answered questions of half the weight")
    value, n = float(index.mean()), len(index)
    if n == 1:
        return Estimate(value, float("nan"), float("nan"), 1)
    half = float(stdtrit(n - 1, (1 + _checked(confidence)) / 2) * index.std(ddof=1) / np.sqrt(n))
    return Estimate(value, max(value - half, 0.0), min(value + half, 100.0), n)


def _equally_long(columns: Mapping[str, Any]) -> dict[str, Floats]:
    found = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in found.items()}
    if len(set(lengths.values())) > 1:
        raise BadInput(f"the questions differ in length: {lengths}")
    return found


def _scale(name: str, values: Floats, lowest: float, highest: float) -> Floats:
    known = values[np.isfinite(values)]
    if ((known < lowest) | (known > highest)).any() or np.isinf(values).any():
        raise BadInput(f"{name!r} has an answer outside {lowest:g} … {highest:g}")
    return values


def _answers(values: Sequence[float] | Any, lowest: float, highest: float) -> Floats:
    found = _scale("the rating", np.asarray(values, dtype=np.float64), lowest, highest)
    found = found[np.isfinite(found)]
    if not len(found):
        raise NotEnoughData("there is no answer")
    return found


def _checked(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise BadInput(f"confidence must be between 0 and 1, not {confidence}")
    return confidence


def _quantile(confidence: float) -> float:
    return float(ndtri((1 + _checked(confidence)) / 2))
