"""The scorecard: a logistic regression on weights of evidence, read as points."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from scipy.special import expit, ndtr

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput
from zhike_insight.scorecard.binning import Bins, Floats, find_bins
from zhike_insight.scorecard.validation import psi


class Scorecard(Estimator):
    """Points for each characteristic; more points, less risk.

    Parameters
    ----------
    base, odds : float
        A score of `base` means `odds` good ones for each bad one.
    pdo : float
        Points that double the odds.
    least_iv : float
        Characteristics with less information are left out.
    highest_p : float
        Characteristics whose coefficient is not significant at this level, or has the wrong sign (below zero: against its own
        evidence), are dropped one by one, the worst first.
    l2 : float
        Ridge penalty on the coefficients (0: none).

    Attributes
    ----------
    bins_ : dict of str to Bins
        Of the characteristics in the card.
    coefficients_, p_values_ : dict of str to float
    intercept_ : float
    iv_ : dict of str to float
        Of all characteristics offered.
    dropped_ : dict of str to str
        Characteristic → why it is not in the card.
    deviance_, null_deviance_ : float

    Notes
    -----
    Siddiqi (2006), *Credit Risk Scorecards*. Bins are learned in `fit`, so that a cross-validation of the whole estimator
    is honest: bins learned on all rows before splitting leak and flatter the AUC by some hundredths.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> delay = rng.poisson(5, 600)
    >>> bad = rng.random(600) < delay / 12
    >>> card = Scorecard().fit({'delay': delay}, bad)
    >>> low, high = card.score({'delay': [1, 9]})
    >>> bool(low > high)
    True
    """

    def __init__(
        self,
        *,
        base: float = 600.0,
        odds: float = 20.0,
        pdo: float = 50.0,
        least_iv: float = 0.02,
        highest_p: float = 0.15,
        l2: float = 0.0,
    ) -> None:
        self.base, self.odds, self.pdo = base, odds, pdo
        self.least_iv, self.highest_p, self.l2 = least_iv, highest_p, l2

    bins_: dict[str, Bins]
    coefficients_: dict[str, float]
    p_values_: dict[str, float]
    intercept_: float
    iv_: dict[str, float]
    dropped_: dict[str, str]
    deviance_: float
    null_deviance_: float

    def fit(self, X: Mapping[str, Any], bad: Any) -> Self:
        """Learn bins, coefficients and points.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            Characteristics: numbers (missing as nan) or texts (missing as None).
        bad : array of 0/1, shape (n,)

        Raises
        ------
        BadInput
            The target is not 0/1 or has one outcome only, lengths differ, or no characteristic tells anything.
        """
        y = np.asarray(bad, dtype=np.float64)
        bins = {name: find_bins(values, y) for name, values in X.items()}
        self.iv_ = {name: found.iv for name, found in bins.items()}
        self.dropped_ = {name: f"information value {iv:.3f}" for name, iv in self.iv_.items() if iv < self.least_iv}
        names = sorted((name for name in bins if name not in self.dropped_), key=lambda name: -self.iv_[name])
        encoded = {name: bins[name].encode(X[name]) for name in names}
        while names:
            design = np.column_stack([np.ones(len(y)), *(encoded[name] for name in names)])
            beta, errors = _logistic(design, y, self.l2)
            p_values = 2 * ndtr(-np.abs(beta / errors))[1:]
            worst = _worst(names, beta[1:], p_values, self.highest_p)
            if worst is None:
                break
            self.dropped_[names[worst]] = "wrong sign" if beta[1 + worst] <= 0 else f"not significant (p = {p_values[worst]:.2f})"
            del names[worst]
        if not names:
            raise BadInput("no characteristic tells good from bad")
        self.bins_ = {name: bins[name] for name in names}
        self.intercept_ = float(beta[0])
        self.coefficients_ = dict(zip(names, beta[1:].tolist(), strict=True))
        self.p_values_ = dict(zip(names, p_values.tolist(), strict=True))
        self.deviance_ = _deviance(expit(design @ beta), y)
        self.null_deviance_ = _deviance(np.full(len(y), y.mean()), y)
        return self

    def predict_bad(self, X: Mapping[str, Any]) -> Floats:
        """Probability of the bad outcome, shape (n,)."""
        parts = [self.coefficients_[name] * bins.encode(X[name]) for name, bins in self.bins_.items()]
        return np.asarray(expit(self.intercept_ + np.sum(parts, axis=0)))

    def points(self) -> dict[str, list[tuple[str, float]]]:
        """The card: for each characteristic its bins and their points; a score is the sum."""
        factor = self.pdo / np.log(2)
        share = (self.base - factor * np.log(self.odds) - factor * self.intercept_) / len(self.bins_)
        return {
            name: [
                (label, float(share - factor * self.coefficients_[name] * woe))
                for label, woe in zip(bins.names(), bins.woe, strict=True)
            ]
            for name, bins in self.bins_.items()
        }

    def score(self, X: Mapping[str, Any]) -> Floats:
        """Points of each row, shape (n,)."""
        return np.asarray(np.sum(list(self._parts(X).values()), axis=0))

    def reasons(self, X: Mapping[str, Any], *, most: int = 3) -> list[list[tuple[str, float]]]:
        """For each row the characteristics that cost most points against their best bin, the costliest first."""
        card = self.points()
        parts = self._parts(X)
        names = list(parts)
        lost = np.column_stack([max(points for _, points in card[name]) - parts[name] for name in names])
        order = np.argsort(-lost, axis=1, kind="stable")[:, :most]
        return [[(names[i], float(row[i])) for i in first if row[i] > 0] for row, first in zip(lost, order, strict=True)]

    def drift(self, X: Mapping[str, Any]) -> dict[str, float]:
        """PSI of each characteristic in the card: the rows in `X` against those of the fit, over the card's bins."""
        found = {}
        for name, bins in self.bins_.items():
            then = np.array(bins.good) + np.array(bins.bad)
            found[name] = psi(then, np.bincount(bins.place(X[name]), minlength=len(then)))
        return found

    def _parts(self, X: Mapping[str, Any]) -> dict[str, Floats]:
        card = self.points()
        return {name: np.array([p for _, p in card[name]])[bins.place(X[name])] for name, bins in self.bins_.items()}


def _worst(names: list[str], beta: Floats, p_values: Floats, highest: float) -> int | None:
    wrong = beta <= 0
    if wrong.any():
        return int(np.argmin(beta))
    return int(np.argmax(p_values)) if p_values.max() > highest else None


def _logistic(design: Floats, y: Floats, l2: float) -> tuple[Floats, Floats]:
    """Newton's method (iteratively reweighted least squares); coefficients and standard errors."""
    beta = np.zeros(design.shape[1])
    penalty = np.eye(design.shape[1]) * max(l2, 1e-9)
    penalty[0, 0] = 0.0
    for _ in range(50):
        p = expit(design @ beta)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + penalty
        step = np.linalg.solve(hessian, design.T @ (y - p) - penalty @ beta)
        beta = beta + np.clip(step, -5, 5)
        if np.max(np.abs(step)) < 1e-10:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(hessian)))


def _deviance(p: Floats, y: Floats) -> float:
    p = np.clip(p, 1e-15, 1 - 1e-15)
    return float(-2 * np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)))
