"""Gamma-Gamma: how much a customer spends at a visit, drawn towards the company's mean the less is known."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import gammaln, psi

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.fitting import Optimum, maximise
from zhike_insight.lifetime.limits import GATHERED, LARGE, Limit, Told, log_rising
from zhike_insight.lifetime.triples import BadInput, Floats, NotEnoughData, weights_of

ONE_SPEND = 0.005  # of the mean: within it all means are one
MEAN = Told("mean", (1, -1, 1))
GATHERS = float(np.log(GATHERED))
LIMITS = (
    Limit(("one_mean",), np.array([0, GATHERS, GATHERS]), np.array([[1, 0], [0, 0], [-1, 1]]), np.array([0.7, 0.0]),
          (Told("p", (1, 0, 0)), MEAN)),
    Limit(("own_means",), np.array([GATHERS, 0, -GATHERS]), np.array([[0, 0], [1, 0], [0, 1]]), np.array([1.1, 1.1]),
          (Told("q", (0, 1, 0)), Told("scale", (1, 0, 1)))),
)  # fmt: skip


class GammaGamma(Estimator):
    """The Gamma-Gamma model of spend per purchase (Fader, Hardie & Lee 2005; Fader & Hardie 2013).

    Single purchases are Gamma(p, ν) with ν ~ Gamma(q, v) over customers; spend is taken to be independent of how often one buys.

    Attributes
    ----------
    p_, q_, v_ : float
        Learned parameters; `v_` in money (the γ of the paper).
    log_likelihood_ : float
    standard_errors_ : dict
    log_covariance_ : array, shape (3, 3)
        Covariance of the logarithms of the parameters.
    customers_ : float
        How many customers with a repeat purchase above zero the fit rests on.
    converged_ : bool
    message_ : str

    Notes
    -----
    Fader & Hardie (2013), "The Gamma-Gamma model of monetary value", note 025. Customers without a repeat purchase, or
    whose mean repeat spend is zero, say nothing about p, q, v and are left out of the fit.

    Examples
    --------
    >>> model = GammaGamma.from_parameters(p=6.25, q=3.74, v=15.44)
    >>> model.expected_spend([0, 2], [0.0, 30.0]).round(2).tolist()
    [35.22, 30.94]
    """

    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")

    parameters_: dict[str, float]
    p_: float
    q_: float
    v_: float
    log_likelihood_: float
    standard_errors_: dict[str, float]
    log_covariance_: Floats
    customers_: float
    converged_: bool
    message_: str
    limit_: tuple[str, ...] = ()
    limit_parameters_: Mapping[str, float] = MappingProxyType({})
    limit_errors_: Mapping[str, float] = MappingProxyType({})

    @classmethod
    def from_parameters(cls, *, log_covariance: Any = None, **parameters: float) -> Self:
        """A model with known parameters p, q, v, as if fitted.

        Raises
        ------
        ValueError
            A parameter is missing, unknown or not positive.
        """
        if set(parameters) != set(cls.names) or not all(np.isfinite(v) and v > 0 for v in parameters.values()):
            raise ValueError(f"GammaGamma needs the positive parameters p, q, v, not {parameters}")
        model = cls()
        model._learn({name: float(parameters[name]) for name in cls.names})
        model.log_covariance_ = np.full((3, 3), np.nan) if log_covariance is None else np.asarray(log_covariance, dtype=float)
        return model

    def fit(self, frequency: Any, mean_spend: Any, weights: Any = None) -> Self:
        """Find the parameters of greatest likelihood.

        Parameters
        ----------
        frequency : array, shape (n,)
            Repeat purchase days.
        mean_spend : array, shape (n,)
            Mean money of those days; ignored (may be missing) where frequency is 0.
        weights : array, shape (n,), optional
            How many customers each row stands for.

        Raises
        ------
        BadInput
            A mean spend of a repeat buyer, or a weight, is missing or negative; the message names the row.
        NotEnoughData
            Fewer than ten repeat buyers who spent something.

        Warns
        -----
        NotConverged
            No optimum was found; `converged_` is False and `message_` says why.
        """
        x, m = _checked(frequency, mean_spend)
        w = weights_of(weights, x)
        useful = (x > 0) & (m > 0) & (w > 0)
        order = np.flatnonzero(useful)[np.lexsort((m[useful], x[useful]))]  # where rounding decides, no order of rows does
        x, m, w = x[order], m[order], w[order]
        if w.sum() < 10:
            raise NotEnoughData(f"only {w.sum():g} customers spent something at a repeat purchase; ten are needed")
        unit = float(np.average(m, weights=w * x))
        best = _one_spend(m / unit, w) or maximise(
            _Likelihood(x, m / unit, w), np.array([2.0, 3.0, 1.5]), float(w.sum()), name="GammaGamma", limits=LIMITS
        )
        scale = np.array([1.0, 1.0, unit])
        self._learn(dict(zip(self.names, (best.parameters * scale).tolist(), strict=True)))
        self.limit_ = best.limit.holds if best.limit else ()
        told = best.limit.figures(best.parameters * scale, best.log_covariance) if best.limit else ({}, {})
        self.limit_parameters_, self.limit_errors_ = told
        self.log_likelihood_ = best.log_likelihood - float(w.sum()) * float(np.log(unit))
        self.standard_errors_ = dict(zip(self.names, (best.standard_errors() * scale).tolist(), strict=True))
        self.log_covariance_ = best.log_covariance
        self.customers_ = float(w.sum())
        self.converged_, self.message_ = best.converged, best.message
        return self

    def expected_spend(self, frequency: Any, mean_spend: Any) -> Floats:
        """Expected money of one future purchase day, given the past: E[M | x, z̄] = p (v + x z̄) / (p x + q − 1).

        Parameters
        ----------
        frequency, mean_spend : array, shape (n,)
            As in `fit`.

        Returns
        -------
        array, shape (n,)
            Money. For a customer without repeat purchase the mean of all, p v / (q − 1); where that mean does not exist
            (q ≤ 1) not a number.
        """
        x, m = _checked(frequency, mean_spend)
        p, q, v = self.parameters_.values()
        below = p * x + q - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(below > 0, p * (v + x * m) / below, np.nan))

    def _learn(self, parameters: dict[str, float]) -> None:
        self.parameters_ = parameters
        self.p_, self.q_, self.v_ = parameters.values()


def _one_spend(m: Floats, w: Floats) -> Optimum | None:
    """Where everybody's mean is one and the same, in units of that mean, the likelihood has no bound: the mean is all there is."""
    spread = float(np.sqrt(np.average(np.log(m) ** 2, weights=w)))
    if spread > ONE_SPEND:
        return None
    covariance = np.zeros((3, 3))
    covariance[2, 2] = spread**2 / float(w.sum())
    limit = Limit(("one_spend",), np.zeros(3), np.zeros((3, 0)), np.zeros(0), (MEAN,))
    message = "converged at the edge: one_spend"
    return Optimum(np.array([GATHERED, GATHERED, 1.0]), np.inf, covariance, True, message, limit)


def _checked(frequency: Any, mean_spend: Any) -> tuple[Floats, Floats]:
    x = np.atleast_1d(np.asarray(frequency, dtype=np.float64))
    m = np.atleast_1d(np.asarray(mean_spend, dtype=np.float64))
    if x.shape != m.shape:
        raise BadInput(f"frequency and mean_spend must have one length, not {x.shape} and {m.shape}")
    for wrong, message in (
        (~np.isfinite(x) | (x < 0), "frequency is missing or negative"),
        ((x > 0) & ~np.isfinite(m), "mean_spend is missing or not finite"),
        ((x > 0) & (m < 0), "mean_spend is negative"),
    ):
        if wrong.any():
            raise BadInput(f"row {int(np.argmax(wrong))}: {message}")
    return x, np.where(x > 0, m, 0.0)


class _Likelihood:
    """Log-likelihood and gradient; the gamma functions are computed for distinct frequencies only."""

    def __init__(self, x: Floats, m: Floats, w: Floats) -> None:
        self.distinct, place = np.unique(x, return_inverse=True)
        self.by_x = np.bincount(place, w)
        self.x, self.w, self.total = x, w, x * m
        self.log_m, self.log_total = float(w @ np.log(m)), np.log(self.total)

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        p, q, v = parameters
        u, n = self.distinct, self.by_x
        grown = np.log1p(self.total / v)
        rest = np.log1p(v / self.total) if p > LARGE else grown - self.log_total + np.log(v)
        ways = log_rising(q, p * u) - gammaln(p * u) if q > p else log_rising(p * u, q) - gammaln(q)
        value = n @ ways - self.log_m - q * (self.w @ grown) - p * (self.w @ (self.x * rest))
        by_p = n @ (u * (psi(p * u + q) - psi(p * u))) - self.w @ (self.x * rest)
        by_q = n @ (psi(p * u + q) - psi(q)) - self.w @ grown
        by_v = self.w @ ((q * self.total / v - p * self.x) / (v + self.total))
        return float(value), np.array([by_p, by_q, by_v])
