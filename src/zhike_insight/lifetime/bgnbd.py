"""BG/NBD: purchases at a customer's own rate until the customer, after some purchase, quietly leaves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy.special import betainc, gammaln

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.geometric import LIMITS, Likelihood, growth
from zhike_insight.lifetime.limits import Limit
from zhike_insight.lifetime.triples import Floats, Triples, checked


class BetaGeoNBD(BuyingModel):
    """The BG/NBD model of Fader, Hardie & Lee (2005).

    While active, a customer buys at a rate λ ~ Gamma(r, α); after each repeat purchase the customer leaves with probability
    p ~ Beta(a, b). Customers without a repeat purchase are therefore always active: for them `p_alive` = 1 means "nothing known".

    Attributes
    ----------
    r_, alpha_, a_, b_ : float
        Learned parameters; `alpha_` in the unit of the times.
    log_likelihood_ : float
        At the optimum, as the paper computes it.
    standard_errors_ : dict
        By the Hessian.
    log_covariance_ : array, shape (4, 4)
        Covariance of the logarithms of the parameters.
    converged_ : bool
    message_ : str
        "converged", or why not.

    Notes
    -----
    Fader, Hardie & Lee (2005), "'Counting your customers' the easy way", *Marketing Science* 24(2), 275–284. The hypergeometric
    terms are computed after Euler's transformation, in which nothing overflows, and by integration where that fails.

    Examples
    --------
    >>> model = BetaGeoNBD.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> float(model.expected_purchases(39, 2, 30.43, 38.86).round(3))
    1.226
    >>> float(model.p_alive(2, 30.43, 38.86).round(4))
    0.7266
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    times: ClassVar[tuple[str, ...]] = ("alpha",)
    start: ClassVar[Mapping[str, float]] = {"r": 0.7, "alpha": 0.5, "a": 0.8, "b": 2.5}
    limits: ClassVar[tuple[Limit, ...]] = LIMITS

    r_: float
    alpha_: float
    a_: float
    b_: float

    @staticmethod
    def _objective(t: Triples) -> Any:
        return Likelihood(t, 0)

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Probability that the customer is still active at the end of observation.

        Returns
        -------
        array
            0 to 1; exactly 1 for customers without a repeat purchase.
        """
        x, tx, T = checked(frequency, recency, age)
        r, alpha, a, b = self._values()
        with np.errstate(divide="ignore", over="ignore"):
            odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * (np.log(alpha + T) - np.log(alpha + tx))
            alive = 1 / (1 + np.exp(odds))
        return np.where(x > 0, alive, 1.0)

    def expected_if_alive(self, t: Any, frequency: Any, age: Any) -> Floats:
        """Expected purchases in the next `t`, given that the customer is active."""
        x, T = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
        r, alpha, a, b = self._values()
        return growth(r, a, b, x, np.asarray(t, dtype=np.float64) / (alpha + T))

    def expected_purchases_of_new(self, t: Any) -> Floats:
        """Expected repeat purchases of a new customer in the first `t` (E[X(t)])."""
        r, alpha, a, b = self._values()
        w = np.asarray(t, dtype=np.float64) / alpha
        return growth(r, a, b, np.zeros_like(w), w)

    def probability_of(self, n: Any, t: Any) -> Floats:
        """P(X(t) = n): probability that a new customer makes exactly `n` repeat purchases in the first `t`."""
        n, t = (np.asarray(v, dtype=np.float64) for v in (n, t))
        r, alpha, a, b = self._values()
        z = t / (alpha + t)
        log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
        with np.errstate(divide="ignore"):
            count = gammaln(r + n) - gammaln(r) - gammaln(n + 1) + r * np.log1p(-z) + n * np.where(n > 0, np.log(z), 0.0)
        stays = np.exp(gammaln(a) + gammaln(b + n) - gammaln(a + b + n) - log_beta + count)
        m = np.maximum(n, 1)
        leaves = np.exp(gammaln(a + 1) + gammaln(b + m - 1) - gammaln(a + b + m) - log_beta) * betainc(m, r, z)
        return np.asarray(stays + np.where(n > 0, leaves, 0.0))
