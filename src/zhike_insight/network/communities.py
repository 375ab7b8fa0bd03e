"""Groups that hold together more than chance would have it: Louvain's method on modularity."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from zhike_insight.network.graph import Graph

SMALL = 2000  # up to so many people the search is repeated from several orders
REPEATS = 20


def communities_of(graph: Graph, seed: int = 0) -> Any:
    """Number of the group of each person, the largest group first.

    Notes
    -----
    Blondel & al. (2008), "Fast unfolding of communities in large networks". For small graphs the best of twenty orders is taken.
    """
    weights = (graph.weights + graph.weights.T).tocsr() if graph.directed else graph.weights
    if not weights.nnz:
        return np.arange(len(graph), dtype=np.int64)
    rng = np.random.default_rng(seed)
    tries = REPEATS if len(graph) <= SMALL else 1
    found = [_louvain(weights, rng) for _ in range(tries)]
    best = max(found, key=lambda groups: modularity(weights, groups))
    _, place, count = np.unique(best, return_inverse=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    rank = np.empty(len(count), dtype=np.int64)
    rank[order] = np.arange(len(count))
    return rank[place]


def modularity(weights: csr_array, groups: Any) -> float:
    """Part of the weight inside the groups, less what chance would put there (Newman & Girvan 2004)."""
    edges = weights.tocoo()
    total = float(edges.data.sum())
    inside = float(edges.data[groups[edges.coords[0]] == groups[edges.coords[1]]].sum())
    strength = np.asarray(weights.sum(axis=1)).ravel()
    share = np.bincount(groups, strength) / total
    return inside / total - float(share @ share)


def _louvain(weights: csr_array, rng: np.random.Generator) -> Any:
    groups: Any = np.arange(weights.shape[0])
    while True:
        moved: Any = np.unique(_move(weights, rng), return_inverse=True)[1]
        groups = moved[groups]
        size = int(moved.max()) + 1
        if size == weights.shape[0]:
            return groups
        edges = weights.tocoo()
        weights = csr_array((edges.data, (moved[edges.coords[0]], moved[edges.coords[1]])), shape=(size, size))
        weights.sum_duplicates()


def _move(weights: csr_array, rng: np.random.Generator) -> Any:
    """Each in turn joins the neighbouring group that gains most, until nobody moves."""
    strength: Any = np.asarray(weights.sum(axis=1)).ravel()
    total = float(strength.sum())
    group = list(range(weights.shape[0]))
    held = strength.tolist()
    own = strength.tolist()
    starts, ends, values = weights.indptr.tolist(), weights.indices.tolist(), weights.data.tolist()
    waiting = rng.permutation(weights.shape[0]).tolist()
    while waiting:
        again = []
        for node in waiting:
            links: dict[int, float] = {}
            for k in range(starts[node], starts[node + 1]):
                if ends[k] != node:
                    links[group[ends[k]]] = links.get(group[ends[k]], 0.0) + values[k]
            here = group[node]
            held[here] -= own[node]
            best, gain = here, links.get(here, 0.0) - own[node] * held[here] / total
            for there, weight in links.items():
                candidate = weight - own[node] * held[there] / total
                if candidate > gain + 1e-12:
                    best, gain = there, candidate
            held[best] += own[node]
            if best != here:
                group[node] = best
                again += [ends[k] for k in range(starts[node], starts[node + 1]) if group[ends[k]] != best]
        waiting = list(dict.fromkeys(again))
    return np.array(group)
