"""Scorecard on the German credit data, and what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import expit

import zhike_insight as zi
from zhike_insight.scorecard.card import _deviance, _logistic


@pytest.fixture(scope="module")
def german():
    from tests.conftest import SHARED_DATA

    path = SHARED_DATA / "german_credit" / "german.data"
    if not path.exists():
        pytest.skip("needs ../shared/data, which is not here")
    head, *rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    columns = {}
    for i, name in enumerate(head[:-1]):
        cells = [row[i] for row in rows]
        columns[name] = np.array([float(c) for c in cells]) if cells[0].isdigit() else np.array(cells, dtype=object)
    return columns, 1 - np.array([float(row[-1]) for row in rows])


def test_published_information_values(german):
    columns, bad = german
    found = {name: zi.find_bins(columns[name], bad).iv for name in ("STATUS_ACCOUNT", "CREDIT_HISTORY", "BONDS")}
    assert found == pytest.approx({"STATUS_ACCOUNT": 0.6660, "CREDIT_HISTORY": 0.2933, "BONDS": 0.1960}, abs=1e-4)


def test_published_logit_with_dummies(german):
    columns, bad = german
    design = [np.ones(len(bad))]
    for values in columns.values():
        if values.dtype == object:
            design += [(values == name).astype(float) for name in sorted(set(values))[1:]]
        else:
            design.append(values)
    X = np.column_stack(design)
    beta, _ = _logistic(X, bad, 0.0)
    p = expit(X @ beta)
    assert X.shape[1] == 1000 - 951
    assert _deviance(np.full(1000, bad.mean()), bad) == pytest.approx(1221.73, abs=0.005)
    assert _deviance(p, bad) == pytest.approx(895.82, abs=0.005)
    assert (zi.auc(p, bad), zi.ks(p, bad)) == pytest.approx((0.8338, 0.5314), abs=5e-5)


def test_an_honest_split(german):
    columns, bad = german
    areas, distances = [], []
    for seed in range(8):
        order = np.random.default_rng(seed).permutation(1000)
        train, test = order[:700], order[700:]
        card = zi.Scorecard().fit({n: v[train] for n, v in columns.items()}, bad[train])
        p = card.predict_bad({n: v[test] for n, v in columns.items()})
        areas.append(zi.auc(p, bad[test]))
        distances.append(zi.ks(p, bad[test]))
    assert np.mean(areas) == pytest.approx(0.79, abs=0.03)
    assert np.mean(distances) == pytest.approx(0.49, abs=0.05)


def applicants(seed=0, n=2000):
    rng = np.random.default_rng(seed)
    income, job = rng.gamma(4, 25, n), rng.choice(["a", "b", "c"], n)
    risk = expit(-0.5 - 0.02 * (income - 100) + np.select([job == "a", job == "b"], [1.0, 0.0], -1.0))
    return {"income": income, "job": job, "noise": rng.normal(size=n)}, (rng.random(n) < risk).astype(float)


def test_a_challenger_finds_what_a_card_cannot_say():
    rng = np.random.default_rng(8)
    old, urban = rng.integers(0, 2, 1200), rng.integers(0, 2, 1200)  # neither tells anything alone
    X = {"old": old.astype(float), "home": np.where(urban == 1, "town", "land").astype(object), "debt": rng.normal(size=1200)}
    X["debt"][::50] = np.nan
    bad = (rng.random(1200) < np.where(old == urban, 0.7, 0.2)).astype(float)
    known, new = slice(0, 900), slice(900, None)
    model = zi.ScorecardChallenger(trees=60).fit({name: values[known] for name, values in X.items()}, bad[known])
    p = model.predict_bad({name: values[new] for name, values in X.items()})
    assert zi.auc(p, bad[new]) > 0.68
    assert ((p > 0) & (p < 1)).all()
    unknown = {"old": [np.nan], "home": ["sea"], "debt": [0.0]}
    assert 0 < model.predict_bad(unknown)[0] < 1
    with pytest.raises(zi.BadInput, match="must be 0 or 1"):
        zi.ScorecardChallenger().fit(X, bad + 1)


def test_points_are_scaled_as_asked():
    X, bad = applicants()
    card = zi.Scorecard(base=600, odds=20, pdo=50).fit(X, bad)
    p, score = card.predict_bad(X), card.score(X)
    odds = (1 - p) / p
    assert score == pytest.approx(600 + 50 * np.log2(odds / 20))
    by_hand = sum(
        dict(rows)[zi_name]
        for zi_name, rows in ((card.bins_[n].names()[card.bins_[n].place(X[n])[0]], rows) for n, rows in card.points().items())
    )
    assert by_hand == pytest.approx(score[0])


def test_noise_is_left_out_and_said_why():
    X, bad = applicants()
    card = zi.Scorecard().fit(X, bad)
    assert set(card.bins_) == {"income", "job"}
    assert "noise" in card.dropped_
    assert card.deviance_ < card.null_deviance_
    assert all(p < 0.15 for p in card.p_values_.values())


def test_a_copy_with_the_wrong_sign_is_dropped():
    X, bad = applicants()
    rng = np.random.default_rng(1)
    X["echo"] = X["income"] + rng.normal(0, 60, len(bad))
    card = zi.Scorecard().fit(X, bad)
    assert all(beta > 0 for beta in card.coefficients_.values())


def test_reasons_name_what_costs_most():
    X, bad = applicants()
    card = zi.Scorecard().fit(X, bad)
    poor = int(np.argmin(X["income"] + 1e6 * (X["job"] != "c")))
    assert card.reasons({n: v[[poor]] for n, v in X.items()})[0][0][0] == "income"


def test_drift_is_small_for_the_same_people_and_large_for_others():
    X, bad = applicants()
    card = zi.Scorecard().fit(X, bad)
    assert max(card.drift(X).values()) == pytest.approx(0, abs=1e-12)
    others = {**X, "income": X["income"] * 2}
    assert card.drift(others)["income"] > 0.25
    assert card.drift(others)["job"] == pytest.approx(0, abs=1e-12)


@given(st.integers(0, 10_000), st.sampled_from(["normal", "few", "missing"]))
@settings(max_examples=40)
def test_bins_of_numbers_are_monotone_and_hold_everybody(seed, kind):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=300) if kind != "few" else rng.integers(0, 3, 300).astype(float)
    bad = (rng.random(300) < expit(x * rng.normal())).astype(float)
    bad[:2] = 0, 1
    if kind == "missing":
        x[rng.random(300) < 0.2] = np.nan
    bins = zi.find_bins(x, bad)
    woe = np.array(bins.woe[:-1])
    assert (np.diff(woe) > 0).all() or (np.diff(woe) < 0).all() or len(woe) == 1
    assert sum(bins.good) + sum(bins.bad) == 300
    assert np.bincount(bins.place(x), minlength=len(bins.woe)).tolist() == (np.array(bins.good) + np.array(bins.bad)).tolist()
    assert len(bins.names()) == len(bins.woe)
    assert bins.iv >= 0


def test_many_categories_are_joined_and_unknown_ones_are_missing():
    rng = np.random.default_rng(2)
    job = rng.choice([f"j{i}" for i in range(15)], 3000)
    bad = (rng.random(3000) < np.array([int(j[1:]) for j in job]) / 20).astype(float)
    bins = zi.find_bins(job, bad, most=4)
    assert len(bins.groups) == 4
    assert bins.place(["never seen", None, "j14"]).tolist() == [4, 4, 3]


def test_auc_and_ks_against_counting():
    rng = np.random.default_rng(3)
    score, bad = rng.integers(0, 9, 80), rng.integers(0, 2, 80)
    pairs = [(1.0 if b > g else 0.5 if b == g else 0.0) for b in score[bad == 1] for g in score[bad == 0]]
    assert zi.auc(score, bad) == pytest.approx(np.mean(pairs))
    gaps = [abs((score[bad == 1] <= s).mean() - (score[bad == 0] <= s).mean()) for s in range(9)]
    assert zi.ks(score, bad) == pytest.approx(max(gaps))
    assert zi.auc(-score, bad) == pytest.approx(1 - zi.auc(score, bad))


def test_calibration_groups_hold_everybody():
    X, bad = applicants()
    p = zi.Scorecard().fit(X, bad).predict_bad(X)
    groups = zi.calibration(p, bad)
    assert sum(g["customers"] for g in groups) == 2000
    assert all(abs(g["expected"] - g["actual"]) < 0.08 for g in groups)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zi.find_bins([1.0, 2.0], [0, 0]), "both occur"),
        (lambda: zi.find_bins([1.0, 2.0], [0, 2]), "0 or 1"),
        (lambda: zi.auc([1.0], [0, 1]), "one length"),
        (lambda: zi.psi([1, 2], [0, 0]), "neither may be empty"),
        (lambda: zi.Scorecard().fit({"x": np.zeros(50)}, np.arange(50) % 2), "no characteristic"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(zi.BadInput, match=message):
        call()


def test_equal_probabilities_are_judged_together_whatever_the_order_of_the_rows():
    chance = np.repeat([0.1, 0.3, 0.8], [30, 40, 30])
    bad = np.concatenate([np.repeat([1, 0], [3, 27]), np.repeat([1, 0], [12, 28]), np.repeat([1, 0], [24, 6])])
    rows = zi.calibration(chance, bad)
    assert [(row["customers"], row["actual"]) for row in rows] == [(30, 0.1), (40, 0.3), (30, 0.8)]
    other = np.random.default_rng(0).permutation(100)
    assert zi.calibration(chance[other], bad[other]) == [pytest.approx(row) for row in rows]
    assert zi.calibration(np.full(100, 0.39), bad) == [{"customers": 100, "expected": pytest.approx(0.39), "actual": 0.39}]


def test_counts_below_zero_have_no_stability():
    with pytest.raises(zi.BadInput, match="counts"):
        zi.psi([-1, 3], [1, 1])
