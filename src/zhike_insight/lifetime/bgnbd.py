"""BG/NBD: purchases at a customer's own rate until the customer, after some purchase, quietly leaves."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import betainc, gammaln, hyp2f1, psi

from zhike_insight.lifetime.buying import BuyingModel
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

    r_: float
    alpha_: float
    a_: float
    b_: float

    def fit(self, frequency: Any, recency: Any, age: Any, weights: Any = None) -> Self:
        """Find the parameters of greatest likelihood.

        Parameters
        ----------
        frequency : array, shape (n,)
            Repeat purchase days, whole numbers.
        recency, age : array, shape (n,)
            Time from the first to the last, and from the first to the end of observation, in one unit; 0 ≤ recency ≤ age.
        weights : array, shape (n,), optional
            How many customers each row stands for.

        Returns
        -------
        self

        Raises
        ------
        BadInput
            A value is missing, negative or impossible; the message names the row.
        NotEnoughData
            Nobody bought again, or there is no time.

        Warns
        -----
        ConvergenceWarning
            No optimum was found; `converged_` is False and `message_` says why.
        """
        return self._fit(frequency, recency, age, weights)

    @staticmethod
    def _objective(t: Triples) -> Any:
        return _Likelihood(t)

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
        return _growth(r, a, b, x, np.asarray(t, dtype=np.float64) / (alpha + T))

    def expected_purchases_of_new(self, t: Any) -> Floats:
        """Expected repeat purchases of a new customer in the first `t` (E[X(t)])."""
        r, alpha, a, b = self._values()
        w = np.asarray(t, dtype=np.float64) / alpha
        return _growth(r, a, b, np.zeros_like(w), w)

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


def _growth(r: float, a: float, b: float, x: Floats, w: Floats) -> Floats:
    """E over p ~ Beta(a, b + x) of [1 − (1 + p w)^−(r + x)] / p, where w is the length of the future over α + T.

    In closed form (a+b+x−1)/(a−1) · [1 − (1−z)^(a−1) ₂F₁(a−1, a+b−1−r; a+b+x−1; z)] with z = w / (1 + w), continuous at a = 1.
    The library's ₂F₁ fails at some points (whole numbers, z next to 1); Jensen's inequality shows it, and the integral helps out.
    """
    x, w = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(w, dtype=np.float64))
    if abs(a - 1) < 1e-6:
        a = 1 + 1e-6
    c, k, mean = a + b + x - 1, r + x, a / (a + b + x)
    with np.errstate(all="ignore"):
        left = np.exp(-(a - 1) * np.log1p(w)) * hyp2f1(a - 1, a + b - 1 - r, c, w / (1 + w))
        result = np.asarray(c / (a - 1) * (1 - left))
    least, most = -np.expm1(-k * np.log1p(mean * w)) / mean, k * w
    wrong = ~((result >= least * (1 - 1e-8)) & (result <= most * (1 + 1e-8)))
    if wrong.any():
        result[wrong] = _growth_by_integral(a, b + x[wrong], k[wrong], w[wrong])
    return np.clip(result, least, most)


def _growth_by_integral(a: float, b: Floats, k: Floats, w: Floats) -> Floats:
    """The same expectation over y = ln(p / (1 − p)); the two ends, where the integrand is a power, by hand."""
    low, high = np.log(1e-9 / (1 + w * k + b)), np.log(1e9 * (1 + k) * (1 + b))
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    nodes, weights = _PIECES
    total = np.exp(a * low - log_beta) / a * k * w
    total = total + np.exp(-b * high - log_beta) / b * -np.expm1(-k * np.log1p(w))
    for node, weight in zip(nodes, weights, strict=True):
        y = low + (high - low) * node
        log_p, log_q = -np.logaddexp(0, -y), -np.logaddexp(0, y)
        inner = -np.expm1(-k * np.log1p(np.exp(log_p) * w))
        total = total + (high - low) * weight * np.exp((a - 1) * log_p + b * log_q - log_beta) * inner
    return np.asarray(total)


def _composite(pieces: int, points: int) -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(points)
    starts = np.arange(pieces)[:, None] / pieces
    return (starts + (nodes + 1) / (2 * pieces)).ravel(), np.tile(weights / (2 * pieces), pieces)


_PIECES = _composite(100, 16)


class _Likelihood:
    """Log-likelihood and gradient. All terms but one depend on one component only and are summed over its distinct values."""

    def __init__(self, t: Triples) -> None:
        self.t = t
        x = t.of_x()
        self.customers = float(t.weight.sum())
        self.by_x = np.bincount(t.in_x, t.weight, len(t.x))
        self.by_T = np.bincount(t.in_T, t.weight, len(t.T))
        self.x_by_T = np.bincount(t.in_T, t.weight * x, len(t.T))
        again = x > 0
        self.w, self.x = t.weight[again], x[again]
        self.in_x, self.in_tx, self.in_T = t.in_x[again], t.in_tx[again], t.in_T[again]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        t = self.t
        bought = gammaln(r + t.x) - gammaln(r)
        stayed = gammaln(a + b) - gammaln(a + b + t.x) + gammaln(b + t.x) - gammaln(b)
        log_T, log_tx = np.log(alpha + t.T), np.log(alpha + t.tx)
        exponent = self.by_T * r + self.x_by_T
        # odds of having left at the last purchase against still being there
        with np.errstate(divide="ignore"):
            left = np.log(a) - np.log(np.maximum(b + t.x - 1, 1e-300))
        silence = log_T[self.in_T] - log_tx[self.in_tx]
        odds = left[self.in_x] + (r + self.x) * silence
        small = np.exp(-np.abs(odds))
        gone = self.w * np.where(odds >= 0, 1.0, small) / (1 + small)
        value = self.by_x @ (bought + stayed) + self.customers * r * np.log(alpha) - exponent @ log_T
        value += self.w @ (np.maximum(odds, 0) + np.log1p(small))
        return float(value), self._gradient(parameters, log_T, silence, gone)

    def _gradient(self, parameters: Floats, log_T: Floats, silence: Floats, gone: Floats) -> Floats:
        r, alpha, a, b = parameters
        t = self.t
        per_T, per_tx = 1 / (alpha + t.T), 1 / (alpha + t.tx)
        exponent = self.by_T * r + self.x_by_T
        gone_by_x = np.bincount(self.in_x, gone, len(t.x))
        both = psi(a + b) - psi(a + b + t.x)
        by_r = self.by_x @ (psi(r + t.x) - psi(r)) + self.customers * np.log(alpha) - self.by_T @ log_T + gone @ silence
        by_alpha = self.customers * r / alpha - exponent @ per_T
        by_alpha += (gone * (r + self.x)) @ (per_T[self.in_T] - per_tx[self.in_tx])
        by_a = self.by_x @ both + gone.sum() / a
        again = t.x > 0
        by_b = self.by_x @ (both + psi(b + t.x) - psi(b)) - np.sum(gone_by_x[again] / (b + t.x[again] - 1))
        return np.array([by_r, by_alpha, by_a, by_b])
