"""Segments against scikit-learn's figures for Fisher's irises, and what must hold for any customers."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

import zhike_insight as zi


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.mark.parametrize(("k", "inertia"), [(2, 152.348), (3, 78.851), (4, 57.228), (5, 46.446)])
def test_published_inertia(iris, k, inertia):
    assert zi.KMeansSegments(k).fit(iris[0]).inertia_ == pytest.approx(inertia, abs=5e-4)


def test_the_largest_segment_is_first(iris):
    model = zi.KMeansSegments(3).fit(iris[0])
    assert np.bincount(model.labels_).tolist() == [62, 50, 38]
    assert (model.predict(iris[0]) == model.labels_).all()


def blobs(seed=0, n=600, k=4, spread=0.3):
    rng = np.random.default_rng(seed)
    centres = np.array([[0, 0], [6, 0], [0, 6], [6, 6]])[:k]
    truth = rng.integers(0, k, n)
    return centres[truth] + rng.normal(0, spread, (n, 2)), truth


def test_the_number_of_clear_clusters_is_found():
    X, truth = blobs()
    choice = zi.choose_k(X, range(2, 7), resamples=3)
    assert choice.k == 4
    assert "silhouette" in choice.reason
    assert [row["k"] for row in choice.criteria] == [2, 3, 4, 5, 6]
    assert adjusted_rand_score(truth, zi.KMeansSegments(4).fit(X).labels_) == 1


def test_clear_clusters_are_stable_and_noise_is_not():
    assert zi.stability(blobs()[0], 4, resamples=3) > 0.99
    assert zi.stability(np.random.default_rng(1).normal(size=(400, 6)), 4, resamples=3) < 0.7


def test_a_sample_finds_the_same_segments():
    X, truth = blobs(n=5000)
    assert adjusted_rand_score(truth, zi.KMeansSegments(4, sample=500).fit(X).labels_) == 1


def test_rules_describe_the_segments():
    X, truth = blobs()
    rules = zi.describe(X, truth, ["visits", "spend"], depth=2)
    assert [rule.segment for rule in rules] == [0, 1, 2, 3]
    assert all(rule.precision > 0.98 and rule.recall > 0.98 for rule in rules)
    assert all(len(rule.conditions) == 2 for rule in rules)


def test_the_map_keeps_neighbours_together(iris):
    model = zi.SelfOrganisingMap(7, 7).fit(iris[0])
    assert model.quantisation_error_ < 0.2533  # an online map of the same size in the same data
    assert model.topographic_error_ < 0.15
    order = np.random.default_rng(0).permutation(150)
    assert zi.SelfOrganisingMap(7, 7).fit(iris[0][order]).codebook_ == pytest.approx(model.codebook_, abs=1e-6)


def test_preparation_tames_money_fills_gaps_and_scales():
    rng = np.random.default_rng(2)
    money = np.append(np.exp(rng.normal(5, 2, 999)), 1e9)
    visits = rng.normal(10, 3, 1000)
    visits[:5] = np.nan
    ready = zi.Preparation()
    X = ready.fit_transform({"money": money, "visits": visits, "city": rng.choice(["京", "沪"], 1000)})
    assert ready.logs_ == ["money"]
    assert ready.columns_ == ["money", "visits", "city=京", "city=沪"]
    assert X.shape == (1000, 4)
    assert np.abs(X[:, :2].mean(axis=0)).max() < 0.05
    assert np.abs(X[:, :2].std(axis=0) - 1).max() < 0.05
    assert np.abs(X).max() < 5
    one = ready.transform({"money": [np.inf], "visits": [np.nan], "city": ["穗"]})
    assert np.isfinite(one).all()
    assert one[0, 2:].tolist() == [0, 0]


def test_the_unit_of_money_does_not_matter():
    rng = np.random.default_rng(3)
    money = rng.normal(100, 10, 500)
    assert zi.Preparation().fit_transform({"m": money}) == pytest.approx(zi.Preparation().fit_transform({"m": money * 7}))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zi.KMeansSegments(3).fit([[1.0], [1.0], [1.0]]), "fewer different"),
        (lambda: zi.KMeansSegments(2).fit([[1.0], [np.nan]]), "finite"),
        (lambda: zi.Preparation().fit({}), "at least one"),
        (lambda: zi.Preparation().fit({"x": [np.nan, np.nan]}), "x has no value"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(zi.BadInput, match=message):
        call()


@pytest.mark.parametrize(
    "model", [zi.KMeansSegments(5, starts=2), zi.MixtureSegments(3, starts=1)], ids=lambda model: type(model).__name__
)
def test_segments_do_not_hang_on_who_stands_first_in_the_table(model):
    X = np.random.default_rng(0).normal(size=(400, 3))  # no clusters at all: there are many ways to cut it
    other = np.random.default_rng(1).permutation(400)
    first, again = model.fit(X).labels_, model.fit(X[other]).labels_
    assert again.tolist() == first[other].tolist()


def test_columns_are_found_by_their_names_whatever_their_order():
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = {"visits": rng.poisson(5, 200), "town": rng.choice(["east", "west"], 200), "paid": rng.gamma(2, 50, 200)}
    left = (rng.random(200) < 1 / (1 + np.exp(X["visits"] - 5))).astype(int)
    turned = {"new": np.zeros(200)} | {name: X[name] for name in reversed(X)}
    ready = zi.Preparation().fit(X)
    assert ready.transform(turned).tolist() == ready.transform(X).tolist()
    model = zi.ChurnModel("logistic").fit(pandas.DataFrame(X), left)
    assert model.predict_left(turned).tolist() == model.predict_left(X).tolist()
    with pytest.raises(zi.BadInput, match="column 'town' is missing"):
        model.predict_left({"paid": X["paid"], "visits": X["visits"]})


def test_a_rule_needs_a_name_for_each_column():
    with pytest.raises(zi.BadInput, match="one for each of the 2 columns"):
        zi.describe([[1.0, 2.0], [3.0, 4.0]], [0, 1], ["orders"])
