"""Randomness in bulk: draws come from one generator in blocks, so that a hundred thousand rows take seconds and repeat exactly."""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_BLOCK = 65536


class Dice:
    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._draws: list[float] = []

    def uniform(self) -> float:
        if not self._draws:
            self._draws = self.rng.random(_BLOCK).tolist()
        return self._draws.pop()

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def whole(self, low: int, high: int) -> int:
        """From low to high, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def between(self, low: float, high: float) -> float:
        return low + self.uniform() * (high - low)

    def one(self, choices: Sequence[T]) -> T:
        return choices[int(self.uniform() * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        reach = list(accumulate(weights))
        point = self.uniform() * reach[-1]
        return next(choice for choice, upto in zip(choices, reach, strict=True) if point < upto)

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """That many different ones, in random order."""
        left = list(choices)
        return [left.pop(int(self.uniform() * len(left))) for _ in range(min(count, len(left)))]

    def gamma(self, shape: float, mean: float) -> float:
        return float(self.rng.gamma(shape, mean / shape))

    def beta(self, a: float, b: float) -> float:
        return float(self.rng.beta(a, b))

    def around(self, middle: float, spread: float) -> float:
        """Log-normal: `spread` is the relative width."""
        u = max(self.uniform(), 1e-12)
        return middle * math.exp(spread * math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * self.uniform()))
