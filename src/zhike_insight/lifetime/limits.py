"""What is left of a model where its likelihood grows towards the edge: simpler models, written with the parameters of the full one.

Customers who do not differ in something have its distribution gather in one point: both its parameters grow without bound and only
their ratio is told. Here they stop at `GATHERED`, from where on nothing moves that matters (a spread of a third of a thousandth).
So all that is computed from parameters, intervals included, holds for the limits too.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.special import gammaln

from zhike_insight.lifetime.triples import Floats

Objective = Callable[[Floats], tuple[float, Floats]]

GATHERED = 1e7
NEVER = 1e-30
LARGE = 1e4


def log_rising(base: Any, steps: Any) -> Floats:
    """ln Γ(base + steps) − ln Γ(base); by Stirling where the base is so large that the difference would lose its digits."""
    end = base + steps
    if np.min(base) <= LARGE:
        return np.asarray(gammaln(end) - gammaln(base))
    corrections = (1 / end - 1 / base) / 12
    return np.asarray((end - 0.5) * np.log1p(steps / base) + steps * np.log(base) - steps + corrections)


@dataclass(frozen=True)
class Told:
    """A figure of a limit: the exponential of a sum of logarithms of the full model's parameters, or the share with these odds."""

    name: str
    powers: tuple[int, ...]
    is_share: bool = False

    def of(self, parameters: Floats) -> float:
        powers = np.asarray(self.powers, dtype=np.float64)
        value = math.exp(float(powers @ np.log(parameters)))
        return value / (1 + value) if self.is_share else value

    def error(self, parameters: Floats, log_covariance: Floats) -> float:
        powers, value = np.asarray(self.powers, dtype=np.float64), self.of(parameters)
        slope = value * (1 - value) if self.is_share else value
        return slope * math.sqrt(max(float(powers @ log_covariance @ powers), 0.0))


@dataclass(frozen=True)
class Limit:
    """A model nested in another: the logarithms of the other's parameters are `at` + `along` @ those of its own.

    `holds` says what is the same for all, or never happens; `told` are the figures that a reader wants.
    """

    holds: tuple[str, ...]
    at: Floats
    along: Floats
    start: Floats
    told: tuple[Told, ...]

    def full(self, where: Floats) -> Floats:
        return np.asarray(self.at + self.along @ where, dtype=np.float64)

    def figures(self, parameters: Floats, log_covariance: Floats) -> tuple[dict[str, float], dict[str, float]]:
        """What is told, and its standard errors."""
        values = {one.name: one.of(parameters) for one in self.told}
        return values, {one.name: one.error(parameters, log_covariance) for one in self.told}

    def objective(self, of_full: Objective) -> Objective:
        def narrowed(own: Floats) -> tuple[float, Floats]:
            parameters = np.exp(self.full(np.log(own)))
            value, slope = of_full(parameters)
            return value, np.asarray(self.along.T @ (slope * parameters) / own)

        return narrowed


@dataclass(frozen=True)
class Part:
    """How two of the parameters behave: free, gathered or at an end. Rows of `along` and `told` are those of the two."""

    holds: tuple[str, ...]
    at: tuple[float, float]
    along: tuple[tuple[float, ...], tuple[float, ...]]
    start: tuple[float, ...]
    told: tuple[tuple[str, tuple[int, int], bool], ...]


def free(names: Sequence[str], start: Sequence[float]) -> Part:
    told = ((names[0], (1, 0), False), (names[1], (0, 1), False))
    return Part((), (0, 0), ((1, 0), (0, 1)), tuple(np.log(start)), told)


def one_rate(holds: str, name: str, start: float, gathered: float = GATHERED) -> Part:
    """Gamma distributed rates that gather in one: shape and scale without bound, their ratio is the rate."""
    most = float(np.log(gathered))
    return Part((holds,), (most, most), ((0,), (-1,)), (float(np.log(start)),), ((name, (1, -1), False),))


def one_chance(holds: str, name: str, odds: float) -> Part:
    """Beta distributed probabilities that gather in one."""
    most = float(np.log(GATHERED))
    return Part((holds,), (most, most), ((1,), (0,)), (float(np.log(odds)),), ((name, (1, -1), True),))


def fixed(holds: str, first: float, second: float) -> Part:
    return Part((holds,), (float(np.log(first)), float(np.log(second))), ((), ()), (), ())


def together(firsts: Sequence[Part], seconds: Sequence[Part]) -> tuple[Limit, ...]:
    """All pairs but the full model, those with the fewest parameters first."""
    found = [_joined(first, second) for first, second in product(firsts, seconds) if first.holds or second.holds]
    return tuple(sorted(found, key=lambda limit: len(limit.start)))


def _joined(first: Part, second: Part) -> Limit:
    along = np.zeros((4, len(first.start) + len(second.start)))
    along[:2, : len(first.start)] = np.reshape(first.along, (2, -1))
    along[2:, len(first.start) :] = np.reshape(second.along, (2, -1))
    told = [Told(name, (*powers, 0, 0), share) for name, powers, share in first.told]
    told += [Told(name, (0, 0, *powers), share) for name, powers, share in second.told]
    start = np.array([*first.start, *second.start])
    return Limit(first.holds + second.holds, np.array([*first.at, *second.at]), along, start, tuple(told))
