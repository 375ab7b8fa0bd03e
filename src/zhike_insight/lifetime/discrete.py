"""Opportunities that come at fixed times: BG/BB for yearly chances to buy, shifted beta-geometric for contracts to renew."""

from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import betaln, gammaln

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.fitting import maximise
from zhike_insight.lifetime.triples import BadInput, Floats, NotEnoughData, checked, distinct

DIFFERENCE = 1e-5  # of the logarithm of a parameter, for gradients by differences


class _Fitted(Estimator):
    """Parameters by name, as learned or given."""

    names: ClassVar[tuple[str, ...]]

    parameters_: dict[str, float]
    log_likelihood_: float
    standard_errors_: dict[str, float]
    log_covariance_: Floats
    converged_: bool
    message_: str

    @classmethod
    def from_parameters(cls, **parameters: float) -> Self:
        """A model with known parameters, as if fitted.

        Raises
        ------
        ValueError
            A parameter is missing, unknown or not positive.
        """
        if set(parameters) != set(cls.names) or not all(np.isfinite(v) and v > 0 for v in parameters.values()):
            raise ValueError(f"{cls.__name__} needs the positive parameters {', '.join(cls.names)}, not {parameters}")
        model = cls()
        model._learn({name: float(parameters[name]) for name in cls.names})
        return model

    def _learn(self, parameters: dict[str, float]) -> None:
        self.parameters_ = parameters
        for name, value in parameters.items():
            setattr(self, name + "_", value)

    def _maximise(self, value: Any, start: list[float], customers: float) -> Self:
        def objective(parameters: Floats) -> tuple[float, Floats]:
            return float(value(parameters)), _gradient(value, parameters)

        best = maximise(objective, np.array(start), customers, name=type(self).__name__)
        self._learn(dict(zip(self.names, best.parameters.tolist(), strict=True)))
        self.log_likelihood_ = best.log_likelihood
        self.standard_errors_ = dict(zip(self.names, best.standard_errors().tolist(), strict=True))
        self.log_covariance_ = best.log_covariance
        self.converged_, self.message_ = best.converged, best.message
        return self


def _gradient(value: Any, parameters: Floats) -> Floats:
    slopes = []
    for i in range(len(parameters)):
        shift = np.ones_like(parameters)
        shift[i] += DIFFERENCE
        up, down = value(parameters * shift), value(parameters / shift)
        slopes.append((up - down) / (parameters[i] * (shift[i] - 1 / shift[i])))
    return np.array(slopes)


class BetaGeoBetaBinomial(_Fitted):
    """The BG/BB model of Fader, Hardie & Shang (2010): at each of n opportunities an active customer buys with probability p.

    p ~ Beta(α, β) over customers; before each opportunity the customer leaves with probability θ ~ Beta(γ, δ).

    Attributes
    ----------
    alpha_, beta_, gamma_, delta_ : float
    log_likelihood_, standard_errors_, log_covariance_, converged_, message_
        As for `BetaGeoNBD`.

    Notes
    -----
    Fader, Hardie & Shang (2010), "Customer-base analysis in a discrete-time noncontractual setting", *Marketing Science* 29(6).

    Examples
    --------
    >>> model = BetaGeoBetaBinomial.from_parameters(alpha=1.204, beta=0.75, gamma=0.657, delta=2.783)
    >>> model.p_alive([0, 2, 6], [0, 4, 6], 6).round(2).tolist()
    [0.11, 0.59, 0.93]
    """

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")

    alpha_: float
    beta_: float
    gamma_: float
    delta_: float

    def fit(self, frequency: Any, recency: Any, opportunities: Any, weights: Any = None) -> Self:
        """Find the parameters of greatest likelihood.

        Parameters
        ----------
        frequency : array, shape (n,)
            At how many opportunities the customer bought.
        recency : array, shape (n,)
            Number of the opportunity of the last purchase, from 1; 0 for none.
        opportunities : int or array
            How many there were.
        weights : array, shape (n,), optional
            How many customers each row stands for.

        Raises
        ------
        BadInput
            A value is impossible.
        NotEnoughData
            Nobody bought.
        """
        x, tx, n = _whole(frequency, recency, opportunities)
        t = distinct(x, tx, n, weights)
        if not t.x.any():
            raise NotEnoughData("nobody bought: there is nothing to learn from")
        rows = t.of_x(), t.tx[t.in_tx], t.T[t.in_T]
        return self._maximise(lambda p: t.weight @ _log_bgbb(p, *rows), [1.0, 1.0, 1.0, 2.0], float(t.weight.sum()))

    def p_alive(self, frequency: Any, recency: Any, opportunities: Any) -> Floats:
        """Probability that the customer is still active at the opportunity after the last one."""
        x, tx, n = _whole(frequency, recency, opportunities)
        alpha, beta, gamma, delta = self.parameters_.values()
        stays = betaln(alpha + x, beta + n - x) - betaln(alpha, beta) + betaln(gamma, delta + n + 1) - betaln(gamma, delta)
        return np.asarray(np.exp(stays - _log_bgbb(np.array([alpha, beta, gamma, delta]), x, tx, n)))

    def expected_purchases(self, t: int, frequency: Any, recency: Any, opportunities: Any) -> Floats:
        """Expected purchases at the next `t` opportunities, given the past."""
        if t < 0 or t != int(t):
            raise BadInput(f"the number of opportunities must be whole and not negative: {t}")
        x, tx, n = _whole(frequency, recency, opportunities)
        alpha, beta, gamma, delta = self.parameters_.values()
        likelihood = _log_bgbb(np.array([alpha, beta, gamma, delta]), x, tx, n)
        buys = np.exp(betaln(alpha + x + 1, beta + n - x) - betaln(alpha, beta) - likelihood)
        if abs(gamma - 1) < 1e-7:  # the formula is continuous there
            gamma = 1 + 1e-7
        # by logarithms, since the factors overflow where few leave and all alike
        now = gammaln(1 + delta + n) - gammaln(gamma + delta + n)
        then = gammaln(1 + delta + n + t) - gammaln(gamma + delta + n + t)
        lasts = np.exp(gammaln(gamma + delta) - gammaln(1 + delta) + now) * delta / (gamma - 1)
        return np.asarray(buys * lasts * -np.expm1(then - now))


class ShiftedBetaGeometric(_Fitted):
    """The shifted beta-geometric model of Fader & Hardie (2007): a contract is not renewed with a probability θ ~ Beta(α, β).

    Attributes
    ----------
    alpha_, beta_ : float
    log_likelihood_, standard_errors_, log_covariance_, converged_, message_
        As for `BetaGeoNBD`.

    Notes
    -----
    Fader & Hardie (2007), "How to project customer retention", *Journal of Interactive Marketing* 21(1), 76–90.
    Retention rises with tenure because those who leave easily have left, not because customers grow loyal.

    Examples
    --------
    >>> regular = ShiftedBetaGeometric().fit([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> round(regular.alpha_, 3), round(regular.beta_, 3)
    (0.704, 1.182)
    """

    names: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    alpha_: float
    beta_: float

    def fit(self, active: Any) -> Self:
        """Find the parameters of greatest likelihood for one cohort.

        Parameters
        ----------
        active : array, shape (periods + 1,)
            Customers of the cohort who are still there at the start and after each renewal; never rising.

        Raises
        ------
        BadInput
            Fewer than three values, or one is negative or above the one before.
        NotEnoughData
            Nobody left.
        """
        n = np.asarray(active, dtype=np.float64)
        if n.ndim != 1 or len(n) < 3 or not np.isfinite(n).all() or (np.diff(n) > 0).any() or n[-1] < 0:
            raise BadInput("active must be at least three numbers that never rise")
        lost = -np.diff(n)
        if not lost.sum() > 0:
            raise NotEnoughData("nobody left: there is no churn to learn from")
        t = np.arange(1, len(n))

        def value(parameters: Floats) -> float:
            alpha, beta = parameters
            left = betaln(alpha + 1, beta + t - 1) - betaln(alpha, beta)
            return float(lost @ left + n[-1] * (betaln(alpha, beta + t[-1]) - betaln(alpha, beta)))

        return self._maximise(value, [1.0, 1.0], float(n[0]))

    def survival(self, t: Any) -> Floats:
        """Share of a cohort that is still there after `t` renewals."""
        t = np.asarray(t, dtype=np.float64)
        return np.asarray(np.exp(betaln(self.alpha_, self.beta_ + t) - betaln(self.alpha_, self.beta_)))

    def retention(self, t: Any) -> Floats:
        """Share of those present before renewal `t` (from 1) who renew: (β + t − 1) / (α + β + t − 1)."""
        t = np.asarray(t, dtype=np.float64)
        return np.asarray((self.beta_ + t - 1) / (self.alpha_ + self.beta_ + t - 1))

    def expected_residual_periods(self, renewals: Any, *, discount: float) -> Floats:
        """Discounted expected renewals to come (DEL) of a customer who has renewed `renewals` times, the next one due now.

        Parameters
        ----------
        renewals : int or array
            Not negative.
        discount : float
            Discount rate a period, positive.

        Raises
        ------
        ValueError
            The rate is not positive.

        Notes
        -----
        Fader & Hardie (2010), "Customer-base valuation in a contractual setting", *Marketing Science* 29(1), 85–93.
        """
        if not discount > 0:
            raise ValueError(f"discount must be positive, not {discount}")
        n = np.asarray(renewals, dtype=np.float64)[..., None]
        ahead = np.arange(0, int(np.ceil(40 / np.log1p(discount))))
        alpha, beta = self.alpha_, self.beta_
        stays = np.exp(betaln(alpha, beta + n + 1 + ahead) - betaln(alpha, beta + n))
        return np.asarray((stays * np.exp(-ahead * np.log1p(discount))).sum(axis=-1))


def _whole(frequency: Any, recency: Any, opportunities: Any) -> tuple[Floats, Floats, Floats]:
    x, tx, n = (np.atleast_1d(v) for v in checked(frequency, recency, opportunities))
    wrong = (x > tx) | (tx != np.floor(tx)) | (n != np.floor(n)) | ((x == 0) != (tx == 0))
    if wrong.any():
        raise BadInput(f"row {int(np.argmax(wrong))}: frequency must not exceed recency, and all must be whole numbers")
    return x, tx, n


def _log_bgbb(parameters: Floats, x: Floats, tx: Floats, n: Floats) -> Floats:
    alpha, beta, gamma, delta = parameters
    base = betaln(alpha, beta) + betaln(gamma, delta)
    total = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)
    gaps = n - tx
    for i in range(int(gaps.max(initial=0))):
        term = betaln(alpha + x, beta + tx - x + i) + betaln(gamma + 1, delta + tx + i)
        total = np.where(i < gaps, np.logaddexp(total, term), total)
    return np.asarray(total - base)
