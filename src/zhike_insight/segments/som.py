"""Self-organising map: customers on a grid where neighbours are alike."""

from typing import Any, Self

import numpy as np

from zhike_insight.estimator import Estimator
from zhike_insight.segments.clusters import _asked, _matrix, _nearest, _sampled, _squares
from zhike_insight.segments.prepare import Floats


class SelfOrganisingMap(Estimator):
    """Batch self-organising map on a rectangular grid.

    Parameters
    ----------
    rows, columns : int
        Size of the grid.
    epochs : int
        Passes over the data; the neighbourhood shrinks from half the grid to .4 of a cell.
    sample : int
        Most rows to learn from.
    seed : int
        For the choice of the sample; the start lies along the two main directions of the data and needs no chance.

    Attributes
    ----------
    codebook_ : array, shape (rows · columns, features)
    quantisation_error_ : float
        Mean distance of a row to its cell.
    topographic_error_ : float
        Share of rows whose two nearest cells are not neighbours.

    Notes
    -----
    Kohonen (2001), *Self-Organizing Maps*, the batch algorithm: the result does not depend on the order of the rows.

    Examples
    --------
    >>> X = np.concatenate([np.random.default_rng(0).normal(at, 0.3, (60 - 10 * at, 2)) for at in (0, 3)])
    >>> found = SelfOrganisingMap(2, 1, epochs=5).fit(X)
    >>> len(set(found.predict([[0.0, 0.0], [3.0, 3.0]]).tolist())), found.topographic_error_
    (2, 0.0)
    """

    def __init__(self, rows: int = 10, columns: int = 10, *, epochs: int = 20, sample: int = 100_000, seed: int = 0) -> None:
        self.rows, self.columns, self.epochs, self.sample, self.seed = rows, columns, epochs, sample, seed

    _takes_matrix = True
    n_features_in_: int
    codebook_: Floats
    quantisation_error_: float
    topographic_error_: float

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn the map.

        Parameters
        ----------
        X : array, shape (n, features)
        y : None
            Not used; scikit-learn's pipelines give it.

        Raises
        ------
        BadInput
            Values are missing or infinite.
        """
        X = _matrix(X, 1)
        self.n_features_in_ = X.shape[1]
        some = _sampled(X, self.sample, self.seed)
        grid = np.array([(i, j) for i in range(self.rows) for j in range(self.columns)], dtype=np.float64)
        apart = ((grid[:, None] - grid) ** 2).sum(axis=2)
        book = self._start(some, grid)
        for width in np.geomspace(max(self.rows, self.columns) / 2, 0.4, self.epochs):
            place = _nearest(some, book)
            count = np.bincount(place, minlength=len(grid)).astype(np.float64)
            sums = np.zeros_like(book)
            np.add.at(sums, place, some)
            pull = np.exp(-apart / (2 * width**2))
            weight = pull @ count
            moved = weight > 1e-12
            book[moved] = (pull @ sums)[moved] / weight[moved, None]
        self.codebook_ = book
        place = _nearest(some, book)
        self.quantisation_error_ = float(np.sqrt(_squares(some, book, place)).mean())
        self.topographic_error_ = self._torn(some, place, apart)
        return self

    def predict(self, X: Any) -> Any:
        """Number of the nearest cell, row by row, shape (n,)."""
        return _nearest(_asked(self, X), self.codebook_)

    def _start(self, X: Floats, grid: Floats) -> Floats:
        centre = X.mean(axis=0)
        _, spread, directions = np.linalg.svd(X - centre, full_matrices=False)
        largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
        directions = directions * np.sign(largest)  # else their signs depend on the order of the rows
        scale = spread[:2] / np.sqrt(len(X))
        units = 2 * grid / np.maximum(np.array([self.rows, self.columns]) - 1, 1) - 1
        return np.asarray(centre + (units[:, : len(scale)] * scale) @ directions[: len(scale)])

    def _torn(self, X: Floats, place: Any, apart: Floats) -> float:
        book = self.codebook_
        torn = 0.0
        for at in range(0, len(X), 10_000):
            part = X[at : at + 10_000]
            scores = (book**2).sum(axis=1) - 2 * part @ book.T
            first = place[at : at + 10_000]
            scores[np.arange(len(part)), first] = np.inf
            torn += float((apart[first, scores.argmin(axis=1)] > 2).sum())
        return torn / len(X)
