"""Maximum likelihood over positive parameters: one search for all models of this package."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from zhike_insight.estimator import NotConverged
from zhike_insight.lifetime.limits import Limit
from zhike_insight.lifetime.triples import Floats

Objective = Callable[[Floats], tuple[float, Floats]]  # parameters → log-likelihood, its gradient by the parameters

LOWEST, HIGHEST = -14.0, 14.0  # of the logarithm of a parameter, with times of order one
OUTERMOST = 11.0  # farther out the customers do not differ, or only one of them does: no optimum, whatever the gradient
FLAT = 1e-5  # of the gradient, of one observation
NOTHING_TO_GAIN = 1e-8  # log-likelihood of one observation that a further step would bring
LAST_DIGITS = 1e-8  # of the objective: what sums of terms of the size of `GATHERED` leave to rounding
AS_LIKELY = 1e-6  # log-likelihood of one observation: no prediction moves by more than some thousandths


@dataclass(frozen=True)
class Optimum:
    parameters: Floats
    log_likelihood: float
    log_covariance: Floats  # of the logarithms of the parameters
    converged: bool
    message: str
    limit: Limit | None = None  # at the edge: which simpler model it is there

    def standard_errors(self) -> Floats:
        errors: Floats = self.parameters * np.sqrt(np.maximum(np.diag(self.log_covariance), 0.0))
        return errors


def maximise(
    objective: Objective,
    start: Floats,
    observations: float,
    *,
    name: str,
    coarse: Objective | None = None,
    limits: Sequence[Limit] = (),
) -> Optimum:
    """Search in the logarithms of the parameters: quasi-Newton, then Newton steps until the gradient vanishes.

    With `coarse` (the same model on fewer, rounded observations) the search begins there, so that the full objective is needed
    only a few times. On one core: the sums are too short for more, and waiting threads cost several times what they save.
    Where there is no optimum inside, the simplest of the `limits` that is as likely takes its place.
    Warns once with `NotConverged` if no optimum was found.
    """
    with threadpool_limits(1, user_api="blas"):
        best = _best(objective, np.log(start), observations, coarse)
        if not best.converged and limits:
            best = _simplest(objective, observations, coarse, limits, best)
    if not best.converged:
        warnings.warn(f"{name}: {best.message}", NotConverged, stacklevel=3)
    return best


def _best(objective: Objective, where: Floats, observations: float, coarse: Objective | None) -> Optimum:
    if coarse is not None:
        where = _search(coarse, where, observations)
        where = _approached(objective, where, observations, _hessian(coarse, where, observations))
    else:
        where = _search(objective, where, observations)
    where, slope, hessian = _polish(objective, where, observations)
    value, _ = objective(np.exp(where))
    inside = bool(np.all(np.abs(where) < OUTERMOST))
    positive = bool(np.all(np.isfinite(hessian))) and bool(np.all(np.linalg.eigvalsh(hessian) > 0))
    flat = bool(np.max(np.abs(slope)) < FLAT) or (positive and float(slope @ np.linalg.solve(hessian, slope)) / 2 < NOTHING_TO_GAIN)
    converged = inside and positive and flat and bool(np.isfinite(value))
    message = "converged" if converged else _why(inside, positive)
    covariance = (
        np.asarray(np.linalg.inv(hessian * observations), dtype=np.float64)
        if positive
        else np.full((len(where), len(where)), np.nan)
    )
    return Optimum(np.exp(where), float(value), covariance, converged, message)


def _simplest(
    objective: Objective, observations: float, coarse: Objective | None, limits: Sequence[Limit], inside: Optimum
) -> Optimum:
    """The first of the limits, simplest first, that is as likely as what the search found on its way and as all others, or loses
    less than one unit of log-likelihood for a parameter that it does without (Akaike's criterion); else what the search found."""
    found = []
    for limit in limits:
        rounded = limit.objective(coarse) if coarse else None
        with np.errstate(all="ignore"):  # so far out a likelihood may have no value: then this is not the limit
            best = _best(limit.objective(objective), limit.start, observations, rounded)
            if not best.converged:  # begin beside what the search found
                near = np.linalg.lstsq(limit.along, np.log(inside.parameters) - limit.at)[0]
                best = _best(limit.objective(objective), np.clip(near, LOWEST, HIGHEST), observations, rounded)
        if best.converged:
            found.append((limit, best))
    most = max([inside.log_likelihood, *(best.log_likelihood for _limit, best in found)])
    for limit, best in found:
        spared = len(inside.parameters) - len(best.parameters)
        if best.log_likelihood >= most - max(AS_LIKELY * observations, spared):
            parameters = np.exp(limit.full(np.log(best.parameters)))
            covariance = limit.along @ best.log_covariance @ limit.along.T
            message = f"converged at the edge: {', '.join(limit.holds)}"
            return Optimum(parameters, best.log_likelihood, covariance, True, message, limit)
    return inside


def _approached(objective: Objective, where: Floats, observations: float, hessian: Floats) -> Floats:
    """From the optimum of the rounded observations to that of the full ones, by the Hessian of the rounded: one evaluation a step,
    each some fifty times nearer. Searches on where that Hessian is of no use."""
    _, slope = _downhill(objective, where, observations)
    for _ in range(8):
        step = _newton_step(hessian, slope) if np.all(np.isfinite(hessian)) else None
        if step is None:
            break
        there = np.clip(where - step, LOWEST, HIGHEST)
        _, new_slope = _downhill(objective, there, observations)
        if np.max(np.abs(new_slope)) >= np.max(np.abs(slope)) / 2:
            break
        where, slope = there, new_slope
        if np.max(np.abs(slope)) < 1e-8:
            return where
    return _search(objective, where, observations)


def _why(inside: bool, positive: bool) -> str:
    if not inside:
        return "a parameter ran to the end of its range: the customers are too alike, or too few, for this model"
    if not positive:
        return "the likelihood is flat around the result: the data do not tell the parameters apart"
    return "the search stopped before the gradient vanished"


def _downhill(objective: Objective, where: Floats, observations: float) -> tuple[float, Floats]:
    parameters = np.exp(where)
    value, gradient = objective(parameters)
    if not np.isfinite(value) or not np.all(np.isfinite(gradient)):
        return 1e10, np.zeros_like(where)
    return -value / observations, -gradient * parameters / observations


def _search(objective: Objective, where: Floats, observations: float) -> Floats:
    from scipy.optimize import minimize  # loads only for a fit: predicting with known parameters does not wait for it

    def downhill(at: Any) -> Any:
        return _downhill(objective, np.asarray(at, dtype=np.float64), observations)

    found = minimize(
        downhill,
        where,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST, HIGHEST)] * len(where),
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 20},
    )
    return np.asarray(found.x, dtype=np.float64)


def _polish(objective: Objective, where: Floats, observations: float) -> tuple[Floats, Floats, Floats]:
    """Newton steps as long as the gradient falls and the objective does not rise; returns place, gradient and Hessian there."""
    value, slope = _downhill(objective, where, observations)
    hessian = _hessian(objective, where, observations)
    for _ in range(10):
        if np.max(np.abs(slope)) < 1e-10 or not np.all(np.isfinite(hessian)):
            break
        step = _newton_step(hessian, slope)
        if step is None:
            break
        there = np.clip(where - step, LOWEST, HIGHEST)
        new_value, new_slope = _downhill(objective, there, observations)
        if new_value > value + LAST_DIGITS or np.max(np.abs(new_slope)) >= np.max(np.abs(slope)):
            break
        far = float(np.max(np.abs(step))) > 1e-3
        where, value, slope = there, new_value, new_slope
        if far:
            hessian = _hessian(objective, where, observations)
    return where, slope, hessian


def _newton_step(hessian: Floats, slope: Floats) -> Floats | None:
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        return None
    step: Floats = np.asarray(np.linalg.solve(hessian, slope), dtype=np.float64)
    return step if np.max(np.abs(step)) < 2 else None


def _hessian(objective: Objective, where: Floats, observations: float, width: float = 1e-4) -> Floats:
    columns = []
    for i in range(len(where)):
        shift = np.zeros_like(where)
        shift[i] = width
        _, right = _downhill(objective, where + shift, observations)
        _, left = _downhill(objective, where - shift, observations)
        columns.append((right - left) / (2 * width))
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2
