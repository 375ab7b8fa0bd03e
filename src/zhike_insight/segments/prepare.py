"""Customers' features as a matrix in which distances mean something."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput

Floats = npt.NDArray[np.float64]


class Preparation(Estimator):
    """Missing values to the median, extremes cut, long tails by logarithm, then all on one scale; categories as indicators.

    Parameters
    ----------
    winsorise : float
        Share cut off at each end (0: none).
    skew : float
        Columns of non-negative numbers with a greater skewness are taken by log(1 + x).

    Attributes
    ----------
    columns_ : list of str
        Names of the columns of the matrix.
    logs_ : list of str
        Features taken by logarithm.
    """

    def __init__(self, *, winsorise: float = 0.01, skew: float = 2.0) -> None:
        self.winsorise, self.skew = winsorise, skew

    columns_: list[str]
    logs_: list[str]

    def fit(self, X: Mapping[str, Any]) -> Self:
        """Learn medians, ends, scales and categories.

        Parameters
        ----------
        X : mapping of str to array, shape (n,)
            Numbers (missing as nan) or texts.

        Raises
        ------
        BadInput
            There is no feature, lengths differ, or a column has no value at all.
        """
        self._names = list(X)
        if not self._names or len({len(X[name]) for name in self._names}) != 1:
            raise BadInput("there must be at least one feature, all of one length")
        self.logs_, self.columns_ = [], []
        self._numbers: dict[str, tuple[float, float, float, float, float]] = {}
        self._categories: dict[str, list[str]] = {}
        for name in self._names:
            column = np.asarray(X[name])
            if column.dtype.kind in "fiub":
                self._numbers[name] = self._scales(name, column.astype(np.float64))
                self.columns_.append(name)
            else:
                self._categories[name] = sorted({str(value) for value in column})
                self.columns_ += [f"{name}={value}" for value in self._categories[name]]
        return self

    def transform(self, X: Mapping[str, Any]) -> Floats:
        """The matrix, shape (n, len(columns_)); infinite values are cut like other extremes, unknown categories are all zero.

        Columns are found by their names, whatever their order; those that `fit` did not see are passed over.

        Raises
        ------
        BadInput
            A column that `fit` has seen is missing.
        """
        if missing := [name for name in self._names if name not in X]:
            raise BadInput(f"column {missing[0]!r} is missing; there are: {', '.join(map(str, X))}")
        parts: list[Floats] = []
        for name in self._names:
            column = np.asarray(X[name])
            if name in self._numbers:
                middle, low, high, mean, scale = self._numbers[name]
                x = np.clip(np.where(np.isnan(column.astype(np.float64)), middle, column.astype(np.float64)), low, high)
                parts.append((((np.log1p(x) if name in self.logs_ else x) - mean) / scale)[:, None])
            else:
                text = np.array([str(value) for value in column])
                known = np.array(self._categories[name])
                parts.append((text[:, None] == known) / np.sqrt(2))  # two different categories are one apart
        return np.hstack(parts)

    def fit_transform(self, X: Mapping[str, Any]) -> Floats:
        """`fit`, then `transform`."""
        return self.fit(X).transform(X)

    def _scales(self, name: str, x: Floats) -> tuple[float, float, float, float, float]:
        known = x[np.isfinite(x)]
        if not len(known):
            raise BadInput(f"{name} has no value")
        low, high = (float(v) for v in np.quantile(known, [self.winsorise, 1 - self.winsorise]))
        cut = np.clip(known, low, high)
        spread = float(cut.std())
        if spread > 0 and low >= 0 and float(np.mean(((known - known.mean()) / known.std()) ** 3)) > self.skew:
            self.logs_.append(name)
            cut = np.log1p(cut)
        return float(np.median(known)), low, high, float(cut.mean()), float(cut.std()) or 1.0
