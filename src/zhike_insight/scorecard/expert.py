"""Weights of a card for a company that has no history yet: what experts judge, and whether they contradict themselves."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike_insight.lifetime.triples import BadInput

_RANDOM = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)  # mean index of random judgements, by size (Saaty 1980)


@dataclass(frozen=True)
class ExpertWeights:
    """Weights from pairwise judgements.

    Attributes
    ----------
    weights : array, shape (k,)
        Add up to 1.
    consistency_ratio : float
        0: no contradiction; above .1 the judgements should be revised.
    worst : (int, int)
        The pair whose judgement contradicts the others most: where to begin.
    """

    weights: Any
    consistency_ratio: float
    worst: tuple[int, int]


def expert_weights(comparisons: Any) -> ExpertWeights:
    """Weights of characteristics from how much more important experts hold one than another.

    Parameters
    ----------
    comparisons : array, shape (k, k), 2 ≤ k ≤ 10
        Row over column: 1 equal, 3 somewhat, 5 clearly, 7 much, 9 extremely more important; below 1 the other way round. Of several
        experts the geometric mean.

    Returns
    -------
    ExpertWeights
        `weights` add up to 1; a `consistency_ratio` above .1 says that the judgements contradict each other.

    Raises
    ------
    BadInput
        The table is not square, of another size, has a value that is not positive, or [i, j] is not 1 / [j, i].

    Notes
    -----
    Analytic hierarchy process: principal eigenvector; ratio (λ − k) / (k − 1) over that of random judgements. Saaty (1980).

    Examples
    --------
    >>> found = expert_weights([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    >>> found.weights.round(3).tolist(), round(found.consistency_ratio, 3)
    ([0.637, 0.258, 0.105], 0.033)
    """
    table = np.asarray(comparisons, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not 2 <= len(table) < len(_RANDOM):
        raise BadInput(f"the comparisons must be a square table of 2 to {len(_RANDOM) - 1}, not {table.shape}")
    if not (np.isfinite(table).all() and (table > 0).all() and np.allclose(table * table.T, 1, rtol=0.02)):
        raise BadInput("every comparison must be positive, and the opposite one its inverse")
    values, vectors = np.linalg.eig(table)
    at = int(np.argmax(values.real))
    weights = np.abs(vectors[:, at].real)
    weights /= weights.sum()
    k = len(table)
    index = max(float(values[at].real) - k, 0.0) / (k - 1)
    off = np.abs(np.log(table * weights[None, :] / weights[:, None]))
    i, j = divmod(int(np.argmax(np.triu(off, 1))), k)
    return ExpertWeights(weights, index / _RANDOM[k] if _RANDOM[k] else 0.0, (i, j))
