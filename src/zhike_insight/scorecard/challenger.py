"""What a scorecard gives away for being readable: a model nobody can read, to hold it against."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput
from zhike_insight.scorecard.binning import Floats
from zhike_insight.scorecard.card import Scorecard

RIDGE = 5.0
MOST = 3e38  # numbers beyond it stand for the largest the trees know


class ScorecardChallenger(Estimator):
    """The mean of three probabilities: a ridge card of all characteristics, a random forest, boosted trees.

    Parameters
    ----------
    trees : int
        Of the forest; half as many are boosted.
    sample : int
        Most rows for the trees.
    seed : int

    Notes
    -----
    Breiman (2001) for the forest, Friedman (2002) for stochastic boosting, both as scikit-learn does them. Categories are
    indicators of the values that were seen; missing numbers are the median of the known ones, with an indicator.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> debt, home = rng.normal(size=300), rng.choice(np.array(["own", "rent"], dtype=object), 300)
    >>> bad = (debt + (home == "rent") + rng.normal(size=300) > 1).astype(float)
    >>> model = ScorecardChallenger(trees=50).fit({"debt": debt, "home": home}, bad)
    >>> low, high = model.predict_bad({"debt": [-1.0, 1.5], "home": ["own", "rent"]})
    >>> bool(low < 0.2 < 0.7 < high)
    True
    """

    def __init__(self, *, trees: int = 500, sample: int = 20_000, seed: int = 0) -> None:
        self.trees, self.sample, self.seed = trees, sample, seed

    def fit(self, X: Mapping[str, Any], bad: Any) -> Self:
        """Learn all three.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            As for `Scorecard.fit`.
        bad : array of 0/1, shape (n,)

        Raises
        ------
        BadInput
            As for `Scorecard.fit`.
        """
        from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

        y = np.asarray(bad, dtype=np.float64)
        self._card = Scorecard(least_iv=0.0, highest_p=1.0, l2=RIDGE).fit(X, y)
        self._known = {name: _known(np.asarray(values)) for name, values in X.items()}
        some = np.arange(len(y))
        if len(y) > self.sample:
            some = np.sort(np.random.default_rng(self.seed).choice(len(y), self.sample, replace=False))
        matrix = self._matrix({name: np.asarray(values)[some] for name, values in X.items()})
        forest = RandomForestClassifier(self.trees, min_samples_leaf=2, random_state=self.seed)
        boosted = GradientBoostingClassifier(
            n_estimators=max(self.trees // 2, 1), learning_rate=0.03, subsample=0.5, max_features=min(4, matrix.shape[1]),
            min_samples_leaf=10, random_state=self.seed,
        )  # fmt: skip
        if not 0 < y[some].sum() < len(some):
            raise BadInput("good and bad must both occur")
        self._trees = [forest.fit(matrix, y[some]), boosted.fit(matrix, y[some])]
        return self

    def predict_bad(self, X: Mapping[str, Any]) -> Floats:
        """Probability of the bad outcome, shape (n,)."""
        matrix = self._matrix({name: np.asarray(X[name]) for name in self._known})
        parts = [self._card.predict_bad(X), *(model.predict_proba(matrix)[:, 1] for model in self._trees)]
        return np.asarray(np.mean(parts, axis=0))

    def _matrix(self, X: Mapping[str, Any]) -> Floats:
        columns = []
        for name, known in self._known.items():
            values = X[name]
            if isinstance(known, float):
                missing = np.isnan(values.astype(np.float64))
                columns += [np.clip(np.where(missing, known, values), -MOST, MOST), missing]
            else:
                columns += [values == value for value in known]
        return np.column_stack(columns).astype(np.float64)


def _known(values: Any) -> float | list[Any]:
    """Of numbers the median, of texts the values."""
    if values.dtype.kind in "fiub":
        numbers = values.astype(np.float64)
        return float(np.median(numbers[~np.isnan(numbers)])) if not np.isnan(numbers).all() else 0.0
    return sorted({value for value in values if value is not None}, key=str)
