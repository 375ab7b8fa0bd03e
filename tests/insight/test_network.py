"""Influence against three libraries' figures for the karate club and the families of Florence."""

import networkx as nx
import numpy as np
import pytest

import zhike_insight as zi


def edges_of(graph, shift=0):
    return {
        "source": [a + shift if shift else a for a, _ in graph.edges],
        "target": [b + shift if shift else b for _, b in graph.edges],
    }


@pytest.fixture(scope="module")
def karate():
    return {row["person"]: row for row in zi.influence(edges_of(nx.karate_club_graph(), 1)).to_pylist()}


@pytest.mark.parametrize(
    ("person", "degree", "betweenness", "share", "eigenvector", "pagerank"),
    [
        (34, 17, 160.5516, 0.304075, 0.373363, 0.100919),
        (1, 16, 231.0714, 0.437635, 0.355491, 0.096997),
        (33, 12, 76.6905, None, 0.308644, 0.071693),
        (3, 10, 75.8508, None, 0.317193, 0.057079),
    ],
)
def test_karate_club(karate, person, degree, betweenness, share, eigenvector, pagerank):
    row = karate[person]
    assert row["degree"] == degree
    assert row["betweenness"] == pytest.approx(betweenness, abs=5e-5)
    assert share is None or row["betweenness_share"] == pytest.approx(share, abs=5e-7)
    assert row["eigenvector"] == pytest.approx(eigenvector, abs=5e-7)
    assert row["pagerank"] == pytest.approx(pagerank, abs=5e-7)


def test_karate_communities_are_the_best_known(karate):
    graph = nx.karate_club_graph()
    groups = {}
    for person, row in karate.items():
        groups.setdefault(row["community"], set()).add(person - 1)
    assert nx.community.modularity(graph, groups.values(), weight=None) == pytest.approx(0.41979, abs=5e-6)
    sizes = [len(groups[i]) for i in range(len(groups))]
    assert sizes == sorted(sizes, reverse=True)


def test_families_of_florence():
    rows = zi.influence(edges_of(nx.florentine_families_graph())).to_pylist()
    share = {row["person"]: row["betweenness_share"] for row in rows}
    published = {
        "Medici": 0.522,
        "Guadagni": 0.255,
        "Albizzi": 0.212,
        "Salviati": 0.143,
        "Ridolfi": 0.114,
        "Bischeri": 0.104,
        "Strozzi": 0.103,
    }
    assert {name: share[name] for name in published} == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize("directed", [False, True])
def test_an_independent_implementation_agrees(directed):
    graph = nx.gnp_random_graph(60, 0.07, seed=5, directed=directed)
    for i, (a, b) in enumerate(graph.edges):
        graph[a][b]["weight"] = 1 + i % 4
    edges = {**edges_of(graph), "weight": [float(d["weight"]) for *_, d in graph.edges(data=True)]}
    rows = {row["person"]: row for row in zi.influence(edges, directed=directed, communities=False).to_pylist()}
    graph = graph.subgraph(rows).copy()
    between = nx.betweenness_centrality(graph, normalized=False)
    rank = nx.pagerank(graph, tol=1e-12, max_iter=1000)
    for person, row in rows.items():
        assert row["betweenness"] == pytest.approx(between[person], abs=1e-6)
        assert row["pagerank"] == pytest.approx(rank[person], abs=1e-7)
        assert row["degree"] == (graph.in_degree(person) if directed else graph.degree(person))


def test_sampling_every_source_is_exact_and_some_are_near():
    edges = edges_of(nx.barabasi_albert_graph(150, 2, seed=1))
    exact = zi.influence(edges, betweenness="exact", communities=False).sort_by("person")["betweenness"].to_numpy()
    every = zi.influence(edges, betweenness=150, communities=False).sort_by("person")["betweenness"].to_numpy()
    some = zi.influence(edges, betweenness=75, communities=False).sort_by("person")["betweenness"].to_numpy()
    assert every == pytest.approx(exact)
    assert np.corrcoef(some, exact)[0, 1] > 0.95


def test_names_do_not_matter():
    graph = nx.karate_club_graph()
    names = {node: f"客户{(node * 7) % 34}" for node in graph}
    renamed = {"source": [names[a] for a, _ in graph.edges], "target": [names[b] for _, b in graph.edges]}
    plain = {row["person"]: row for row in zi.influence(edges_of(graph)).to_pylist()}
    for row in zi.influence(renamed).to_pylist():
        original = plain[next(node for node, name in names.items() if name == row["person"])]
        assert row["betweenness"] == pytest.approx(original["betweenness"])
        assert row["pagerank"] == pytest.approx(original["pagerank"])


def test_loops_are_dropped_and_repeated_edges_added():
    rows = {row["person"]: row for row in zi.influence({"source": ["a", "a", "a"], "target": ["a", "b", "b"]}).to_pylist()}
    assert (rows["a"]["degree"], rows["a"]["strength"]) == (1, 2.0)


def test_referrals_are_credited_upward_with_decay():
    credit = zi.referral_credit(
        {"source": ["a", "b", "x", "y"], "target": ["b", "c", "d", "d"]}, {"person": ["b", "c", "d"], "value": [100.0, 60.0, 10.0]}
    )
    found = {row["person"]: (row["referred"], row["credit"]) for row in credit.to_pylist()}
    assert found == {"a": (1, 130.0), "b": (1, 60.0), "x": (1, 5.0), "y": (1, 5.0), "c": (0, 0.0), "d": (0, 0.0)}
    with pytest.raises(ValueError, match="decay"):
        zi.referral_credit({"source": ["a"], "target": ["b"]}, {"person": ["b"], "value": [1.0]}, decay=1)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ({"source": [1]}, "'target' is missing"),
        ({"source": [1, None], "target": [2, 3]}, "row 1: source is missing"),
        ({"source": [1], "target": [2], "weight": [0.0]}, "row 0: weight"),
    ],
)
def test_wrong_edges_are_named(edges, message):
    with pytest.raises(zi.BadTable, match=message):
        zi.influence(edges)
