"""Pareto/NBD: purchases at a customer's own rate until the customer, at some unseen moment, leaves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy.special import gammaln, psi

from zhike_insight.lifetime.buying import BuyingModel
from zhike_insight.lifetime.limits import NEVER, Limit, fixed, free, one_rate, together
from zhike_insight.lifetime.race import Race
from zhike_insight.lifetime.tails import REACH, Tails, tails
from zhike_insight.lifetime.triples import Floats, Triples, checked, levels, pairs
from zhike_insight.time_units import unit_days

STEP = 0.3  # of ln v, in the integral of the discounted time ahead
GATHERED = 1.2e6  # as far as the search goes; the quadrature keeps its digits so far


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
    leaving: usually a difference of two hypergeometric functions, which overflows and cancels for frequent buyers. Integrated by
    parts the bracket is s ∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ from tₓ on + (r+x) ∫ (α+τ)^−(r+x+1) (β+τ)^−s dτ from T on: two positive
    terms, one for each distinct (x, tₓ), one for each distinct (x, T), taken as logarithms by quadrature on either side of the bend
    of the integrand.

    Examples
    --------
    >>> model = ParetoNBD.from_parameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> float(model.expected_purchases(52, 26, 30.86, 31).round(2))
    25.46
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    times: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    start: ClassVar[Mapping[str, float]] = {"r": 0.8, "alpha": 0.5, "s": 0.8, "beta": 0.5}

    limits: ClassVar[tuple[Limit, ...]] = together(
        [free(("r", "alpha"), (0.8, 0.5)), one_rate("one_rate", "rate", 1.6, GATHERED)],
        [
            free(("s", "beta"), (0.8, 0.5)),
            one_rate("one_rate_of_leaving", "leaving", 1.6, GATHERED),
            fixed("nobody_leaves", NEVER, 1.0),
        ],
    )

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
        parameters = r, alpha, s, beta = self._values()
        (ux, in_x), (utx, in_tx), (uT, in_T) = (levels(v.ravel()) for v in (x, tx, T))
        gone_x, gone_tx, gone = pairs(in_x, in_tx, len(utx))
        due_x, due_T, due = pairs(in_x, in_T, len(uT))
        left = np.log(s) + _gone(parameters, ux[gone_x], utx[gone_tx]).log_value
        coming = np.log(r + ux[due_x]) + _due(parameters, ux[due_x], uT[due_T]).log_value
        stay = -(r + ux[due_x]) * np.log(alpha + uT[due_T]) - s * np.log(beta + uT[due_T])
        alive = np.exp(np.minimum(stay[due] - np.logaddexp(left[gone], coming[due]), 0.0))
        return np.asarray(alive.reshape(x.shape))

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
        ages, place = np.unique(T, return_inverse=True)
        lasting = ((beta + ages) * _lasting(s, force * (beta + ages)))[place].reshape(T.shape)
        return np.asarray(self.p_alive(x, tx, T) * (r + x) / (alpha + T) * lasting)


def _lasting(s: float, z: Floats) -> Floats:
    """U(1, 2−s, z) = ∫₀^∞ e^(−z v) (1+v)^−s dv for z > 0, where the library's U has no value for larger s, and a wrong one at some.

    By the trapezoidal rule in ln v: the integrand is analytic and falls off exponentially on either side, so that steps of this
    width leave some 1e-13.
    """
    low, high = -REACH - float(np.log(z.max(initial=0.0) + s + 1)), float(np.log(REACH / z.min(initial=REACH)))
    total = np.zeros_like(z)
    for y in np.arange(low, high + STEP, STEP):
        v = float(np.exp(y))
        total += np.exp(y - z * v - s * np.log1p(v))
    return STEP * total


def _lived(s: float, beta: Any, t: Any) -> Floats:
    """Expected time alive within `t`: ∫₀ᵗ (β/(β+u))ˢ du."""
    growth = np.log1p(np.asarray(t, dtype=np.float64) / beta)
    power = 1 - s
    return np.asarray(beta * (growth if abs(power) < 1e-9 else np.expm1(power * growth) / power))


class _Likelihood:
    """Of each customer: gone since some moment after the last purchase, or the next purchase would come after the observation."""

    def __init__(self, t: Triples) -> None:
        self.t = t
        self.customers = float(t.weight.sum())
        self.by_x = np.bincount(t.in_x, t.weight, len(t.x))
        self.race = Race(t, np.arange(len(t)))

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = parameters
        race, u = self.race, self.t.x
        x_gone, x_due = u[race.gone_in_x], u[race.due_in_x]
        gone = _gone(parameters, x_gone, self.t.tx[race.gone_in_tx])
        due = _due(parameters, x_due, self.t.T[race.due_in_T])
        together, by_gone, by_due = race.value(np.log(s) + gone.log_value, np.log(r + x_due) + due.log_value)
        value = self.by_x @ (gammaln(r + u) - gammaln(r)) + self.customers * (r * np.log(alpha) + s * np.log(beta)) + together
        slope = [
            self.by_x @ (psi(r + u) - psi(r)) + self.customers * np.log(alpha)
            - by_gone @ gone.log_a + by_due @ (1 / (r + x_due) - due.log_a),
            self.customers * r / alpha - by_gone @ ((r + x_gone) * gone.per_a) - by_due @ ((r + x_due + 1) * due.per_a),
            self.customers * np.log(beta) + by_gone @ (1 / s - gone.log_b) - by_due @ due.log_b,
            self.customers * s / beta - (s + 1) * (by_gone @ gone.per_b) - s * (by_due @ due.per_b),
        ]  # fmt: skip
        return float(value), np.array(slope)


def _gone(parameters: Any, x: Floats, tx: Floats) -> Tails:
    """∫ (α+τ)^−(r+x) (β+τ)^−(s+1) dτ from tₓ on: gone at τ, no purchase since tₓ."""
    r, alpha, s, beta = parameters
    return tails(r + x, s + 1, alpha + tx, beta + tx)


def _due(parameters: Any, x: Floats, T: Floats) -> Tails:
    """∫ (α+τ)^−(r+x+1) (β+τ)^−s dτ from T on: the next purchase at τ, active until then."""
    r, alpha, s, beta = parameters
    return tails(r + x + 1, s, alpha + T, beta + T)
