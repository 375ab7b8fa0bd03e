"""The three-way matrix of customer value: what a customer costs, brings now, and will bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MATRIX_TREATMENTS: Mapping[tuple[bool, bool, bool], str] = {  # (cost high, present profit high, future profit high)
    (False, True, True): "keep",
    (True, True, True): "invest",
    (False, True, False): "harvest",
    (True, True, False): "economise",
    (False, False, True): "develop",
    (True, False, True): "watch",
    (False, False, False): "automate",
    (True, False, False): "let_go",
}
_SIDES = ("cost", "present", "future")
_NAMES = tuple(MATRIX_TREATMENTS[bool(k & 4), bool(k & 2), bool(k & 1)] for k in range(8))


@dataclass(frozen=True)
class ValueMatrix:
    """See `value_matrix`.

    Attributes
    ----------
    codes : int array
        For each customer a place in `names`; -1 where a figure is not known.
    cuts : dict
        "cost", "present", "future": above it a figure is high.
    """

    codes: npt.NDArray[np.int64]
    cuts: dict[str, float]

    names: ClassVar[tuple[str, ...]] = _NAMES

    @property
    def treatments(self) -> list[str | None]:
        """One of the values of `MATRIX_TREATMENTS` for each customer; None where a figure is not known."""
        return [self.names[code] if code >= 0 else None for code in self.codes.tolist()]


def value_matrix(cost: Any, present: Any, future: Any, *, cuts: Mapping[str, float] | None = None) -> ValueMatrix:
    """Places every customer in one of eight cells, each with its treatment.

    Parameters
    ----------
    cost : array, shape (n,)
        Cost to win and keep the customer over a period; money.
    present : array, shape (n,)
        Profit of the same period; money.
    future : array, shape (n,)
        Profit to come, for example the lifetime value; money.
    cuts : mapping, optional
        Where high begins for "cost", "present", "future": a figure above it is high. By default the mean of the known figures,
        which sets apart the few who cost or bring most; with all alike nobody is high.

    Returns
    -------
    ValueMatrix

    Raises
    ------
    ValueError
        The arrays differ in length, or a cut is missing.

    Notes
    -----
    Low cost: keep (brings much, will bring much), harvest (much now, little to come), develop (little now, much to come), automate
    (little of both: serve by what costs nothing). High cost: invest, economise (lower the cost), watch (step by step), let go.
    Source: the three-way classification of customer value by cost, present and future profit in customer relationship textbooks.

    Examples
    --------
    >>> value_matrix([1, 9, 1, 9], [8, 9, 1, 0], [9, 9, 2, 1]).treatments
    ['keep', 'invest', 'automate', 'let_go']
    """
    sides = [np.asarray(side, dtype=np.float64) for side in (cost, present, future)]
    if len({side.shape for side in sides}) > 1 or sides[0].ndim != 1:
        raise ValueError("cost, present and future must be one-dimensional and of one length")
    if cuts is not None and not set(_SIDES) <= set(cuts):
        raise ValueError(f"cuts are needed for {', '.join(_SIDES)}")
    found = {name: float(cuts[name]) if cuts else _mean(side) for name, side in zip(_SIDES, sides, strict=True)}
    with np.errstate(invalid="ignore"):  # what is not known is not high, and is left out below
        code = sum(
            (side > found[name]).astype(np.int64) << (2 - k) for k, (name, side) in enumerate(zip(_SIDES, sides, strict=True))
        )
    unknown = np.isnan(np.array(sides)).any(axis=0)
    return ValueMatrix(np.where(unknown, -1, np.asarray(code, dtype=np.int64)), found)


def _mean(side: Floats) -> float:
    known = side[np.isfinite(side)]
    return float(known.mean()) if len(known) else 0.0
