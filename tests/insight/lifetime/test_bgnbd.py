"""BG/NBD against the figures of Fader, Hardie & Lee (2005), and against what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.base import clone

import zhike_insight as zi
from tests.insight.conftest import simulate

PUBLISHED = zi.BetaGeoNBD.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)


def test_published_parameters_and_likelihood(bgnbd):
    assert bgnbd.parameters_ == pytest.approx({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, rel=2e-4)
    assert bgnbd.log_likelihood_ == pytest.approx(-9582.43, abs=0.01)
    assert bgnbd.standard_errors_ == pytest.approx({"r": 0.0126, "alpha": 0.3782, "a": 0.1857, "b": 0.7053}, abs=5e-4)
    assert bgnbd.converged_
    assert bgnbd.message_ == "converged"


def test_published_predictions(bgnbd):
    assert bgnbd.expected_purchases(39, 2, 30.43, 38.86) == pytest.approx(1.2259, abs=5e-5)
    assert bgnbd.p_alive(2, 30.43, 38.86) == pytest.approx(0.7266, abs=5e-5)
    expected = bgnbd.expected_purchases_of_new(np.array([0.1429, 1, 3, 31.8571, 32, 78]))
    assert expected == pytest.approx([0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.858], abs=5e-5)


def test_published_probabilities():
    got = PUBLISHED.probability_of([0, 10, 11], [39, 2, 30])
    assert got == pytest.approx([0.5737864, 1.07869e-07, 0.0019995214], rel=1e-6)


def test_from_raw_transactions(cdnow_transactions):
    from datetime import date

    s = zi.summaries(cdnow_transactions, date(1997, 9, 30), time_unit="week").to_pyarrow()
    x, tx, T = (s[name].to_numpy() for name in ("frequency", "recency", "age"))
    assert len(x) == 2357
    model = zi.BetaGeoNBD().fit(x, tx, T)
    assert model.parameters_ == pytest.approx({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, rel=5e-3)
    assert model.log_likelihood_ == pytest.approx(-9582.43, abs=9.5)


def test_full_cdnow(shared_data):
    from datetime import date

    lines = [line.split() for line in (shared_data / "cdnow" / "CDNOW_master.txt").read_text().splitlines()[1:]]
    days = [date.fromisoformat(line[1]) for line in lines if line]
    table = zi.transactions(
        {"customer_id": [int(li[0]) for li in lines if li], "date": days, "amount": [float(li[3]) for li in lines if li]}
    )
    whole = zi.summaries(table, max(days)).to_pyarrow()
    x = whole["frequency"].to_numpy()
    assert (len(x), int((x == 0).sum()), int(x.sum())) == (23_570, 12_054, 44_021)
    s = zi.summaries(table, date(1997, 9, 30), time_unit="week").to_pyarrow()
    model = zi.BetaGeoNBD().fit(*(s[n].to_numpy() for n in ("frequency", "recency", "age")))
    assert model.parameters_ == pytest.approx({"r": 0.2516, "alpha": 4.789, "a": 0.7234, "b": 2.1611}, rel=5e-3)
    assert model.log_likelihood_ == pytest.approx(-95368.4, abs=95)


def test_grouped_customers_give_the_same_fit(cdnow, bgnbd):
    from collections import Counter

    counts = Counter(zip(cdnow.x, cdnow.tx, cdnow.T, strict=True))
    x, tx, T = np.array(list(counts)).T
    model = zi.BetaGeoNBD().fit(x, tx, T, list(counts.values()))
    assert model.parameters_ == pytest.approx(bgnbd.parameters_, rel=1e-7)
    assert model.log_likelihood_ == pytest.approx(bgnbd.log_likelihood_)


def test_order_of_customers_does_not_matter(cdnow, bgnbd):
    order = np.random.default_rng(1).permutation(len(cdnow.x))
    model = zi.BetaGeoNBD().fit(cdnow.x[order], cdnow.tx[order], cdnow.T[order])
    assert model.parameters_ == pytest.approx(bgnbd.parameters_, rel=1e-7)


@pytest.mark.parametrize("factor", [7, 1 / 52, 86_400])
def test_the_unit_of_time_does_not_matter(cdnow, bgnbd, factor):
    model = zi.BetaGeoNBD().fit(cdnow.x, cdnow.tx * factor, cdnow.T * factor)
    assert model.alpha_ == pytest.approx(bgnbd.alpha_ * factor, rel=1e-5)
    assert (model.r_, model.a_, model.b_) == pytest.approx((bgnbd.r_, bgnbd.a_, bgnbd.b_), rel=1e-5)
    got = model.expected_purchases(39 * factor, cdnow.x, cdnow.tx * factor, cdnow.T * factor)
    assert got == pytest.approx(bgnbd.expected_purchases(39, cdnow.x, cdnow.tx, cdnow.T), rel=1e-4)


@pytest.mark.parametrize("start", [(0.05, 20, 5, 0.2), (5, 0.01, 0.1, 20), (1, 1, 1, 1)])
def test_the_optimum_does_not_depend_on_the_start(cdnow, bgnbd, start):
    class Elsewhere(zi.BetaGeoNBD):
        pass

    Elsewhere.start = dict(zip(("r", "alpha", "a", "b"), start, strict=True))
    model = Elsewhere().fit(cdnow.x, cdnow.tx, cdnow.T)
    assert model.parameters_ == pytest.approx(bgnbd.parameters_, rel=1e-6)


def test_known_parameters_are_found_again_within_their_errors():
    truth = {"r": 0.8, "alpha": 6.0, "a": 0.7, "b": 3.0}
    inside = np.zeros(4)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        T = rng.uniform(20, 60, 3000)
        x, tx = simulate(rng, 3000, **truth, T=T)
        model = zi.BetaGeoNBD().fit(x, tx, T)
        spread = np.sqrt(np.diag(model.log_covariance_))
        inside += np.abs(np.log(list(model.parameters_.values())) - np.log(list(truth.values()))) <= 1.645 * spread
    assert (inside >= 15).all()  # 90 % intervals: fewer than 15 of 20 has a chance below 1 %
    assert inside.sum() >= 66  # of 80; 72 expected


def test_probabilities_sum_to_one_and_agree_with_the_mean():
    n = np.arange(0, 400)
    p = PUBLISHED.probability_of(n, 39)
    assert p.sum() == pytest.approx(1, abs=1e-9)
    assert p @ n == pytest.approx(float(PUBLISHED.expected_purchases_of_new(39)), rel=1e-6)


def test_simulation_agrees_with_the_unconditional_mean():
    rng = np.random.default_rng(5)
    T = np.full(200_000, 39.0)
    x, _ = simulate(rng, len(T), r=0.243, alpha=4.414, a=0.793, b=2.426, T=T)
    assert x.mean() == pytest.approx(float(PUBLISHED.expected_purchases_of_new(39.0)), rel=0.02)


customers = st.tuples(st.integers(0, 3000), st.floats(0, 1), st.floats(0.01, 1e5))


@given(customers, st.floats(0.01, 1e4), st.floats(0.05, 20), st.floats(0.01, 1e3), st.floats(0.05, 20), st.floats(0.05, 20))
@settings(max_examples=150)
def test_predictions_stay_in_bounds(customer, t, r, alpha, a, b):
    x, share, T = customer
    tx = share * T if x else 0.0
    model = zi.BetaGeoNBD.from_parameters(r=r, alpha=alpha, a=a, b=b)
    alive = float(model.p_alive(x, tx, T))
    expected = float(model.expected_purchases(t, x, tx, T))
    assert 0 <= alive <= 1
    assert np.isfinite(expected)
    assert 0 <= expected <= (r + x) / (alpha + T) * t * (1 + 1e-6) + 1e-9  # never more than without leaving
    assert float(model.expected_purchases(2 * t, x, tx, T)) >= expected * (1 - 1e-9)


def test_longer_silence_means_less_alive():
    alive = PUBLISHED.p_alive(5, [35, 30, 20, 10, 2], 38)
    assert (np.diff(alive) < 0).all()


def test_corner_cases_are_finite():
    x, tx, T = [0, 0, 1, 5000, 5000, 3, 91], [0, 0, 10, 10, 1e-9, 0.5, 0], [0, 1e6, 10, 10, 1e6, 0.5, 0.25]
    assert np.isfinite(PUBLISHED.p_alive(x, tx, T)).all()
    assert np.isfinite(PUBLISHED.expected_purchases(1000, x, tx, T)).all()
    near_one = [
        zi.BetaGeoNBD.from_parameters(r=0.3, alpha=4, a=a, b=2).expected_purchases(30, 2, 20, 30) for a in (0.9999, 1, 1.0001)
    ]
    assert near_one[0] > near_one[1] > near_one[2]
    assert near_one[1] == pytest.approx((near_one[0] + near_one[2]) / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("x", "tx", "T", "message"),
    [
        ([1, 2, -1], [1, 2, 1], [9, 9, 9], "row 2: frequency is negative"),
        ([1, 1.5], [1, 2], [9, 9], "row 1: frequency is not a whole number"),
        ([1, 1], [1, 20], [9, 9], "row 1: recency is greater than age"),
        ([0, 1], [1, 2], [9, 9], "row 0: recency must be 0"),
        ([1, 1], [1, np.nan], [9, 9], "row 1: recency is missing"),
        ([1, 1], [1, 1], [9, np.inf], "row 1: age is missing or not finite"),
        ([1, 1], [1, 1, 1], [9, 9], "equal length"),
        (["a"], [1], [9], "must be numbers"),
    ],
)
def test_impossible_input_is_named_by_its_row(x, tx, T, message):  # noqa: N803
    with pytest.raises(zi.BadInput, match=message):
        zi.BetaGeoNBD().fit(x, tx, T)


@pytest.mark.parametrize(
    ("x", "tx", "T", "message"),
    [
        ([], [], [], "no customer"),
        ([0, 0], [0, 0], [5, 6], "no customer bought again"),
        ([0, 0, 1], [0, 0, 0], [0, 0, 0], "ages are zero"),
    ],
)
def test_too_little_data_is_refused(x, tx, T, message):  # noqa: N803
    with pytest.raises(zi.NotEnoughData, match=message):
        zi.BetaGeoNBD().fit(x, tx, T)


def test_it_is_a_scikit_learn_estimator(bgnbd):
    assert clone(bgnbd).get_params() == bgnbd.get_params()
    with pytest.raises(ValueError, match="r, alpha, a, b"):
        zi.BetaGeoNBD.from_parameters(r=1)
    with pytest.raises(ValueError, match="positive"):
        zi.BetaGeoNBD.from_parameters(r=1, alpha=1, a=1, b=-1)
