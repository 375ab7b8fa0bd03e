"""Gaussian mixture: segments that overlap, with a probability for each."""

from typing import Any

import numpy as np

from zhike_insight.segments.clusters import SampledSegments, _asked
from zhike_insight.segments.prepare import Floats


class MixtureSegments(SampledSegments):
    """Gaussian mixture with a full covariance for each segment: takes long and slanted segments that K-means cuts.

    Parameters
    ----------
    k : int
        Number of segments.
    sample : int
        Most rows for the fit; everybody is assigned.
    starts : int
        From chance, beside one from K-means; the likeliest is kept.
    ridge : float
        Added to the variances, so that customers all alike are no singular segment.
    seed : int

    Attributes
    ----------
    labels_ : array of int, shape (n,)
        Most probable segment; the largest is 0.
    centres_ : array, shape (k, columns)
    bic_ : float
        Bayesian information criterion on the rows of the fit; the lower the better.

    Notes
    -----
    Expectation–maximisation (Dempster, Laird & Rubin 1977), as scikit-learn does it; BIC: Schwarz (1978).

    Examples
    --------
    >>> X = np.concatenate([np.random.default_rng(0).normal(at, 0.3, (60 - 10 * at, 2)) for at in (0, 3)])
    >>> found = MixtureSegments(2, starts=1).fit(X)
    >>> found.predict([[0.0, 0.0], [3.0, 3.0]]).tolist()
    [0, 1]
    """

    def __init__(self, k: int = 5, *, sample: int = 50_000, starts: int = 10, ridge: float = 1e-4, seed: int = 0) -> None:
        self.k, self.sample, self.starts, self.ridge, self.seed = k, sample, starts, ridge, seed

    bic_: float

    def _learn(self, some: Floats) -> None:
        from sklearn.mixture import GaussianMixture

        tried = [
            GaussianMixture(
                self.k, n_init=starts, reg_covar=self.ridge, max_iter=300, init_params=kind, random_state=self.seed
            ).fit(some)
            for kind, starts in (("kmeans", 1), ("random_from_data", self.starts))  # from K-means slanted ones are not found
        ]
        self._model, self._order = max(tried, key=lambda model: model.lower_bound_), np.arange(self.k)

    def _arrange(self, order: Any, X: Floats, some: Floats) -> None:
        self._order = order
        self.centres_, self.bic_ = np.asarray(self._model.means_)[order], float(self._model.bic(some))

    def predict_probability(self, X: Any) -> Floats:
        """Of each segment, shape (n, k); rows add up to 1."""
        return np.asarray(self._model.predict_proba(_asked(self, X)))[:, self._order]

    def predict(self, X: Any) -> Any:
        """Number of the most probable segment, shape (n,)."""
        return self.predict_probability(X).argmax(axis=1)
