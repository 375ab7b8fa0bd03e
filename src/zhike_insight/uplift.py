"""Whom a contact changes: learned from a trial in which a part of the customers, drawn by lot, was left alone."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput, NotEnoughData
from zhike_insight.loyalty.measures import Estimate
from zhike_insight.scorecard.validation import auc, rising_groups
from zhike_insight.segments.prepare import Preparation

Floats = npt.NDArray[np.float64]
BANDS, STEPS, RESAMPLES = 5, 20, 200


def lift_over_control(won_treated: int, treated: int, won_control: int, control: int, *, confidence: float = 0.95) -> Estimate:
    """By how much the share of those who did what was hoped for is higher than in the control group.

    Parameters
    ----------
    won_treated, won_control : int
        How many of each group did it: bought, stayed, answered.
    treated, control : int
        Customers in each group.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        Difference of the shares, −1 to 1, with Newcombe's interval; `n` is the size of both groups together.

    Raises
    ------
    BadInput
        A group is empty, or more did it than there are.

    Notes
    -----
    Newcombe (1998), *Statistics in Medicine* 17, 873–890, method 10: Wilson's intervals of both shares put together.

    Examples
    --------
    >>> found = lift_over_control(56, 70, 48, 80)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    for won, size in ((won_treated, treated), (won_control, control)):
        if size < 1 or not 0 <= won <= size:
            raise BadInput(f"{won} of {size}: there must be somebody in each group, and no more than all of them can have done it")
    z = float(ndtri(0.5 + confidence / 2))
    (p, low_p, high_p), (q, low_q, high_q) = _wilson(won_treated, treated, z), _wilson(won_control, control, z)
    low = p - q - float(np.hypot(p - low_p, high_q - q))
    return Estimate(p - q, low, p - q + float(np.hypot(high_p - p, q - low_q)), treated + control)


class UpliftModel(Estimator):
    """How much more likely each customer does what is hoped for if contacted than if left alone.

    Parameters
    ----------
    folds : int
        Of the cross-validation: all figures are of rows that the model has not seen.
    seed : int

    Attributes
    ----------
    effect_ : Estimate
        Of contacting everybody: share of those treated who did it less that of the control group.
    bands_ : list of dict
        Five groups of customers, those with the greatest foreseen uplift first: `customers`, `expected`, `treated` and `control`
        (shares who did it), `lift`, `low`, `high`.
    curve_ : list of (float, float)
        Share of the customers contacted in that order, and what it gains: more who did it, as a share of all customers.
    qini_, qini_low_, qini_high_ : float
        Area between that curve and the straight line of contacting by lot, with its bootstrap interval of 95 %. An interval that
        holds 0 says: nothing is known of *whom* a contact changes.
    balance_ : float
        How well the features tell who was treated (AUC, unseen rows). Far from .5: the groups were not drawn by lot, and what the
        model says is not what a contact does.
    drivers_ : list of (str, float)
        What raises (positive) or lowers the uplift, on comparable scales, the strongest first.

    Notes
    -----
    One logistic regression of each group on the same prepared features; the difference of their probabilities is the uplift.
    Radcliffe (2007), *Using control groups to target on predicted lift*; Künzel & al. (2019), *PNAS* 116, 4156–4165 (T-learner).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> young, called = rng.integers(0, 2, 4000), rng.integers(0, 2, 4000)
    >>> stayed = rng.random(4000) < 0.4 + 0.3 * young * called
    >>> model = UpliftModel().fit({"young": young}, called, stayed)
    >>> old, young = model.predict_uplift({"young": [0, 1]})
    >>> bool(abs(old) < 0.05), bool(0.25 < young < 0.35), model.qini_low_ > 0
    (True, True, True)
    """

    def __init__(self, *, folds: int = 5, seed: int = 0) -> None:
        self.folds, self.seed = folds, seed

    effect_: Estimate
    bands_: list[dict[str, float]]
    curve_: list[tuple[float, float]]
    qini_: float
    qini_low_: float
    qini_high_: float
    balance_: float
    drivers_: list[tuple[str, float]]

    def fit(self, X: Mapping[str, Any], treated: Any, outcome: Any) -> Self:
        """Learn from a trial that has ended.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            Features as known before the contact: numbers (missing as nan) or texts.
        treated, outcome : array of 0/1, shape (n,)
            Who was contacted; who did what was hoped for.

        Raises
        ------
        BadInput
            Lengths differ or a value is neither 0 nor 1.
        NotEnoughData
            In one of the groups fewer did it, or did not, than there are folds.
        """
        w, y = (np.asarray(values, dtype=np.float64) for values in (treated, outcome))
        if w.ndim != 1 or w.shape != y.shape or any(len(X[name]) != len(y) for name in X):
            raise BadInput("treated, outcome and every feature must be of one length")
        if not (np.isin(w, (0, 1)).all() and np.isin(y, (0, 1)).all()):
            raise BadInput("treated and outcome must be 0 or 1")
        if min(int(((w == side) & (y == one)).sum()) for side in (0, 1) for one in (0, 1)) < self.folds:
            raise NotEnoughData(f"in each group at least {self.folds} must have done it and as many not")
        rng = np.random.default_rng(self.seed)
        score, propensity = self._unseen(X, w, y, rng)
        self.effect_ = lift_over_control(
            int(y[w == 1].sum()), int((w == 1).sum()), int(y[w == 0].sum()), int((w == 0).sum())
        )  # fmt: skip
        self.balance_ = auc(propensity, w)
        self.bands_ = [_band(part, score, w, y) for part in rising_groups(-score, BANDS)]
        _, tied = np.unique(-score, return_inverse=True)
        order = np.argsort(tied, kind="stable")
        tied, w, y = tied[order], w[order], y[order]
        gains = _gains(np.ones(len(y)), tied, w, y)
        self.curve_ = [(0.0, 0.0), *((float((at + 1) / STEPS), float(gain)) for at, gain in enumerate(gains))]
        self.qini_ = _qini(gains)
        again = [_qini(_gains(rng.poisson(1.0, len(y)).astype(np.float64), tied, w, y)) for _ in range(RESAMPLES)]
        self.qini_low_, self.qini_high_ = (float(v) for v in np.nanquantile(again, [0.025, 0.975]))
        self._model = _train(X, np.asarray(treated) == 1, np.asarray(outcome, dtype=np.float64))
        ready, with_contact, without = self._model
        strengths = (with_contact.coef_[0] - without.coef_[0]).tolist()
        self.drivers_ = sorted(zip(ready.columns_, strengths, strict=True), key=lambda pair: -abs(pair[1]))
        return self

    def predict_uplift(self, X: Mapping[str, Any]) -> Floats:
        """Probability if contacted less the probability if left alone, shape (n,)."""
        return _predict(self._model, X)

    def _unseen(self, X: Mapping[str, Any], w: Floats, y: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Of rows the models have not seen: uplift, and the probability of having been treated."""
        from sklearn.linear_model import LogisticRegression

        fold, score, propensity = np.empty(len(y), dtype=np.intp), np.empty(len(y)), np.empty(len(y))
        for cell in range(4):
            rows = rng.permutation(np.flatnonzero(2 * w + y == cell))
            fold[rows] = np.arange(len(rows)) % self.folds
        for i in range(self.folds):
            inside, outside = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
            learned, asked = ({name: np.asarray(values)[rows] for name, values in X.items()} for rows in (inside, outside))
            model = _train(learned, w[inside] == 1, y[inside])
            score[outside] = _predict(model, asked)
            chosen = LogisticRegression(max_iter=2000).fit(model[0].transform(learned), w[inside])
            propensity[outside] = chosen.decision_function(model[0].transform(asked))
        return score, propensity


def _train(X: Mapping[str, Any], treated: Any, y: Floats) -> tuple[Preparation, Any, Any]:
    from sklearn.linear_model import LogisticRegression

    ready = Preparation()
    matrix = ready.fit_transform(X)
    return ready, *(LogisticRegression(max_iter=2000).fit(matrix[rows], y[rows]) for rows in (treated, ~treated))


def _predict(model: tuple[Preparation, Any, Any], X: Mapping[str, Any]) -> Floats:
    ready, with_contact, without = model
    matrix = ready.transform(X)
    return np.asarray(with_contact.predict_proba(matrix)[:, 1] - without.predict_proba(matrix)[:, 1], dtype=np.float64)


def _band(rows: npt.NDArray[np.intp], score: Floats, w: Floats, y: Floats) -> dict[str, float]:
    there, alone = y[rows][w[rows] == 1], y[rows][w[rows] == 0]
    found: dict[str, float] = {"customers": len(rows), "expected": float(score[rows].mean())}
    if not len(there) or not len(alone):
        return found | dict.fromkeys(("treated", "control", "lift", "low", "high"), float("nan"))
    lift = lift_over_control(int(there.sum()), len(there), int(alone.sum()), len(alone))
    shares = {"treated": float(there.mean()), "control": float(alone.mean())}
    return found | shares | {"lift": lift.value, "low": lift.low, "high": lift.high}


def _gains(weight: Floats, tied: npt.NDArray[np.intp], w: Floats, y: Floats) -> Floats:
    """What contacting the first 1/20, 2/20 … of the rows gains, as a share of all of them; rows from the greatest uplift on. Of
    rows with one uplift each counts as their mean, whatever their order."""
    equal = np.bincount(tied)
    ends = np.unique(np.ceil(np.arange(1, STEPS + 1) / STEPS * len(y)).astype(np.int64)) - 1
    counted = (weight, weight * w, weight * w * y, weight * (1 - w) * y)
    reached, treated, won, won_alone = (np.cumsum((np.bincount(tied, values) / equal)[tied])[ends] for values in counted)
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = won / treated - won_alone / (reached - treated)
    return np.asarray(np.nan_to_num(lift * reached / weight.sum()))


def _qini(gains: Floats) -> float:
    steps = np.concatenate([[0.0], gains])
    straight = np.linspace(0.0, steps[-1], len(steps))
    return float(np.trapezoid(steps - straight, dx=1 / (len(steps) - 1)))


def _wilson(won: int, size: int, z: float) -> tuple[float, float, float]:
    p = won / size
    middle, half = p + z * z / (2 * size), z * np.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    return p, float((middle - half) / (1 + z * z / size)), float((middle + half) / (1 + z * z / size))
