"""How long customers stay: Kaplan–Meier curves, and Cox' model of what makes them leave sooner."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput, NotEnoughData

Floats = npt.NDArray[np.float64]
DETERMINED = 1e-6  # least information on a feature of unit spread; below, its standard error would be above a thousand


def kaplan_meier(duration: Any, left: Any, *, confidence: float = 0.95) -> pa.Table:
    """Share of customers still there after each time, those who have not left yet taken into account.

    Parameters
    ----------
    duration : array, shape (n,)
        Time until leaving, or until now; not negative.
    left : array of bool or 0/1, shape (n,)
        Whether the customer has left (else still there: censored).
    confidence : float
        Of the interval.

    Returns
    -------
    Arrow table
        For each time at which somebody left: `time`, `at_risk`, `left`, `survival`, `low`, `high` (log-log interval by
        Greenwood's variance; null where the curve is 0).

    Raises
    ------
    BadInput
        Lengths differ or a value is impossible.

    Notes
    -----
    Kaplan & Meier (1958), *JASA* 53, 457–481.

    Examples
    --------
    >>> kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1])["survival"].to_pylist()
    [0.75, 0.5, 0.0]
    """
    t, e = _checked(duration, left)
    times, place = np.unique(t, return_inverse=True)
    gone, all_ = np.bincount(place, e), np.bincount(place)
    risk = np.cumsum(all_[::-1])[::-1]
    some = gone > 0
    times, gone, risk = times[some], gone[some], risk[some]
    survival = np.cumprod(1 - gone / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(gone / (risk * (risk - gone)))
        spread = ndtri(0.5 + confidence / 2) * np.sqrt(variance) / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    known = (survival > 0) & np.isfinite(spread)
    return pa.table(
        {
            "time": times,
            "at_risk": risk.astype(np.int64),
            "left": gone.astype(np.int64),
            "survival": survival,
            "low": pa.array(low, mask=~known),
            "high": pa.array(high, mask=~known),
        }
    )


class CoxModel(Estimator):
    """Proportional hazards: features raise or lower the rate of leaving by a factor, at all times alike.

    Parameters
    ----------
    l2 : float
        Ridge penalty (0: none).

    Attributes
    ----------
    coefficients_, standard_errors_, p_values_ : array, shape (features,)
        A unit more of a feature multiplies the rate of leaving by exp(coefficient).
    proportionality_p_ : array, shape (features,)
        Small where a feature does not act alike at all times: p of the correlation of its Schoenfeld residuals with the order of
        leaving (Grambsch & Therneau 1994). Not a number with fewer than five who left.
    log_likelihood_ : float
        Partial, ties by Efron's method.
    concordance_ : float
        Share of comparable pairs in which the one foreseen to leave sooner did.
    baseline_ : (array, array)
        Times and cumulative hazard (Breslow) of a customer whose features are at their means.

    Notes
    -----
    Cox (1972), *JRSS B* 34, 187–220; Efron (1977), *JASA* 72, 557–565; Grambsch & Therneau (1994), *Biometrika* 81, 515–526.

    Examples
    --------
    >>> yearly, months, gone = [[1], [1], [1], [0], [0], [0]], [5, 9, 12, 2, 3, 12], [1, 1, 0, 1, 1, 0]
    >>> model = CoxModel().fit(yearly, months, gone)
    >>> round(float(np.exp(model.coefficients_[0])), 2), round(model.concordance_, 2)
    (0.58, 0.64)
    """

    def __init__(self, *, l2: float = 0.0) -> None:
        self.l2 = l2

    coefficients_: Floats
    standard_errors_: Floats
    p_values_: Floats
    proportionality_p_: Floats
    log_likelihood_: float
    concordance_: float
    baseline_: tuple[Floats, Floats]

    def fit(self, X: Any, duration: Any, left: Any) -> Self:
        """Find the coefficients.

        Parameters
        ----------
        X : array, shape (n, features)
        duration, left : array, shape (n,)
            As for `kaplan_meier`.

        Raises
        ------
        BadInput
            Shapes differ or a value is not finite.
        NotEnoughData
            Fewer customers left than there are features, a feature does not vary, or, without `l2`, the features foretell without
            exception who leaves first, or one of them follows from the others.
        """
        t, e = _checked(duration, left)
        X = np.asarray(X, dtype=np.float64)
        if X.ndim != 2 or len(X) != len(t) or not np.isfinite(X).all():
            raise BadInput("X must be a matrix of finite numbers with one row for each duration")
        if e.sum() <= X.shape[1] or (X.std(axis=0) == 0).any():
            raise NotEnoughData("more customers must have left than there are features, and each feature must vary")
        self._mean, scale = X.mean(axis=0), X.std(axis=0)
        order = np.argsort(-t, kind="stable")
        Z, t, e = ((X - self._mean) / scale)[order], t[order], e[order]
        beta = np.zeros(Z.shape[1])
        penalty = np.eye(len(beta)) * self.l2
        for _ in range(50):
            value, slope, hessian = _efron(Z, t, e, beta)
            step = np.linalg.pinv(hessian + penalty) @ (slope - penalty @ beta)
            beta = beta + np.clip(step, -2, 2)
            if np.max(np.abs(step)) < 1e-9:
                break
        value, _, hessian = _efron(Z, t, e, beta)
        if not np.linalg.eigvalsh(hessian + penalty).min() > DETERMINED:
            raise NotEnoughData("the data do not determine how much each feature counts: leave features out, or give l2")
        self.log_likelihood_ = value
        self.coefficients_ = beta / scale
        self.standard_errors_ = np.sqrt(np.diag(np.linalg.inv(hessian + penalty))) / scale
        self.p_values_ = 2 * ndtr(-np.abs(self.coefficients_ / self.standard_errors_))
        self.proportionality_p_ = _proportionality(Z, t, e, beta, hessian)
        risk = Z @ beta
        self.baseline_ = _breslow(risk, t, e)
        self.concordance_ = concordance(t, e, risk)
        return self

    def risk(self, X: Any) -> Floats:
        """Factor on the rate of leaving of a customer with mean features, shape (n,)."""
        return np.asarray(np.exp((np.asarray(X, dtype=np.float64) - self._mean) @ self.coefficients_))

    def survival(self, X: Any, times: Sequence[float]) -> Floats:
        """Probability of being still there after each time, shape (n, len(times))."""
        known, hazard = self.baseline_
        place = np.searchsorted(known, np.asarray(times, dtype=np.float64), side="right")
        return np.asarray(np.exp(-np.outer(self.risk(X), np.append(0.0, hazard)[place])))


def concordance(duration: Any, left: Any, risk: Any) -> float:
    """Share of comparable pairs in which the customer with the higher risk left first; equal risks count half.

    Parameters
    ----------
    duration, left : array, shape (n,)
        As for `kaplan_meier`.
    risk : array, shape (n,)
        Any score that is higher for those who are foreseen to leave sooner.

    Returns
    -------
    float
        .5 chance, 1 perfect; not a number without a comparable pair.

    Raises
    ------
    BadInput
        Lengths differ or a value is impossible.

    Notes
    -----
    Harrell & al. (1982), *JAMA* 247, 2543–2546. Two customers are comparable if the one who left is known to have left first.

    Examples
    --------
    >>> concordance([2, 3, 5, 8], [1, 1, 0, 1], [0.9, 0.2, 0.4, 0.1])
    0.8
    """
    t, e = _checked(duration, left)
    r = np.asarray(risk, dtype=np.float64)
    if r.shape != t.shape or np.isnan(r).any():
        raise BadInput("risk must be a number for each duration")
    order = np.lexsort((r, -e, t))  # of one time those who left come first, the lower risk before the higher
    t, gone, rank = t[order], e[order] == 1, np.unique(r[order], return_inverse=True)[1]
    below, equal = _later(rank)
    times, place = np.unique(t, return_inverse=True)
    gone_at_once = np.bincount(place, gone, len(times)).astype(np.int64)
    ends = np.searchsorted(t, times) + gone_at_once  # behind those who left at that time
    pairs = float((len(t) - ends[place])[gone].sum())
    # who left at the same time is no pair; later among them stand equal and higher risks only
    alike = np.unique(np.column_stack([place[gone], rank[gone]]), axis=0, return_counts=True)[1]
    good = below[gone].sum() + 0.5 * (equal[gone].sum() - (alike * (alike - 1) / 2).sum())
    return float(good / pairs) if pairs else float("nan")


def _later(rank: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each place, how many later ones have a lower rank, and how many the same: halves of ever wider blocks are compared."""
    n, most = len(rank), int(rank.max()) + 1
    below, equal = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    place, width = np.arange(n), 1
    while width < n:
        block = place // (2 * width)
        is_right = place // width % 2 == 1
        first, second = place[~is_right], np.sort(block[is_right] * most + rank[is_right])
        start = block[first] * most
        low = np.searchsorted(second, start + rank[first])
        below[first] += low - np.searchsorted(second, start)
        equal[first] += np.searchsorted(second, start + rank[first], side="right") - low
        width *= 2
    return below, equal


def _checked(duration: Any, left: Any) -> tuple[Floats, Floats]:
    t, e = np.asarray(duration, dtype=np.float64), np.asarray(left, dtype=np.float64)
    if t.ndim != 1 or t.shape != e.shape or not len(t):
        raise BadInput("duration and left must be of one length, at least one")
    wrong = ~np.isfinite(t) | (t < 0) | ~np.isin(e, (0, 1))
    if wrong.any():
        raise BadInput(f"row {int(np.argmax(wrong))}: duration must not be negative, and left must be 0 or 1")
    return t, e


def _efron(Z: Floats, t: Floats, e: Floats, beta: Floats) -> tuple[float, Floats, Floats]:
    """Partial log-likelihood, gradient and minus the Hessian; rows from the longest duration to the shortest."""
    score = Z @ beta
    w = np.exp(score)
    value, slope, hessian = 0.0, np.zeros_like(beta), np.zeros((len(beta), len(beta)))
    S0, S1, S2 = 0.0, np.zeros_like(beta), np.zeros_like(hessian)
    ends = np.flatnonzero(np.append(np.diff(t) != 0, True)) + 1
    start = 0
    for end in ends.tolist():
        z, weight, gone = Z[start:end], w[start:end], e[start:end] == 1
        S0, S1, S2 = S0 + weight.sum(), S1 + weight @ z, S2 + (z * weight[:, None]).T @ z
        ties = int(gone.sum())
        if ties:
            zg, wg = z[gone], weight[gone]
            D0, D1, D2 = wg.sum(), wg @ zg, (zg * wg[:, None]).T @ zg
            part = np.arange(ties) / ties
            a0 = S0 - part * D0
            value += float(score[start:end][gone].sum() - np.log(a0).sum())
            a1 = (S1 - np.outer(part, D1)) / a0[:, None]
            slope += zg.sum(axis=0) - a1.sum(axis=0)
            hessian += (1 / a0).sum() * S2 - (part / a0).sum() * D2 - a1.T @ a1
        start = end
    return value, slope, hessian


def _proportionality(Z: Floats, t: Floats, e: Floats, beta: Floats, hessian: Floats) -> Floats:
    """p of the correlation of the scaled Schoenfeld residuals with the order in which customers left."""
    weight = np.exp(Z @ beta)
    ends = np.searchsorted(-t, -t, side="right") - 1  # the last row, from the longest duration on, that is still at risk then
    mean = (np.cumsum(Z * weight[:, None], axis=0) / np.cumsum(weight)[:, None])[ends]
    gone = e == 1
    if gone.sum() < 5:
        return np.full(len(beta), np.nan)
    scaled = (Z - mean)[gone] @ np.linalg.inv(hessian)
    rank = rankdata(t[gone])
    if rank.std() == 0:
        return np.full(len(beta), np.nan)
    r = np.array([np.corrcoef(column, rank)[0, 1] if column.std() > 0 else 0.0 for column in scaled.T])
    return np.asarray(2 * ndtr(-np.abs(r) * np.sqrt(gone.sum())))


def _breslow(risk: Floats, t: Floats, e: Floats) -> tuple[Floats, Floats]:
    times, place = np.unique(t, return_inverse=True)
    gone, weight = np.bincount(place, e), np.bincount(place, np.exp(risk))
    at_risk = np.cumsum(weight[::-1])[::-1]
    return times, np.cumsum(gone / at_risk)
