"""Gamma-Gamma against the figures of Fader & Hardie (2013)."""

import numpy as np
import pytest

import zhike_insight as zi


def test_published_parameters_and_likelihood(gamma_gamma):
    assert gamma_gamma.parameters_ == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, rel=5e-3)
    assert gamma_gamma.log_likelihood_ == pytest.approx(-4055.92, abs=0.01)
    assert gamma_gamma.customers_ == 946
    assert gamma_gamma.converged_


def test_published_conditional_means(cdnow_transactions):
    from datetime import date

    table = zi.summaries(cdnow_transactions, date(1997, 9, 30), time_unit="week").order_by("customer_id").to_pyarrow()
    x, spend = table["frequency"].to_numpy(), table["mean_spend"].to_numpy(zero_copy_only=False)
    model = zi.GammaGamma().fit(x, spend)
    assert model.parameters_ == pytest.approx({"p": 6.2496, "q": 3.7442, "v": 15.4436}, rel=1e-4)
    got = model.expected_spend(x[:10], spend[:10])
    assert got == pytest.approx([24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17], abs=0.011)


def test_the_currency_does_not_matter(cdnow, gamma_gamma):
    model = zi.GammaGamma().fit(cdnow.x, cdnow.spend * 7.3)
    assert (model.p_, model.q_) == pytest.approx((gamma_gamma.p_, gamma_gamma.q_), rel=1e-6)
    assert model.v_ == pytest.approx(gamma_gamma.v_ * 7.3, rel=1e-6)


def test_known_parameters_are_found_again():
    rng = np.random.default_rng(3)
    n = 20_000
    x = rng.integers(1, 8, n)
    spend = rng.gamma(5.0 * x) / (rng.gamma(4.0, 1 / 20.0, n) * x)
    model = zi.GammaGamma().fit(x, spend)
    for name, truth in (("p", 5.0), ("q", 4.0), ("v", 20.0)):
        assert abs(model.parameters_[name] - truth) < 3.5 * model.standard_errors_[name]


def test_the_expected_spend_lies_between_the_own_and_the_common_mean(gamma_gamma):
    common = float(gamma_gamma.expected_spend([0], [np.nan])[0])
    x = np.arange(1, 40)
    for own in (5.0, 200.0):
        got = gamma_gamma.expected_spend(x, np.full(len(x), own))
        assert (np.minimum(own, common) <= got).all()
        assert (got <= max(own, common)).all()
        assert (np.diff(np.abs(got - own)) < 0).all()  # the more visits, the nearer to the own mean


def test_zero_spend_is_left_out_of_the_fit_and_predicted(cdnow, gamma_gamma):
    model = zi.GammaGamma().fit(np.append(cdnow.x, 3), np.append(cdnow.spend, 0.0))
    assert model.parameters_ == pytest.approx(gamma_gamma.parameters_, rel=1e-9)
    assert 0 < model.expected_spend([3], [0.0])[0] < model.expected_spend([3], [1.0])[0]


@pytest.mark.parametrize(
    ("x", "m", "message"),
    [([1, 2], [3, -1], "row 1: mean_spend is negative"), ([1, 2], [np.nan, 1], "row 0: mean_spend is missing"),
     ([1, -2], [1, 1], "row 1: frequency"), ([1], [1, 2], "one length")],
)  # fmt: skip
def test_impossible_input_is_named_by_its_row(x, m, message):
    with pytest.raises(zi.BadInput, match=message):
        zi.GammaGamma().fit(x, m)


def test_too_few_repeat_buyers_are_refused():
    with pytest.raises(zi.NotEnoughData, match="only 2 customers"):
        zi.GammaGamma().fit([0, 1, 2], [np.nan, 3, 4])


def test_a_mean_that_does_not_exist_is_missing():
    model = zi.GammaGamma.from_parameters(p=0.5, q=0.4, v=3)
    assert np.isnan(model.expected_spend([0, 1], [0, 2])).all()
    assert np.isfinite(model.expected_spend([9], [2])).all()


def test_where_all_spend_nearly_alike_the_order_of_the_rows_decides_nothing():
    rng = np.random.default_rng(11)
    for _ in range(30):
        x = np.maximum(rng.poisson(3, 60), 1)
        spend = np.round(rng.lognormal(3, 0.01, 60), 2)
        other = rng.permutation(60)
        model, again = zi.GammaGamma().fit(x, spend), zi.GammaGamma().fit(x[other], spend[other])
        assert again.limit_ == model.limit_
        assert again.expected_spend(x, spend) == pytest.approx(model.expected_spend(x, spend), rel=1e-9)
