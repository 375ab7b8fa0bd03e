"""BG/BB on the donations of Fader, Hardie & Shang (2010); sBG on the contracts of Fader & Hardie (2007)."""

import csv

import numpy as np
import pytest

import zhike_insight as zi
from tests.insight.conftest import dataset

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


@pytest.fixture(scope="module")
def donations():
    with dataset("donations.csv").open() as file:
        return np.array([[float(v) for v in row] for row in list(csv.reader(file))[1:]]).T


@pytest.fixture(scope="module")
def bgbb(donations):
    x, tx, n, weights = donations
    return zi.BetaGeoBetaBinomial().fit(x, tx, n, weights)


def test_published_parameters_and_likelihood(bgbb, donations):
    assert donations[3].sum() == 11_104
    published = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    assert bgbb.parameters_ == pytest.approx(published, abs=6e-4)
    assert bgbb.log_likelihood_ == pytest.approx(-33225.6, abs=0.05)
    assert bgbb.converged_


def test_published_predictions(bgbb, donations):
    x, tx, n, weights = donations
    assert bgbb.p_alive([0, 2, 6], [0, 4, 6], 6) == pytest.approx([0.11, 0.59, 0.93], abs=0.005)
    assert weights @ bgbb.expected_purchases(5, x, tx, n) == pytest.approx(12_884.2, abs=0.1)


def test_more_opportunities_more_purchases(bgbb):
    one, two = (bgbb.expected_purchases(t, [3], [5], [6])[0] for t in (1, 2))
    assert 0 < one < two < 2
    nothing = bgbb.expected_purchases(0, [3], [5], [6])[0]
    assert nothing == pytest.approx(0)


def test_expectation_is_continuous_where_gamma_is_one():
    def at(gamma):
        model = zi.BetaGeoBetaBinomial.from_parameters(alpha=1.2, beta=0.7, gamma=gamma, delta=2.8)
        return model.expected_purchases(5, [2], [4], [6])[0]

    assert at(1.0) == pytest.approx((at(0.999) + at(1.001)) / 2, rel=1e-5)


@pytest.mark.parametrize(("active", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)])
def test_published_contracts(active, alpha, beta):
    model = zi.ShiftedBetaGeometric().fit(active)
    assert (model.alpha_, model.beta_) == pytest.approx((alpha, beta), abs=5e-4)


def test_survival_is_the_product_of_retention():
    model = zi.ShiftedBetaGeometric().fit(REGULAR)
    t = np.arange(1, 13)
    assert np.cumprod(model.retention(t)) == pytest.approx(model.survival(t))
    assert (np.diff(model.retention(t)) > 0).all()
    assert model.survival(0) == 1


def test_residual_periods_agree_with_the_plain_sum_and_rise_with_tenure():
    model = zi.ShiftedBetaGeometric().fit(HIGH_END)
    got = model.expected_residual_periods([0, 3, 7], discount=0.1)
    assert (np.diff(got) > 0).all()
    survival = model.survival(np.arange(0, 2000))
    by_hand = sum(survival[3 + k + 1] / survival[3] / 1.1**k for k in range(1500))
    assert got[1] == pytest.approx(by_hand, rel=1e-6)
    with pytest.raises(ValueError, match="positive"):
        model.expected_residual_periods(0, discount=0)


@pytest.mark.parametrize("active", [[1000, 900], [1000, 1001, 900], [1000, 900, np.nan], [[1, 2], [3, 4]]])
def test_impossible_cohorts_are_refused(active):
    with pytest.raises(zi.BadInput, match="never rise"):
        zi.ShiftedBetaGeometric().fit(active)


def test_nobody_left_nobody_bought():
    with pytest.raises(zi.NotEnoughData, match="nobody left"):
        zi.ShiftedBetaGeometric().fit([10, 10, 10])
    with pytest.raises(zi.NotEnoughData, match="nobody bought"):
        zi.BetaGeoBetaBinomial().fit([0, 0], [0, 0], 6)


def test_impossible_donors_are_refused():
    with pytest.raises(zi.BadInput, match="row 1"):
        zi.BetaGeoBetaBinomial().fit([1, 3], [2, 2], 6)


@pytest.mark.filterwarnings("error")
def test_corner_cases_of_chances_and_contracts_are_finite_and_silent():
    model = zi.BetaGeoBetaBinomial.from_parameters(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    x, tx, n = [0, 0, 1, 500, 1], [0, 0, 1, 500, 500], [1, 500, 1, 500, 500]
    alive = model.p_alive(x, tx, n)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(model.expected_purchases(5, x, tx, n)).all()
    for alpha, beta in ((1e-4, 1e4), (1e4, 1e-4), (1e-4, 1e-4)):
        contract = zi.ShiftedBetaGeometric.from_parameters(alpha=alpha, beta=beta)
        assert ((contract.survival(np.arange(50)) >= 0) & (contract.survival(np.arange(50)) <= 1)).all()
        assert ((contract.retention(np.arange(1, 50)) >= 0) & (contract.retention(np.arange(1, 50)) <= 1)).all()


def test_donors_one_by_one_give_the_fit_of_the_groups(bgbb, donations):
    x, tx, n, weights = donations
    each = [np.repeat(v, weights.astype(int)) for v in (x, tx, n)]
    assert zi.BetaGeoBetaBinomial().fit(*each).parameters_ == pytest.approx(bgbb.parameters_, rel=1e-6)


def test_where_all_leave_alike_and_seldom_the_expectation_is_that_of_one_chance():
    model = zi.BetaGeoBetaBinomial.from_parameters(alpha=0.8137, beta=0.8566, gamma=285.11, delta=8445.69)  # factors overflow
    found = model.expected_purchases(4, [4, 0, 8], [4, 0, 8], 8)
    assert np.isfinite(found).all()
    assert found[1] < found[0] < found[2] < 4
    same = zi.BetaGeoBetaBinomial.from_parameters(alpha=0.8137, beta=0.8566, gamma=2.8511, delta=84.4569)
    assert found == pytest.approx(same.expected_purchases(4, [4, 0, 8], [4, 0, 8], 8), rel=0.25)
