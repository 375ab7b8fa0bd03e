"""From features to segments by the method asked for."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import zhike_insight as zi
from zhike.value.analyses.segments.kind import GRID, Options
from zhike.value.journal import Progress

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
JUDGED = 2000  # customers that the numbers of segments are judged on
TRIED = range(2, 9)
BETTER = {"silhouette": 1, "calinski_harabasz": 1, "davies_bouldin": -1, "stability": 1}


@dataclass
class Clustered:
    """`names`: the features; `columns`: of the matrices, where a category has one for each of its values. `matrix` is in standard
    units, `readable` in those of the features,
    `known` likewise, but not a number where nothing is known. `second`: the next nearest segment."""

    names: list[str]
    columns: list[str]
    logs: list[str]
    matrix: Floats
    readable: Floats
    known: Floats
    labels: Labels
    second: Labels
    clearness: Floats
    k: int
    criteria: list[dict[str, float]]
    first_in: list[str]
    stability: float
    cells: list[tuple[int, int]] = field(default_factory=list)  # of the map: customers, segment (-1: nobody)

    def map_of(self, codes: list[str]) -> list[list[Any]]:
        """Cells of the self-organising map, row by row: customers and the code of their segment."""
        return [[count, codes[segment] if segment >= 0 else None] for count, segment in self.cells]


def cluster(given: dict[str, Any], options: Options, progress: Progress) -> Clustered:
    preparation = zi.Preparation()
    matrix = preparation.fit_transform(given)
    technique = "mixture" if options.method == "mixture" else "kmeans"
    if options.segments:
        k, criteria, first = options.segments, [], []
    else:
        choice = zi.choose_k(matrix, TRIED, technique=technique, sample=JUDGED, resamples=3)
        k, criteria = choice.k, choice.criteria
        first = [name for name, sign in BETTER.items() if _best(criteria, name, sign) == k]
    progress(3, 4)
    labels, cells = _labels(matrix, k, options.method)
    centres = np.array([matrix[labels == one].mean(axis=0) for one in range(k)])
    second, clearness = _next(matrix, centres, labels)
    judged = next((row["stability"] for row in criteria if row["k"] == k), None)
    steady = judged if judged is not None else zi.stability(_some(matrix), k, technique=technique, resamples=3)
    progress(4, 4)
    known = _known(given, preparation.columns_)
    readable = np.where(np.isfinite(known), known, np.nanmedian(known, axis=0))
    return Clustered(
        list(given), preparation.columns_, preparation.logs_, matrix, readable, known, labels, second, clearness, k,
        criteria, first, round(float(steady), 4), cells,
    )  # fmt: skip


def _labels(matrix: Floats, k: int, method: str) -> tuple[Labels, list[tuple[int, int]]]:
    """The largest segment is 0."""
    cells: list[tuple[int, int]] = []
    if method == "mixture":
        labels = zi.MixtureSegments(k, starts=2).fit(matrix).labels_
    elif method == "map":
        learned = zi.SelfOrganisingMap(GRID, GRID).fit(matrix)
        places = learned.predict(matrix)
        filled = np.unique(places)
        of_cell = np.full(GRID * GRID, -1)
        of_cell[filled] = zi.KMeansSegments(k).fit(learned.codebook_[filled]).labels_
        labels = of_cell[places]
        counts = np.bincount(places, minlength=GRID * GRID)
        cells = list(zip(counts.tolist(), of_cell.tolist(), strict=True))
    else:
        labels = zi.KMeansSegments(k).fit(matrix).labels_
    return _by_size(labels, cells)


def _by_size(labels: Any, cells: list[tuple[int, int]]) -> tuple[Labels, list[tuple[int, int]]]:
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2:
        raise zi.BadInput("the customers form one segment only")
    order = {int(name): at for at, name in enumerate(names[np.argsort(-counts, kind="stable")])}
    place = np.array([order.get(name, 0) for name in range(int(names.max()) + 1)])
    return place[labels].astype(np.int64), [(count, order.get(segment, -1)) for count, segment in cells]


def _next(matrix: Floats, centres: Floats, labels: Labels) -> tuple[Labels, Floats]:
    """The nearest centre of another segment, and how much nearer the own one is: the simplified silhouette, 0 at the least."""
    distances = (
        np.sqrt(((matrix[:, None, :] - centres[None]) ** 2).sum(axis=2)) if len(matrix) < 20_000 else _distances(matrix, centres)
    )
    own = distances[np.arange(len(matrix)), labels].copy()
    distances[np.arange(len(matrix)), labels] = np.inf
    second = distances.argmin(axis=1)
    other = distances[np.arange(len(matrix)), second]
    farther = np.maximum(np.maximum(own, other), 1e-12)
    return second.astype(np.int64), np.clip((other - own) / farther, 0.0, 1.0)


def _distances(matrix: Floats, centres: Floats) -> Floats:
    squares = (matrix**2).sum(axis=1)[:, None] - 2 * matrix @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def _best(criteria: list[dict[str, float]], name: str, sign: int) -> int:
    return int(max(criteria, key=lambda row: sign * row[name])["k"])


def _some(matrix: Floats) -> Floats:
    return matrix if len(matrix) <= JUDGED else matrix[np.random.default_rng(0).choice(len(matrix), JUDGED, replace=False)]


def _known(given: dict[str, Any], columns: list[str]) -> Floats:
    """Numbers as they are; a category's value as 1 or 0."""
    parts = []
    for column in columns:
        if column in given:
            values = given[column].astype(np.float64)
            parts.append(np.where(np.isfinite(values), values, np.nan))
        else:
            name, _equals, value = column.partition("=")
            parts.append((given[name] == value).astype(np.float64))
    return np.column_stack(parts)
