"""Distinct (frequency, recency, age) triples with their counts: what the likelihood of a million customers really needs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


SPARSE = 8  # whole numbers below so many times their count are grouped by counting


class BadInput(ValueError):
    """A value cannot be used; the message says which, and in which row (from 0)."""


class NotEnoughData(ValueError):
    """The data cannot identify the model: too few customers, or nobody came back."""


@dataclass(frozen=True)
class Triples:
    """Distinct triples and, for each component, its distinct values with the place of every triple among them."""

    weight: Floats
    x: Floats  # distinct frequencies
    tx: Floats  # distinct recencies
    T: Floats  # distinct ages
    in_x: Places
    in_tx: Places
    in_T: Places  # noqa: N815

    def __len__(self) -> int:
        return len(self.weight)

    def in_units_of(self, unit: float) -> "Triples":
        return replace(self, tx=self.tx / unit, T=self.T / unit)

    def of_x(self) -> Floats:
        return self.x[self.in_x]


def checked(frequency: Any, recency: Any, age: Any) -> tuple[Floats, Floats, Floats]:
    """The three as float64 arrays of one shape, or `BadInput` with the first wrong row."""
    try:
        x, tx, T = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (frequency, recency, age)))
    except ValueError as problem:
        raise BadInput(f"frequency, recency and age must be numbers of equal length: {problem}") from problem
    for name, values in (("frequency", x), ("recency", tx), ("age", T)):
        _first(~np.isfinite(values), f"{name} is missing or not finite", values)
        _first(values < 0, f"{name} is negative", values)
    _first(x != np.floor(x), "frequency is not a whole number", x)
    _first(tx > T * (1 + 1e-12), "recency is greater than age", tx)
    _first((x == 0) & (tx > 0), "recency must be 0 for a customer without a repeat purchase", tx)
    return x, tx, T


def weights_of(weights: Any, x: Floats) -> Floats:
    """One for each row, or one for all; 1 where none are given."""
    given = np.asarray(1.0 if weights is None else weights, dtype=np.float64)
    if given.shape not in ((), x.shape):
        raise BadInput(f"weights must be one for each of the {len(x)} rows, not {given.shape}")
    w = np.broadcast_to(given, x.shape)
    _first(~np.isfinite(w) | (w < 0), "weight must be a number and not negative", w)
    return w


def _first(wrong: npt.NDArray[np.bool_], message: str, values: Floats) -> None:
    if wrong.any():
        row = int(np.argmax(np.atleast_1d(wrong)))
        raise BadInput(f"row {row}: {message} ({np.atleast_1d(values)[row]:g})")


def distinct(x: Floats, tx: Floats, T: Floats, weights: Any = None) -> Triples:
    """Group customers by their triple. Rows with weight 0 are left out."""
    w = None if weights is None else weights_of(weights, x)
    if w is not None:
        keep = w > 0
        if not keep.all():
            x, tx, T, w = x[keep], tx[keep], T[keep], w[keep]
    (ux, ix), (utx, itx), (uT, iT) = (levels(v) for v in (x, tx, T))
    code = (ix * len(utx) + itx) * len(uT) + iT
    if w is None:  # sorting alone is several times faster than sorting with the way back
        values, counts = np.unique(code, return_counts=True)
        weight = counts.astype(np.float64)
    else:
        values, place = np.unique(code, return_inverse=True)
        weight = np.asarray(np.bincount(place, w), dtype=np.float64)
    rest, in_T = np.divmod(values, len(uT))
    in_x, in_tx = np.divmod(rest, len(utx))
    return Triples(weight, ux, utx, uT, in_x, in_tx, in_T)


def levels(values: Floats) -> tuple[Floats, Places]:
    """Distinct values in order, and the place of each among them; whole numbers, as days are, without sorting."""
    most = float(values.max()) if len(values) else 0.0
    if most < SPARSE * len(values):
        whole = values.astype(np.intp)
        if np.array_equal(whole, values):
            found, place = _places(whole, int(most) + 1)
            return found.astype(np.float64), place
    distinct_values, place = np.unique(values, return_inverse=True)
    return distinct_values, place


def pairs(first: Places, second: Places, of_second: int) -> tuple[Places, Places, Places]:
    """The distinct pairs of two places, as (first, second), and the place of every row among them."""
    code = first * of_second + second
    size = int(code.max()) + 1 if len(code) else 0
    values, place = _places(code, size) if size < SPARSE * len(code) else np.unique(code, return_inverse=True)
    return *np.divmod(values, of_second), place


def _places(values: Places, size: int) -> tuple[Places, Places]:
    """As `np.unique` with the way back, for whole numbers below `size`, in one pass."""
    seen = np.zeros(size, dtype=bool)
    seen[values] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[values]


def coarser(t: Triples, steps: int) -> Triples:
    """Times rounded to about `steps` steps: a small problem whose optimum is close to that of the large one."""
    step = (t.T.max() or 1.0) / steps
    (tx, tx_in), (T, T_in) = (np.unique(v, return_inverse=True) for v in (np.round(t.tx / step), np.ceil(t.T / step)))
    in_tx, in_T = tx_in[t.in_tx], T_in[t.in_T]
    times_in_tx, times_in_T, times = pairs(in_tx, in_T, len(T))
    in_x, in_times, place = pairs(t.in_x, times, len(times_in_tx))
    weight = np.asarray(np.bincount(place, t.weight), dtype=np.float64)
    return Triples(weight, t.x, tx * step, T * step, in_x, times_in_tx[in_times], times_in_T[in_times])
