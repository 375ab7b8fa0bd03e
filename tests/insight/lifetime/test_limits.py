"""Customers who never leave, or do not differ: the simpler model at the edge, and no jump on the way there."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import gamma

import zhike_insight as zi

MONTHLY = tuple(np.array(v, float) for v in zip(*[(n, 30.0 * n, 30.0 * n + n % 7) for n in range(4, 24)] * 6, strict=True))


def never_leaving(rng, n=800, shape=2.0, scale=10.0):
    """Each at the own rate, and none ever leaves."""
    age = rng.uniform(20, 60, n)
    x = rng.poisson(rng.gamma(shape, 1 / scale, n) * age).astype(float)
    recency = np.where(x > 0, age * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)  # the last of x moments
    return x, recency, age


def nbd_log_likelihood(logs, x, age):
    r, alpha = np.exp(logs)
    return np.sum(gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + age))


def leaving_after_a_purchase(rng, n=2000, rate=0.2, chance=0.1):
    age = rng.uniform(20, 60, n)
    times = np.cumsum(rng.exponential(1 / rate, (n, 60)), axis=1)
    bought = np.minimum((times <= age[:, None]).sum(axis=1), rng.geometric(chance, n))
    recency = np.where(bought > 0, np.take_along_axis(times, np.maximum(bought - 1, 0)[:, None], 1)[:, 0], 0.0)
    return bought.astype(float), recency, age


@pytest.mark.parametrize("kind", [zi.BetaGeoNBD, zi.ModifiedBetaGeoNBD, zi.ParetoNBD])
def test_who_all_come_at_one_pace_and_never_leave_are_a_poisson_process(kind):
    x, tx, age = MONTHLY
    model = kind().fit(x, tx, age)
    assert model.converged_
    assert model.limit_ == ("one_rate", "nobody_leaves")
    rate = x.sum() / age.sum()
    assert model.limit_parameters_ == {"rate": pytest.approx(rate, rel=1e-5)}
    assert model.limit_errors_ == {"rate": pytest.approx(rate / np.sqrt(x.sum()), rel=1e-3)}
    assert model.p_alive(x, tx, age) == pytest.approx(1)
    assert model.expected_purchases(90, x, tx, age) == pytest.approx(90 * rate, rel=1e-4)


def test_who_never_leave_at_their_own_pace_are_a_negative_binomial():
    x, tx, age = never_leaving(np.random.default_rng(1))
    model = zi.BetaGeoNBD().fit(x, tx, age)
    assert model.limit_ == ("nobody_leaves",)
    best = minimize(lambda logs: -nbd_log_likelihood(logs, x, age), np.log([1.0, 5.0]), method="Nelder-Mead")
    assert model.log_likelihood_ == pytest.approx(-best.fun, abs=1e-3)
    assert model.p_alive(x, tx, age) == pytest.approx(1)
    expected = (model.r_ + x) / (model.alpha_ + age) * 52
    assert model.expected_purchases(52, x, tx, age) == pytest.approx(expected, rel=1e-9)
    r, alpha = model.limit_parameters_["r"], model.limit_parameters_["alpha"]
    assert abs(r - 2) < 3 * model.limit_errors_["r"]
    assert abs(alpha - 10) < 3 * model.limit_errors_["alpha"]


def test_one_rate_and_one_chance_of_leaving_are_found_again():
    x, tx, age = leaving_after_a_purchase(np.random.default_rng(4))
    found = zi.BetaGeoNBD().fit(x, tx, age)
    assert found.limit_ == ("one_rate", "one_chance_of_leaving")
    assert found.limit_parameters_["rate"] == pytest.approx(0.2, abs=4 * found.limit_errors_["rate"])
    assert found.limit_parameters_["leaving"] == pytest.approx(0.1, abs=4 * found.limit_errors_["leaving"])
    assert found.expected_purchases(20, x, tx, age).sum() > 0
    assert ((found.p_alive(x, tx, age) >= 0) & (found.p_alive(x, tx, age) <= 1)).all()


def test_who_all_leave_after_the_first_return_are_worth_nothing_more():
    x, tx, age = leaving_after_a_purchase(np.random.default_rng(3), chance=1.0)
    model = zi.BetaGeoNBD().fit(x, tx, age)
    assert "nobody_stays" in model.limit_
    assert model.p_alive(x, tx, age)[x > 0] == pytest.approx(0, abs=1e-6)
    assert (model.expected_purchases(20, x, tx, age)[x == 0] > 0).all()


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
@settings(max_examples=8)
def test_units_of_time_and_money_do_not_matter(clock, coin):
    x, tx, age = MONTHLY
    spend = np.full(len(x), 35.0)
    usual = value_of(x, tx, age, spend, horizon=90.0)
    other = value_of(x, tx * clock, age * clock, spend * coin, horizon=90.0 * clock)
    for name in ("value", "low", "high"):
        assert getattr(other, name) == pytest.approx(getattr(usual, name) * coin, rel=1e-4)


def value_of(x, tx, age, spend, *, horizon, weights=None):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        buying, spending = zi.BetaGeoNBD().fit(x, tx, age, weights=weights), zi.GammaGamma().fit(x, spend, weights=weights)
        return zi.lifetime_value(buying, spending, x, tx, age, spend, horizon=horizon, discount_rate=0.0)


def test_steady_customers_who_spend_alike_have_a_value_with_a_sensible_interval():
    x, tx, age = MONTHLY
    got = value_of(x, tx, age, np.full(len(x), 35.0), horizon=90.0)
    rate = x.sum() / age.sum()
    assert got.value == pytest.approx(90 * rate * 35, rel=1e-4)
    width = 1.645 / np.sqrt(x.sum())  # that of the rate: there is nothing else to learn
    assert got.high / got.value == pytest.approx(np.exp(width), rel=1e-3)
    assert got.low / got.value == pytest.approx(np.exp(-width), rel=1e-3)


@pytest.mark.parametrize("weight", [0.3, 0.1, 0.03, 0.01])
def test_some_who_left_move_the_values_by_no_more_than_their_share(weight):
    """Near the edge, on either side of it: the fewer have left, the nearer to the values where nobody left."""
    x, tx, age = never_leaving(np.random.default_rng(4), 400)
    left = np.full(20, 3.0), np.full(20, 5.0), np.full(20, 50.0)
    joined = [np.concatenate(pair) for pair in zip((x, tx, age), left, strict=True)]
    weights = np.r_[np.ones(len(x)), np.full(20, weight)]
    edge = zi.BetaGeoNBD().fit(x, tx, age).expected_purchases(20, x, tx, age).sum()
    near = zi.BetaGeoNBD().fit(*joined, weights=weights).expected_purchases(20, x, tx, age).sum()
    assert near == pytest.approx(edge, rel=0.1 * weight + 1e-3)


@pytest.mark.parametrize("noise", [0.0, 1e-4, 0.004, 0.006, 0.02, 0.05])
def test_nearly_equal_spend_gives_nearly_equal_expectations(noise):
    rng = np.random.default_rng(5)
    x = rng.integers(1, 12, 300)
    spend = 20 * np.exp(noise * rng.standard_normal(300) / np.sqrt(x))
    model = zi.GammaGamma().fit(x, spend)
    assert model.converged_
    assert model.expected_spend([0, 3], [0.0, 20.0]) == pytest.approx(20, rel=max(noise, 1e-6))


def test_customers_who_all_spend_the_same_are_told_by_their_mean():
    model = zi.GammaGamma().fit(np.full(100, 3), np.full(100, 20.0))
    assert model.limit_ == ("one_spend",)
    assert model.limit_parameters_ == {"mean": pytest.approx(20)}
    assert model.expected_spend([0, 1, 8], [0, 20, 20]) == pytest.approx(20, rel=1e-6)


def test_who_never_vary_keep_their_own_mean():
    x = np.repeat([1, 2, 4], 200)
    level = np.tile(20 / gamma.ppf(np.linspace(0.0025, 0.9975, 200), 4), 3)  # the spread does not shrink with the purchases
    model = zi.GammaGamma().fit(x, level)
    assert model.limit_ == ("own_means",)
    assert model.expected_spend(x, level) == pytest.approx(level, rel=1e-3)


def test_who_differ_by_chance_alone_share_one_mean():
    x = np.repeat([1, 2, 4], 200)
    spend = np.concatenate([gamma.ppf(np.linspace(0.01, 0.99, 200), 3 * n, scale=20 / (3 * n)) for n in (1, 2, 4)])
    model = zi.GammaGamma().fit(x, spend)
    assert model.limit_ == ("one_mean",)
    assert model.expected_spend(x, spend) == pytest.approx(model.limit_parameters_["mean"], rel=1e-3)


def test_one_rate_with_own_chances_of_leaving_is_what_very_like_rates_come_to():
    """Also for a single customer, and for no time at all."""
    limit, near = (zi.BetaGeoNBD.from_parameters(r=r, alpha=5 * r, a=0.8, b=2.5) for r in (1e7, 5e3))
    customer = (3, 12.0, 20.0)
    assert float(limit.expected_purchases(10, *customer)) == pytest.approx(float(near.expected_purchases(10, *customer)), rel=2e-3)
    new = limit.expected_purchases_of_new(np.array([0.0, 1.0, 10.0]))
    assert new[0] == 0
    assert new == pytest.approx(near.expected_purchases_of_new(np.array([0.0, 1.0, 10.0])), rel=2e-3)


@pytest.mark.parametrize("weights", [[-1] + [1] * 11, [np.nan] + [1] * 11, [1, 2]])
def test_weights_that_count_nobody_are_refused(weights):
    x = np.arange(1, 13)
    with pytest.raises(zi.BadInput, match="weight"):
        zi.BetaGeoNBD().fit(x, x, x + 1.0, weights)
    with pytest.raises(zi.BadInput, match="weight"):
        zi.GammaGamma().fit(x, x + 5.0, weights)
