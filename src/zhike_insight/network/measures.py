"""Who is known by many (degree), on whom many depend (betweenness), whose neighbours matter (eigenvector, PageRank)."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import rustworkx as rx
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import eigsh
from threadpoolctl import threadpool_limits

from zhike_insight.network.communities import communities_of
from zhike_insight.network.graph import Floats, Graph, graph_of

EXACT = 3000  # up to so many people betweenness is exact by default
SOURCES = 128
CREDIT_STEPS = 20


def influence(
    edges: Any,
    *,
    directed: bool = False,
    betweenness: Literal["auto", "exact", "none"] | int = "auto",
    communities: bool = True,
    damping: float = 0.85,
    seed: int = 0,
) -> pa.Table:
    """Measures of influence for everybody in an edge list.

    Parameters
    ----------
    edges : Arrow table or mapping of columns
        `source`, `target`, optionally `weight` (strength of the relationship).
    directed : bool
        Whether edges count one way only.
    betweenness : {"auto", "exact", "none"} or int
        "auto": exact up to 3,000 people, else estimated from 128 sources; a number: estimated from so many.
    communities : bool
        Whether to look for groups (on the graph without direction).
    damping : float
        Of PageRank.
    seed : int
        For the choice of sources and the order in the search for groups.

    Returns
    -------
    Arrow table
        `person`; `degree` (neighbours; for directed graphs those who point here); `strength` (sum of the weights); `betweenness`
        (pairs whose shortest path runs here, not counting direction twice) and `betweenness_share` (over all pairs of others),
        paths counted in steps, null if not asked for; `eigenvector` (length 1); `pagerank` (sum 1); `community` (number, largest
        first; null if not asked for). Ordered by PageRank.

    Raises
    ------
    BadTable
        As for the edge list.

    Notes
    -----
    Freeman (1977) for betweenness, computed as by Brandes (2001), estimated as by Brandes & Pich (2007);
    Bonacich (1972); Page & al. (1999).

    Examples
    --------
    >>> influence({"source": ["a", "b", "c"], "target": ["b", "c", "d"]}).select(["person", "degree", "betweenness"]).to_pylist()[0]
    {'person': 'b', 'degree': 2, 'betweenness': 2.0}
    """
    graph = graph_of(edges, directed=directed)
    known_by = graph.weights.T.tocsr() if directed else graph.weights
    between = _betweenness(graph, betweenness, seed)
    pairs = (len(graph) - 1) * (len(graph) - 2) / (1 if directed else 2)
    table = pa.table(
        {
            "person": graph.people,
            "degree": np.diff(known_by.indptr).astype(np.int64),
            "strength": np.asarray(known_by.sum(axis=1)),
            "betweenness": pa.nulls(len(graph), pa.float64()) if between is None else between,
            "betweenness_share": pa.nulls(len(graph), pa.float64()) if between is None else between / max(pairs, 1),
            "eigenvector": eigenvector(known_by, symmetric=not directed),
            "pagerank": pagerank(graph.weights, damping),
            "community": communities_of(graph, seed) if communities else pa.nulls(len(graph), pa.int64()),
        }
    )
    return table.sort_by([("pagerank", "descending")])


def referral_credit(referrals: Any, values: Any, *, decay: float = 0.5) -> pa.Table:
    """Value of referred customers credited upward: who brought them, who brought those, each step worth less.

    Parameters
    ----------
    referrals : Arrow table or mapping of columns
        `source` (who recommended), `target` (who came).
    values : Arrow table or mapping of columns
        `person`, `value` (money); people without a row are worth zero.
    decay : float
        Part of the credit that goes on from one step to the next, from 0 to below 1.

    Returns
    -------
    Arrow table
        `person`, `referred` (directly), `credit` (money): the value of those referred directly, plus `decay` times that of those
        they referred, and so on for twenty steps; ordered by credit. If several recommended one customer, they share.

    Raises
    ------
    BadTable
        As for the edge list.
    ValueError
        `decay` is out of range.

    Notes
    -----
    Kumar, Petersen & Leone (2007), *Harvard Business Review* 85(10), for the value of referrals.

    Examples
    --------
    >>> brought = {"source": ["a", "b"], "target": ["b", "c"]}
    >>> found = referral_credit(brought, {"person": ["b", "c"], "value": [100.0, 40.0]})
    >>> dict(zip(found["person"].to_pylist(), found["credit"].to_pylist()))
    {'a': 120.0, 'b': 40.0, 'c': 0.0}
    """
    if not 0 <= decay < 1:
        raise ValueError(f"decay must be from 0 to below 1, not {decay}")
    graph = graph_of(referrals, directed=True)
    table = values if isinstance(values, pa.Table) else pa.table(dict(values))
    worth = dict(zip(table["person"].to_pylist(), table["value"].to_pylist(), strict=True))
    own = np.array([float(worth.get(person) or 0.0) for person in graph.people.to_pylist()])
    recommended = np.asarray(graph.weights.sum(axis=0)).ravel()
    shares = graph.weights @ diags_array(1 / np.where(recommended > 0, recommended, 1.0))
    credit, wave = np.zeros(len(graph)), own
    for _ in range(CREDIT_STEPS):
        wave = shares @ wave
        credit += wave
        wave = decay * wave
    found = pa.table({"person": graph.people, "referred": np.diff(graph.weights.indptr).astype(np.int64), "credit": credit})
    return found.sort_by([("credit", "descending")])


def pagerank(weights: csr_array, damping: float = 0.85) -> Floats:
    """Share of the time that somebody who follows edges, and starts anew now and then, spends at each."""
    size = weights.shape[0]
    if not size:
        return np.zeros(0)
    out = np.asarray(weights.sum(axis=1)).ravel()
    step = (diags_array(1 / np.where(out > 0, out, 1.0)) @ weights).T.tocsr()
    rank = np.full(size, 1 / max(size, 1))
    for _ in range(200):
        new = damping * (step @ rank + rank[out == 0].sum() / size) + (1 - damping) / size
        change = float(np.abs(new - rank).sum())
        rank = new
        if change < 1e-12:
            break
    return np.asarray(rank)


def eigenvector(known_by: csr_array, *, symmetric: bool) -> Floats:
    """Main eigenvector, length 1: each is as important as those who know him are together."""
    size = known_by.shape[0]
    vector = np.full(size, 1 / np.sqrt(max(size, 1)))
    if symmetric and size > 50 and known_by.nnz:
        with threadpool_limits(1, user_api="blas"):  # its dense products are too small for more
            _, found = eigsh(known_by, k=1, which="LA", v0=vector, tol=1e-9)
        return np.abs(np.asarray(found[:, 0], dtype=np.float64))
    for _ in range(1000):
        new = known_by @ vector + vector  # the shift keeps two-sided graphs from swinging
        new /= np.linalg.norm(new) or 1.0
        change = float(np.abs(new - vector).max(initial=0.0))
        vector = new
        if change < 1e-10:
            break
    return np.asarray(vector)


def _betweenness(graph: Graph, how: str | int, seed: int) -> Floats | None:
    if how == "none":
        return None
    if how == "exact" or (how == "auto" and len(graph) <= EXACT):
        return _exact_betweenness(graph)
    sources = SOURCES if how == "auto" else int(how)
    return _sampled_betweenness(graph, min(sources, len(graph)), np.random.default_rng(seed))


def _exact_betweenness(graph: Graph) -> Floats:
    edges = graph.weights.tocoo()
    pairs = list(zip(edges.coords[0].tolist(), edges.coords[1].tolist(), strict=True))
    if graph.directed:
        network: Any = rx.PyDiGraph(multigraph=False)
    else:
        network, pairs = rx.PyGraph(multigraph=False), [pair for pair in pairs if pair[0] < pair[1]]
    network.add_nodes_from(range(len(graph)))
    network.add_edges_from_no_data(pairs)
    found = rx.betweenness_centrality(network, normalized=False)
    return np.array([found[i] for i in range(len(graph))])


def _sampled_betweenness(graph: Graph, sources: int, rng: np.random.Generator) -> Floats:
    chosen = rng.choice(len(graph), size=sources, replace=False)
    total = np.zeros(len(graph))
    for source in chosen.tolist():
        total += _dependencies(graph.weights, source)
    return np.asarray(total * len(graph) / sources / (1 if graph.directed else 2))


def _dependencies(edges: csr_array, source: int) -> Floats:
    """Brandes' accumulation from one source. A step costs as much as it has edges, however many people there are: in graphs of
    relationships there are long chains."""
    seen, paths = np.zeros(edges.shape[0], dtype=bool), np.zeros(edges.shape[0])
    seen[source], paths[source] = True, 1.0
    front, steps = np.array([source]), []
    while len(front):
        starts = edges.indptr[front]
        counts = edges.indptr[front + 1] - starts
        tails = np.repeat(front, counts)
        heads = edges.indices[np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(len(tails))]
        tails, heads = tails[~seen[heads]], heads[~seen[heads]]
        np.add.at(paths, heads, paths[tails])
        front = np.unique(heads)
        seen[front] = True
        steps.append((tails, heads))
    depends = np.zeros(edges.shape[0])
    for tails, heads in reversed(steps):
        np.add.at(depends, tails, paths[tails] / paths[heads] * (1 + depends[heads]))
    depends[source] = 0.0
    return depends
