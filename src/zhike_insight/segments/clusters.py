"""K-means that takes millions, the number of clusters, their stability, and rules that describe them."""

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from zhike_insight.estimator import Estimator
from zhike_insight.lifetime.triples import BadInput
from zhike_insight.segments.prepare import Floats

CHUNK = 8192


class SampledSegments(Estimator):
    """Segments that are searched on a sample; then everybody is assigned, and they are numbered by size."""

    _takes_matrix = True
    k: int
    sample: int
    seed: int
    n_features_in_: int
    centres_: Floats
    labels_: Any

    def fit(self, X: Any, y: None = None) -> Self:
        """Find the segments.

        Parameters
        ----------
        X : array, shape (n, columns)
        y : None
            Not used; scikit-learn's pipelines give it.

        Raises
        ------
        BadInput
            Values are missing or infinite, or there are fewer different rows than segments.
        """
        from sklearn.exceptions import ConvergenceWarning

        X = _matrix(X, self.k)
        self.n_features_in_ = X.shape[1]
        some = _in_order(_sampled(X, self.sample, self.seed))
        with threadpool_limits(1), warnings.catch_warnings():  # threads that wait for each other cost several times what they save
            warnings.simplefilter("ignore", ConvergenceWarning)  # rows that differ in their last digits alone: a segment less
            self._learn(some)
        labels = self.predict(X)
        order = np.argsort(-np.bincount(labels, minlength=self.k), kind="stable")
        self.labels_ = np.argsort(order)[labels]
        self._arrange(order, X, some)
        return self

    @abstractmethod
    def _learn(self, some: Floats) -> None:
        """Search the segments, in any order."""

    @abstractmethod
    def _arrange(self, order: Any, X: Floats, some: Floats) -> None:
        """Number them in this order, and judge them."""

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """Number of the segment, shape (n,)."""


class KMeansSegments(SampledSegments):
    """K-means: fitted on a sample if there are very many rows, then everybody goes to the nearest centre.

    Parameters
    ----------
    k : int
        Number of segments.
    sample : int
        Most rows for the search of the centres.
    starts : int
        The best of so many starts is kept.
    seed : int

    Attributes
    ----------
    centres_ : array, shape (k, columns)
    labels_ : array of int, shape (n,)
        The largest segment is 0.
    inertia_ : float
        Sum of squared distances of all rows to their centre.

    Notes
    -----
    Lloyd (1982), with the starts of Arthur & Vassilvitskii (2007), as scikit-learn does it.

    Examples
    --------
    >>> X = np.concatenate([np.random.default_rng(0).normal(at, 0.3, (60 - 10 * at, 2)) for at in (0, 3)])
    >>> found = KMeansSegments(2).fit(X)
    >>> (found.centres_.round(0) + 0).tolist(), np.bincount(found.labels_).tolist()
    ([[0.0, 0.0], [3.0, 3.0]], [60, 30])
    """

    def __init__(self, k: int = 5, *, sample: int = 50_000, starts: int = 10, seed: int = 0) -> None:
        self.k, self.sample, self.starts, self.seed = k, sample, starts, seed

    inertia_: float

    def _learn(self, some: Floats) -> None:
        from sklearn.cluster import KMeans

        self.centres_ = KMeans(self.k, n_init=self.starts, random_state=self.seed).fit(some).cluster_centers_.astype(np.float64)

    def _arrange(self, order: Any, X: Floats, some: Floats) -> None:
        self.centres_ = self.centres_[order]
        self.inertia_ = float(_squares(X, self.centres_, self.labels_).sum())

    def predict(self, X: Any) -> Any:
        """Number of the nearest centre, shape (n,)."""
        return _nearest(_asked(self, X), self.centres_)


@dataclass(frozen=True)
class Choice:
    """Result of `choose_k`: the number recommended, why, and the criteria for every number tried."""

    k: int
    reason: str
    criteria: list[dict[str, float]]


TECHNIQUES = ("kmeans", "mixture")
NUMBERS = {4: "four", 5: "five"}


def choose_k(
    X: Any, ks: Sequence[int] = range(2, 9), *, technique: str = "kmeans", sample: int = 5000, resamples: int = 5, seed: int = 0
) -> Choice:
    """Judge numbers of clusters by several criteria.

    Parameters
    ----------
    X : array, shape (n, columns)
    ks : sequence of int
        Numbers to try, from 2.
    technique : {"kmeans", "mixture"}
    sample : int
        Most rows for the criteria.
    resamples : int
        For the stability.
    seed : int

    Returns
    -------
    Choice
        `criteria` has for each k: "k", "inertia" (of K-means) or "bic" (of the mixture, Schwarz 1978), "silhouette"
        (Rousseeuw 1987), "calinski_harabasz" (1974), "davies_bouldin"
        (1979, low is good), "stability" (see `stability`). Recommended is the k with the best mean rank over silhouette,
        Calinski–Harabasz, Davies–Bouldin and stability, and of a mixture BIC; of equals the smallest.

    Raises
    ------
    BadInput
        As for `KMeansSegments.fit`.
    ValueError
        The technique is unknown.

    Examples
    --------
    >>> X = np.concatenate([np.random.default_rng(0).normal(at, 0.3, (60, 2)) for at in (0, 3, 6)])
    >>> choose_k(X, range(2, 5), resamples=2).k
    3
    """
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

    X = _matrix(X, max(ks))
    some = _in_order(_sampled(X, sample, seed))
    rows: list[dict[str, float]] = []
    for k in ks:
        if k >= len(some):
            raise BadInput(f"there are fewer different customers than {k} segments can be judged by")
        model = _technique(technique, k, seed).fit(some)
        whole = {"inertia": model.inertia_} if technique == "kmeans" else {"bic": model.bic_}
        if len(np.unique(model.labels_)) < 2:
            continue  # a mixture may leave all but one empty
        rows.append(
            {
                "k": k,
                **whole,
                "silhouette": float(silhouette_score(some, model.labels_)),
                "calinski_harabasz": float(calinski_harabasz_score(some, model.labels_)),
                "davies_bouldin": float(davies_bouldin_score(some, model.labels_)),
                "stability": stability(some, k, technique=technique, resamples=resamples, seed=seed),
            }
        )
    if not rows:
        raise BadInput("the customers form one segment only")
    better = {"bic": -1} if technique == "mixture" else {}
    better |= {"silhouette": 1, "calinski_harabasz": 1, "davies_bouldin": -1, "stability": 1}
    ranks = np.array([rankdata([-sign * row[name] for row in rows], method="min") - 1 for name, sign in better.items()])
    best = int(np.argmin(ranks.mean(axis=0)))
    first = [name for name, rank in zip(better, ranks[:, best], strict=True) if rank == 0]
    reason = (
        f"best mean rank of {NUMBERS[len(better)]} criteria; first in {', '.join(first)}"
        if first
        else f"best mean rank of {NUMBERS[len(better)]} criteria, first in none"
    )
    return Choice(int(rows[best]["k"]), reason, rows)


def stability(X: Any, k: int, *, technique: str = "kmeans", resamples: int = 10, seed: int = 0) -> float:
    """Do the same segments come again from other samples of the same customers?

    Parameters
    ----------
    X : array, shape (n, columns)
    k : int
        Segments.
    technique : {"kmeans", "mixture"}
    resamples : int
    seed : int

    Returns
    -------
    float
        Mean adjusted Rand index between the segments of all rows and those found on bootstrap samples: 1 always the same, 0 chance;
        below .6 do not build on them. Hennig (2007).

    Raises
    ------
    BadInput
        As for `KMeansSegments.fit`.
    ValueError
        The technique is unknown.

    Examples
    --------
    >>> X = np.concatenate([np.random.default_rng(0).normal(at, 0.3, (60, 2)) for at in (0, 3, 6)])
    >>> stability(X, 3, resamples=3) > 0.95
    True
    """
    from sklearn.metrics import adjusted_rand_score

    X = _in_order(_matrix(X, k))
    rng = np.random.default_rng(seed)
    base = _technique(technique, k, seed, starts=3).fit(X).labels_
    scores = []
    for i in range(resamples):
        rows = rng.integers(0, len(X), len(X))
        scores.append(adjusted_rand_score(base, _technique(technique, k, seed + i + 1, starts=3).fit(X[rows]).predict(X)))
    return float(np.mean(scores))


def _technique(name: str, k: int, seed: int, starts: int | None = None) -> Any:
    from zhike_insight.segments.mixture import MixtureSegments

    if name not in TECHNIQUES:
        raise ValueError(f"technique must be {' or '.join(TECHNIQUES)}, not {name!r}")
    if name == "mixture":
        return MixtureSegments(k, seed=seed)
    return KMeansSegments(k, seed=seed) if starts is None else KMeansSegments(k, seed=seed, starts=starts)


@dataclass(frozen=True)
class Rule:
    """How to recognise a segment: conditions on features, the share of those meeting them who belong (precision), and of the
    segment who meet them (recall)."""

    segment: int
    conditions: tuple[str, ...]
    precision: float
    recall: float


def describe(X: Any, labels: Any, names: Sequence[str], *, depth: int = 3) -> list[Rule]:
    """A short rule for each segment, from a shallow decision tree.

    Parameters
    ----------
    X : array, shape (n, len(names))
        In units that people read (not the prepared matrix).
    labels : array of int, shape (n,)
    names : sequence of str
        Of the columns.
    depth : int
        Most conditions in a rule.

    Returns
    -------
    list of Rule
        One for each segment that wins a leaf of the tree: the leaf with the highest F1; ordered by segment.

    Raises
    ------
    BadInput
        There is no row, a row without a label, a column without a name, or a value that is infinite (a missing one is a side of
        the tree).

    Notes
    -----
    Breiman & al. (1984), *Classification and Regression Trees*; van Rijsbergen (1979) for F1.

    Examples
    --------
    >>> X = np.array([[1.0, 30], [2, 40], [9, 35], [8, 30]] * 10)
    >>> rules = describe(X, np.array([0, 0, 1, 1] * 10), ["orders", "days"])
    >>> [(rule.segment, rule.conditions, rule.precision) for rule in rules]
    [(0, ('orders ≤ 5',), 1.0), (1, ('orders > 5',), 1.0)]
    """
    from sklearn.tree import DecisionTreeClassifier

    X, y = np.asarray(X, dtype=np.float64), np.asarray(labels)
    if X.ndim != 2 or not len(X) or len(X) != len(y) or np.isinf(X).any():
        raise BadInput("X must be a matrix without infinite numbers, with a label for each of its rows")
    if len(names) != X.shape[1]:
        raise BadInput(f"names must be one for each of the {X.shape[1]} columns, not {len(names)}")
    grown = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=max(1, len(y) // 200), random_state=0).fit(X, y)
    tree, leaves = grown.tree_, grown.apply(X)
    best: dict[int, tuple[float, Rule]] = {}
    for leaf, path in _paths(tree, names):
        inside = leaves == leaf
        for segment in np.unique(y):
            hits = float((inside & (y == segment)).sum())
            precision, recall = hits / inside.sum(), hits / (y == segment).sum()
            f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
            if precision >= 0.5 and f1 > best.get(int(segment), (0.0, None))[0]:
                best[int(segment)] = (f1, Rule(int(segment), path, float(precision), float(recall)))
    return [best[segment][1] for segment in sorted(best)]


def _paths(tree: Any, names: Sequence[str], node: int = 0, path: tuple[str, ...] = ()) -> list[tuple[int, tuple[str, ...]]]:
    if tree.children_left[node] < 0:
        return [(node, path)]
    name, cut = names[tree.feature[node]], tree.threshold[node]
    left = _paths(tree, names, tree.children_left[node], (*path, f"{name} ≤ {cut:g}"))
    return left + _paths(tree, names, tree.children_right[node], (*path, f"{name} > {cut:g}"))


def _matrix(values: Any, k: int) -> Floats:
    X = _finite(values)
    if not X.shape[1]:
        raise BadInput(f"0 feature(s) (shape={X.shape}) while a minimum of 1 is required.")
    if k < 1 or len(X) < k or (len(X) < 10_000 and len(np.unique(X, axis=0)) < k):
        raise BadInput(f"there are fewer different customers than the {k} segments asked for: n_samples = {len(X)}")
    return X


def _finite(values: Any) -> Floats:
    if issparse(values):
        raise BadInput("sparse data was passed, but dense data is required; use toarray()")
    if np.iscomplexobj(values):
        raise BadInput("Complex data not supported")
    X: Floats = np.asarray(values, dtype=np.float64)
    if X.ndim != 2:
        raise BadInput(f"Expected 2D array, got one of {X.ndim}; Reshape your data or prepare it with Preparation")
    if not np.isfinite(X).all():
        raise BadInput("X holds NaN or inf: it must be a matrix of finite numbers; prepare it with Preparation")
    return X


def _asked(model: Any, values: Any) -> Floats:
    """What a fitted model is asked about; as many columns as it has learned."""
    known, X = model.n_features_in_, _finite(values)
    if X.shape[1] != known:
        raise BadInput(f"X has {X.shape[1]} features, but {type(model).__name__} is expecting {known} features as input")
    return X


def _sampled(X: Floats, most: int, seed: int) -> Floats:
    return X if len(X) <= most else X[np.random.default_rng(seed).choice(len(X), most, replace=False)]


def _in_order(X: Floats) -> Floats:
    """Rows by their values: where the search begins is drawn by place, and must not hang on who stands first in the table."""
    return X[np.lexsort(X.T)]


def _nearest(X: Floats, centres: Floats) -> Any:
    from sklearn.metrics import pairwise_distances_argmin

    return pairwise_distances_argmin(X, centres)


def _squares(X: Floats, centres: Floats, labels: Any) -> Floats:
    """Squared distance of every row to its centre."""
    found = np.empty(len(X))
    for at in range(0, len(X), CHUNK):
        apart = X[at : at + CHUNK] - centres[labels[at : at + CHUNK]]
        found[at : at + CHUNK] = np.einsum("ij,ij->i", apart, apart)
    return found
