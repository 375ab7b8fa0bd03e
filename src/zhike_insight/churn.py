"""Who will leave: a supervised model with honest, calibrated probabilities."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput, NotEnoughData
from zhike_insight.scorecard.validation import auc, calibration
from zhike_insight.segments.prepare import Preparation

Floats = npt.NDArray[np.float64]
CANDIDATES = ("logistic", "boosting")


class ChurnModel(Estimator):
    """Logistic regression or boosted trees, whichever foretells better, calibrated.

    Parameters
    ----------
    kind : {"auto", "logistic", "boosting"}
        "auto" takes the one with the lower log loss on rows it has not seen.
    folds : int
        Of the cross-validation.
    seed : int

    Attributes
    ----------
    kind_ : str
        The one taken.
    auc_, log_loss_, brier_ : float
        On rows the model has not seen, after calibration that has not seen them either.
    base_log_loss_ : float
        Of giving everybody the mean: a model that does not beat it is of no use.
    calibration_ : list of dict
        Expected against actual in ten groups, likewise unseen (see `calibration`).
    compared_ : dict of str to dict
        AUC and log loss of each candidate before calibration.
    drivers_ : list of (str, float)
        Coefficients of the logistic regression on comparable scales, the strongest first; positive: leaves sooner.

    Notes
    -----
    Predictions come from folds that did not contain the row; the calibration (Platt 1999) of each fold is learned on the
    other folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> visits = rng.poisson(5, 600)
    >>> left = rng.random(600) < expit(2 - visits / 2)
    >>> model = ChurnModel('logistic').fit({'visits': visits}, left)
    >>> model.predict_left({'visits': [1, 9]}).round(1).tolist(), model.log_loss_ < model.base_log_loss_
    ([0.8, 0.1], True)
    """

    def __init__(self, kind: str = "auto", *, folds: int = 5, seed: int = 0) -> None:
        self.kind, self.folds, self.seed = kind, folds, seed

    kind_: str
    auc_: float
    log_loss_: float
    base_log_loss_: float
    brier_: float
    calibration_: list[dict[str, float]]
    compared_: dict[str, dict[str, float]]
    drivers_: list[tuple[str, float]]

    def fit(self, X: Mapping[str, Any], left: Any) -> Self:
        """Learn from customers whose end is known.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            Features as known *before* the time in which they left or stayed: numbers (missing as nan) or texts.
        left : array of 0/1, shape (n,)

        Raises
        ------
        BadInput
            Lengths differ or the target is not 0/1.
        NotEnoughData
            Fewer customers left, or stayed, than there are folds.
        ValueError
            `kind` is unknown.
        """
        y = np.asarray(left, dtype=np.float64)
        if y.ndim != 1 or not np.isin(y, (0, 1)).all() or any(len(X[name]) != len(y) for name in X):
            raise BadInput("left must be 0 or 1, and every feature as long")
        if min(y.sum(), len(y) - y.sum()) < self.folds:
            raise NotEnoughData(f"at least {self.folds} must have left and as many stayed")
        if self.kind not in ("auto", *CANDIDATES):
            raise ValueError(f"kind must be auto, {' or '.join(CANDIDATES)}, not {self.kind!r}")
        fold = _folds(y, self.folds, np.random.default_rng(self.seed))
        kinds = CANDIDATES if self.kind == "auto" else (self.kind,)
        unseen = {kind: self._unseen(kind, X, y, fold) for kind in kinds}
        self.compared_ = {kind: {"auc": auc(p, y), "log_loss": _log_loss(p, y)} for kind, p in unseen.items()}
        self.kind_ = min(kinds, key=lambda kind: self.compared_[kind]["log_loss"])
        scores = unseen[self.kind_]
        honest = np.empty(len(y))
        for i in range(self.folds):
            honest[fold == i] = _platt(scores[fold == i], *_platt_fit(scores[fold != i], y[fold != i]))
        self.auc_, self.log_loss_ = auc(honest, y), _log_loss(honest, y)
        self.base_log_loss_, self.brier_ = _log_loss(np.full(len(y), y.mean()), y), float(np.mean((honest - y) ** 2))
        self.calibration_ = calibration(honest, y)
        self._model, self._platt = _train(self.kind_, X, y, self.seed), _platt_fit(scores, y)
        self._plain = logistic = self._model if self.kind_ == "logistic" else _train("logistic", X, y, self.seed)
        strengths = zip(logistic[0].columns_, logistic[1].coef_[0].tolist(), strict=True)
        self.drivers_ = sorted(strengths, key=lambda pair: -abs(pair[1]))
        return self

    def predict_left(self, X: Mapping[str, Any]) -> Floats:
        """Calibrated probability of leaving, shape (n,)."""
        return _platt(_predict(self._model, X), *self._platt)

    def reasons(self, X: Mapping[str, Any]) -> dict[str, Floats]:
        """What moves each customer's log-odds of leaving away from those of the usual customer, feature by feature.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            As in `fit`.

        Returns
        -------
        dict of str to array, shape (n,)
            For each feature its part; positive: towards leaving. By the logistic regression, also where the trees foretell better:
            the trees have no such parts.
        """
        ready, learned = self._plain
        parts = ready.transform(X) * learned.coef_[0]
        found: dict[str, Floats] = {}
        for at, column in enumerate(ready.columns_):
            name = column if column in X else column.partition("=")[0]
            found[name] = found.get(name, 0.0) + parts[:, at]
        return found

    def _unseen(self, kind: str, X: Mapping[str, Any], y: Floats, fold: Any) -> Floats:
        found = np.empty(len(y))
        for i in range(self.folds):
            inside, outside = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
            model = _train(kind, _rows(X, inside), y[inside], self.seed)
            found[outside] = _predict(model, _rows(X, outside))
        return found


def _rows(X: Mapping[str, Any], rows: Any) -> dict[str, Any]:
    return {name: np.asarray(values)[rows] for name, values in X.items()}


def _folds(y: Floats, folds: int, rng: np.random.Generator) -> Any:
    """Each fold with its share of those who left."""
    fold = np.empty(len(y), dtype=np.intp)
    for outcome in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == outcome))
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def _train(kind: str, X: Mapping[str, Any], y: Floats, seed: int) -> tuple[Preparation, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    ready = Preparation()
    matrix = ready.fit_transform(X)
    if kind == "logistic":
        return ready, LogisticRegression(max_iter=2000).fit(matrix, y)
    trees = HistGradientBoostingClassifier(
        max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=20, random_state=seed
    )
    return ready, trees.fit(matrix, y)


def _predict(model: tuple[Preparation, Any], X: Mapping[str, Any]) -> Floats:
    ready, learned = model
    return np.asarray(learned.predict_proba(ready.transform(X))[:, 1], dtype=np.float64)


def _platt_fit(p: Floats, y: Floats) -> tuple[float, float]:
    """Slope and shift of the log-odds; a little ridge keeps a perfect separation finite."""
    z = logit(np.clip(p, 1e-6, 1 - 1e-6))
    slope, shift = 1.0, 0.0
    design = np.column_stack([z, np.ones(len(z))])
    beta = np.array([slope, shift])
    for _ in range(30):
        q = expit(design @ beta)
        hessian = design.T @ (design * (q * (1 - q))[:, None]) + 1e-3 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (y - q) - 1e-3 * (beta - [1.0, 0.0]))
        beta = beta + np.clip(step, -2, 2)
        if np.max(np.abs(step)) < 1e-9:
            break
    return float(beta[0]), float(beta[1])


def _platt(p: Floats, slope: float, shift: float) -> Floats:
    return np.asarray(expit(slope * logit(np.clip(p, 1e-6, 1 - 1e-6)) + shift))


def _log_loss(p: Floats, y: Floats) -> float:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
