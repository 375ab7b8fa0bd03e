"""What all models of buying and leaving share: fitting on distinct triples, parameters by name, prediction from "if alive"."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.fitting import maximise
from zhike_insight.lifetime.limits import Limit
from zhike_insight.lifetime.triples import BadInput, Floats, NotEnoughData, Triples, checked, coarser, distinct, weights_of

MANY = 30_000  # from so many distinct triples on, the search begins on rounded times


class BuyingModel(Estimator):
    """Base of BG/NBD, modified BG/NBD and Pareto/NBD. Not public."""

    names: ClassVar[tuple[str, ...]]
    times: ClassVar[tuple[str, ...]]  # parameters that carry the unit of time
    start: ClassVar[Mapping[str, float]]
    limits: ClassVar[tuple[Limit, ...]] = ()

    parameters_: dict[str, float]
    log_likelihood_: float
    standard_errors_: dict[str, float]
    log_covariance_: Floats
    converged_: bool
    message_: str
    limit_: tuple[str, ...] = ()
    limit_parameters_: Mapping[str, float] = MappingProxyType({})
    limit_errors_: Mapping[str, float] = MappingProxyType({})

    @classmethod
    def from_parameters(cls, *, log_covariance: Any = None, **parameters: float) -> Self:
        """A model with known parameters, as if fitted (to predict from stored or published values).

        Raises
        ------
        ValueError
            A parameter is missing, unknown or not positive.
        """
        if set(parameters) != set(cls.names):
            raise ValueError(f"{cls.__name__} needs the parameters {', '.join(cls.names)}, not {', '.join(parameters)}")
        if not all(np.isfinite(v) and v > 0 for v in parameters.values()):
            raise ValueError(f"parameters must be positive: {parameters}")
        model = cls()
        model._learn({name: float(parameters[name]) for name in cls.names})
        size = len(cls.names)
        model.log_covariance_ = np.full((size, size), np.nan) if log_covariance is None else np.asarray(log_covariance, dtype=float)
        return model

    def expected_purchases(self, t: Any, frequency: Any, recency: Any, age: Any) -> Floats:
        """Expected purchase days in the next `t`, given the past (E[Y(t) | x, tₓ, T]).

        Parameters
        ----------
        t : float or array
            Length of the future, in the unit of the times.
        frequency, recency, age : float or array, shape (n,)
            As in `fit`.

        Returns
        -------
        array, shape (n,)

        Raises
        ------
        BadInput
            As in `fit`, or `t` is negative.
        """
        if not np.all(np.asarray(t, dtype=np.float64) >= 0):
            raise BadInput(f"the length of the future must not be negative, nor missing: {t}")
        x, tx, T = checked(frequency, recency, age)
        return np.asarray(self.p_alive(x, tx, T) * self.expected_if_alive(t, x, T))

    def p_alive(self, frequency: Any, recency: Any, age: Any) -> Floats:
        raise NotImplementedError

    def expected_if_alive(self, t: Any, frequency: Any, age: Any) -> Floats:
        raise NotImplementedError

    def expected_purchases_of_new(self, t: Any) -> Floats:
        raise NotImplementedError

    @staticmethod
    def _objective(t: Triples) -> Any:
        raise NotImplementedError

    def _values(self) -> tuple[float, ...]:
        return tuple(self.parameters_.values())

    def _learn(self, parameters: dict[str, float]) -> None:
        self.parameters_ = parameters
        for name, value in parameters.items():
            setattr(self, name + "_", value)

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
        NotConverged
            No optimum was found, not at the edge either; `converged_` is False and `message_` says why.

        Notes
        -----
        Where the likelihood grows towards the edge (nobody leaves, or customers do not differ), the simpler model there is taken:
        `limit_` says what holds, `limit_parameters_` and `limit_errors_` are its own figures. Predictions are as of any model.
        """
        x, tx, T = (np.atleast_1d(v) for v in checked(frequency, recency, age))
        unit = _unit(x, T, weights)
        triples = distinct(x, tx, T, weights).in_units_of(unit)
        customers = float(triples.weight.sum())
        first = np.array([self.start[name] for name in self.names])
        coarse = self._objective(coarser(triples, 60)) if len(triples) > MANY else None
        name, limits = type(self).__name__, self.limits
        best = maximise(self._objective(triples), first, customers, name=name, coarse=coarse, limits=limits)
        scale = np.array([unit if name in self.times else 1.0 for name in self.names])
        self._learn(dict(zip(self.names, (best.parameters * scale).tolist(), strict=True)))
        # a density of x purchase times: in other units the likelihood shifts by x·ln(unit)
        self.log_likelihood_ = best.log_likelihood - float(triples.weight @ triples.of_x()) * float(np.log(unit))
        self.standard_errors_ = dict(zip(self.names, (best.standard_errors() * scale).tolist(), strict=True))
        self.log_covariance_ = best.log_covariance
        self.converged_, self.message_ = best.converged, best.message
        self.limit_ = best.limit.holds if best.limit else ()
        told = best.limit.figures(best.parameters * scale, best.log_covariance) if best.limit else ({}, {})
        self.limit_parameters_, self.limit_errors_ = told
        return self


def _unit(x: Floats, T: Floats, weights: Any) -> float:
    """Times are divided by the mean age, so that the search sees numbers of order one whatever the unit."""
    w = weights_of(weights, x)
    if not len(x) or not np.any(w > 0):
        raise NotEnoughData("there is no customer")
    if not np.any((x > 0) & (w > 0)):
        raise NotEnoughData("no customer bought again: there is nothing to learn a rate of return from")
    mean = float(np.average(T, weights=w))
    if not mean > 0:
        raise NotEnoughData("all ages are zero: no time has passed")
    return mean
