"""Pareto/NBD: purchases at a customer's own rate until the customer, at some unseen moment, leaves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy.special import gammaln, hyperu, psi

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.triples import Floats, Triples, checked
from zhike_insight.time_units import unit_days

NODES, WEIGHTS = (np.asarray(v) for v in np.polynomial.legendre.leggauss(24))
REACH = 45.0  # beyond exp(-45) nothing counts
CHUNK = 20_000


class ParetoNBD(BuyingModel):
    """The Pareto/NBD model of Schmittlein, Morrison & Colombo (1987).

    While active, a customer buys at a rate λ ~ Gamma(r, α) and leaves at a rate μ ~ Gamma(s, β), at any moment.

    Attributes
    ----------
    r_, alpha_, s_, beta_ : float
        Learned parameters; `alpha_` and `beta_` in the unit of the times.
    log_likelihood_, standard_errors_, log_covariance_, converged_, message_
        As for `BetaGeoNBD`.

    Notes
    -----
    Schmittlein, Morrison & Colombo (1987), "Counting your customers", *Management Science* 33(1), 1–24. The likelihood is
    Γ(r+x)/Γ(r) αʳ βˢ [(α+T)^−(r+x) (β+T)^−s + s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ], the integral from tₓ to T over the moment of
    leaving. It is taken by Gauss–Legendre quadrature over ln(α+τ) in place of the difference of two hypergeometric functions, which
    overflows and cancels for frequent buyers.

    Examples
    --------
    >>> model = ParetoNBD.from_parameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> float(model.expected_purchases(52, 26, 30.86, 31).round(2))
    25.46
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    times: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    start: ClassVar[Mapping[str, float]] = {"r": 0.8, "alpha": 0.5, "s": 0.8, "beta": 0.5}

    r_: float
    alpha_: float
    s_: float
    beta_: float

    @staticmethod
    def _objective(t: Triples) -> Any:
        return _Likelihood(t)

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        """Probability that the customer is still active at the end of observation, 0 to 1."""
        x, tx, T = checked(frequency, recency, age)
        shape = x.shape
        r, alpha, s, beta = self._values()
        flat = [v.ravel() for v in (x, tx, T)]
        odds = np.empty(flat[0].shape)
        for at in range(0, len(odds), CHUNK):
            part = slice(at, at + CHUNK)
            xs, txs, Ts = (v[part] for v in flat)
            stay = -(r + xs) * np.log(alpha + Ts) - s * np.log(beta + Ts)
            odds[part] = _Gone((r, alpha, s, beta), xs, txs, Ts).log_value - stay
        with np.errstate(over="ignore"):
            return np.asarray((1 / (1 + np.exp(odds))).reshape(shape))

    def expected_if_alive(self, t: Any, frequency: Any, age: Any) -> Floats:
        """Expected purchases in the next `t`, given that the customer is active."""
        x, T = np.asarray(frequency, dtype=np.float64), np.asarray(age, dtype=np.float64)
        r, alpha, s, beta = self._values()
        return np.asarray((r + x) / (alpha + T) * _lived(s, beta + T, t))

    def expected_purchases_of_new(self, t: Any) -> Floats:
        """Expected repeat purchases of a new customer in the first `t` (E[X(t)])."""
        r, alpha, s, beta = self._values()
        return np.asarray(r / alpha * _lived(s, beta, t))

    def discounted_residual_purchases(
        self, frequency: Any, recency: Any, age: Any, *, time_unit: str | float = "day", discount_rate: float = 0.1
    ) -> Floats:
        """DERT: discounted expected purchases from now for ever.

        Parameters
        ----------
        frequency, recency, age : array, shape (n,)
            As in `fit`.
        time_unit : {"day", "week", "month", "year"} or float
            Unit of the times.
        discount_rate : float
            A year, positive.

        Returns
        -------
        array, shape (n,)

        Raises
        ------
        ValueError
            The rate is not positive: the sum could be infinite.

        Notes
        -----
        Fader, Hardie & Lee (2005), "RFM and CLV: using iso-value curves", *Journal of Marketing Research* 42(4), 415–430:
        P(alive) (r+x)/(α+T) (β+T) U(1, 2−s, δ(β+T)), with U the confluent hypergeometric function of the second kind.
        """
        if not discount_rate > 0:
            raise ValueError(f"discount_rate must be positive, not {discount_rate}")
        x, tx, T = checked(frequency, recency, age)
        r, alpha, s, beta = self._values()
        force = float(np.log1p(discount_rate)) * unit_days(time_unit) / unit_days("year")
        lasting = (beta + T) * hyperu(1.0, 2.0 - s, force * (beta + T))
        return np.asarray(self.p_alive(x, tx, T) * (r + x) / (alpha + T) * lasting)


def _lived(s: float, beta: Any, t: Any) -> Floats:
    """Expected time alive within `t`: ∫₀ᵗ (β/(β+u))ˢ du."""
    growth = np.log1p(np.asarray(t, dtype=np.float64) / beta)
    power = 1 - s
    return np.asarray(beta * (growth if abs(power) < 1e-9 else np.expm1(power * growth) / power))


class _Gone:
    """s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ over tₓ < τ < T, as logarithm, and the means under it that the gradient needs."""

    def __init__(self, parameters: Any, x: Floats, tx: Floats, T: Floats) -> None:
        r, alpha, s, beta = parameters
        low = np.log(alpha + tx)
        reach = np.minimum(np.log(alpha + T) - low, REACH / (r + x + 1.0))
        self.log_a = low[:, None] + reach[:, None] * (NODES + 1) / 2
        self.tau_a = np.exp(self.log_a)
        self.tau_b = np.maximum(self.tau_a + (beta - alpha), 1e-300)
        self.log_b = np.log(self.tau_b)
        with np.errstate(divide="ignore"):
            log_f = (1 - r - x)[:, None] * self.log_a - (s + 1) * self.log_b
            top = log_f.max(axis=1)
            f = np.exp(log_f - top[:, None]) * WEIGHTS
            total = f.sum(axis=1)
            self.log_value = np.log(s) + top + np.log(total) + np.log(reach / 2)
        self.f = f / total[:, None]

    def mean(self, values: Floats) -> Floats:
        return np.asarray(np.einsum("ij,ij->i", self.f, values))


class _Likelihood:
    def __init__(self, t: Triples) -> None:
        self.t = t
        self.customers = float(t.weight.sum())
        self.by_x = np.bincount(t.in_x, t.weight, len(t.x))
        self.x, self.tx, self.T = t.of_x(), t.tx[t.in_tx], t.T[t.in_T]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = parameters
        u = self.t.x
        value = self.by_x @ (gammaln(r + u) - gammaln(r)) + self.customers * (r * np.log(alpha) + s * np.log(beta))
        slope = np.array(
            [
                self.by_x @ (psi(r + u) - psi(r)) + self.customers * np.log(alpha),
                self.customers * r / alpha,
                self.customers * np.log(beta),
                self.customers * s / beta,
            ]
        )
        for at in range(0, len(self.x), CHUNK):
            part, more = self._part(parameters, slice(at, at + CHUNK))
            value, slope = value + part, slope + more
        return float(value), slope

    def _part(self, parameters: Floats, part: slice) -> tuple[float, Floats]:
        r, alpha, s, beta = parameters
        x, tx, T, w = self.x[part], self.tx[part], self.T[part], self.t.weight[part]
        log_a, log_b = np.log(alpha + T), np.log(beta + T)
        stay = -(r + x) * log_a - s * log_b
        gone = _Gone(parameters, x, tx, T)
        value = np.logaddexp(stay, gone.log_value)
        alive, left = w * np.exp(stay - value), w * np.exp(gone.log_value - value)
        slope = np.array(
            [
                -(alive @ log_a) - left @ gone.mean(gone.log_a),
                -(alive @ ((r + x) / (alpha + T))) - left @ ((r + x) * gone.mean(1 / gone.tau_a)),
                -(alive @ log_b) + left @ (1 / s - gone.mean(gone.log_b)),
                -(alive @ (s / (beta + T))) - left @ ((s + 1) * gone.mean(1 / gone.tau_b)),
            ]
        )
        return float(w @ value), slope
