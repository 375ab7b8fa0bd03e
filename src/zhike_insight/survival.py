"""How long customers stay: Kaplan–Meier curves, and Cox' model of what makes them leave sooner."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtr, ndtri

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
    log_likelihood_ : float
        Partial, ties by Efron's method.
    concordance_ : float
        Share of comparable pairs in which the one foreseen to leave sooner did.
    baseline_ : (array, array)
        Times and cumulative hazard (Breslow) of a customer whose features are at their means.

    Notes
    -----
    Cox (1972), *JRSS B* 34, 187–220; Efron (1977), *JASA* 72, 557–565.
    """

    def __init__(self, *, l2: float = 0.0) -> None:
        self.l2 = l2

    coefficients_: Floats
    standard_errors_: Floats
    p_values_: Floats
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
    """Share of comparable pairs in which the customer with the higher risk left first; equal risks count half (Harrell 1982).

    Returns
    -------
    float
        .5 chance, 1 perfect; not a number without a comparable pair.
    """
    t, e = _checked(duration, left)
    r = np.asarray(risk, dtype=np.float64)
    good = pairs = 0.0
    for i in np.flatnonzero(e == 1):
        later = (t > t[i]) | ((t == t[i]) & (e == 0))
        pairs += later.sum()
        good += (r[i] > r[later]).sum() + 0.5 * (r[i] == r[later]).sum()
    return float(good / pairs) if pairs else float("nan")


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
            value += float(score[start:end][gone].sum())
            slope += zg.sum(axis=0)
            for k in range(ties):
                part = k / ties
                a0, a1, a2 = S0 - part * D0, S1 - part * D1, S2 - part * D2
                value -= float(np.log(a0))
                slope -= a1 / a0
                hessian += a2 / a0 - np.outer(a1, a1) / a0**2
        start = end
    return value, slope, hessian


def _breslow(risk: Floats, t: Floats, e: Floats) -> tuple[Floats, Floats]:
    times, place = np.unique(t, return_inverse=True)
    gone, weight = np.bincount(place, e), np.bincount(place, np.exp(risk))
    at_risk = np.cumsum(weight[::-1])[::-1]
    return times, np.cumsum(gone / at_risk)
