"""Mixtures beside K-means, and the tests that segments must pass."""

import numpy as np
import pytest

import zhike_insight as zi


@pytest.fixture(scope="module")
def slanted():
    """Two long segments side by side, which K-means cuts across."""
    rng = np.random.default_rng(0)
    long = rng.normal(size=(120, 2)) * [3, 0.3]
    truth = np.repeat([0, 1], 60)
    long[:, 1] += np.where(truth, -1.5, 1.5)
    return long, truth


def agreement(labels, truth):
    return max(np.mean(labels == truth), np.mean(labels != truth))


def test_a_mixture_finds_what_k_means_cuts(slanted):
    X, truth = slanted
    assert agreement(zi.MixtureSegments(2).fit(X).labels_, truth) > 0.97
    assert agreement(zi.KMeansSegments(2).fit(X).labels_, truth) < 0.7


def test_probabilities_add_up_and_the_largest_segment_comes_first(slanted):
    X, _ = slanted
    model = zi.MixtureSegments(3).fit(X)
    p = model.predict_probability(X)
    assert p.shape == (120, 3)
    assert p.sum(axis=1) == pytest.approx(1)
    assert (model.predict(X) == model.labels_).all()
    assert (np.diff(np.bincount(model.labels_)) <= 0).all()


def test_the_number_of_segments_is_chosen_for_a_mixture_too(slanted):
    choice = zi.choose_k(slanted[0], range(2, 4), technique="mixture", resamples=1)
    assert choice.k == 2
    assert set(choice.criteria[0]) == {"k", "bic", "silhouette", "calinski_harabasz", "davies_bouldin", "stability"}
    assert "five criteria" in choice.reason
    with pytest.raises(ValueError, match="technique"):
        zi.choose_k(slanted[0], technique="magic")


@pytest.mark.parametrize("matrix", [np.ones((5, 2)), np.full((5, 2), np.nan), np.empty((0, 2))])
def test_a_mixture_of_nothing_is_refused(matrix):
    with pytest.raises(zi.BadInput):
        zi.MixtureSegments(2).fit(matrix)


def test_a_segment_is_judged_by_every_figure_that_is_given():
    labels = np.repeat([0, 1, 2], [60, 39, 1])
    goal = np.where(labels == 1, 10.0, 0.0) + np.random.default_rng(0).normal(size=100)
    reachable, profit = (labels == 0).astype(float), np.where(labels == 2, -5.0, 5.0)
    rules = [zi.Rule(0, ("spend > 3",), 0.9, 0.8), zi.Rule(1, ("spend ≤ 3",), 0.55, 0.5)]
    table = zi.segment_tests(labels, goal=goal, rules=rules, reachable=reachable, profit=profit, stability=0.7)
    found = {(row["segment"], row["test"]): row for row in table.to_pylist()}
    assert len(found) == 3 * 6
    assert found[1, "relevant"]["passed"]
    assert found[0, "described"]["figure"] == pytest.approx(2 * 0.72 / 1.7)
    assert not found[1, "described"]["passed"]
    assert not found[2, "large"]["passed"]
    assert [found[i, "reachable"]["passed"] for i in range(3)] == [True, False, False]
    assert [found[i, "profitable"]["passed"] for i in range(3)] == [True, True, False]
    assert all(found[i, "stable"]["passed"] for i in range(3))
    assert found[2, "relevant"]["figure"] == 0  # one customer proves nothing


def test_other_cuts_may_be_set_and_one_segment_has_nobody_to_differ_from():
    table = zi.segment_tests([0] * 10, goal=[1.0] * 10, least={**zi.SEGMENT_TESTS, "large": 1.0})
    assert [(row["test"], row["passed"]) for row in table.to_pylist()] == [("relevant", False), ("large", True)]


@pytest.mark.parametrize(("labels", "goal"), [([], None), ([0, 1], [1.0])])
def test_tests_of_nothing_are_refused(labels, goal):
    with pytest.raises(zi.BadInput):
        zi.segment_tests(labels, goal=goal)
