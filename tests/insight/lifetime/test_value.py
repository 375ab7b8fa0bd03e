import numpy as np
import pytest

import zhike_insight as zi


def values(bgnbd, gamma_gamma, cdnow, **options):
    return zi.lifetime_value(
        bgnbd, gamma_gamma, cdnow.x, cdnow.tx, cdnow.T, cdnow.spend, **{"horizon": 52, "time_unit": "week", **options}
    )


def test_without_discount_it_is_purchases_times_spend(bgnbd, gamma_gamma, cdnow):
    got = values(bgnbd, gamma_gamma, cdnow, discount_rate=0, margin=0.3)
    assert got.expected_purchases == pytest.approx(bgnbd.expected_purchases(52, cdnow.x, cdnow.tx, cdnow.T))
    assert got.value == pytest.approx(got.expected_purchases * got.expected_spend * 0.3)


def test_the_integral_agrees_with_a_sum_of_short_periods(bgnbd, gamma_gamma, cdnow):
    rate, steps = 0.15, 5200
    edges = np.linspace(0, 52, steps + 1)
    customer = (cdnow.x[0], cdnow.tx[0], cdnow.T[0])
    expected = np.array([float(bgnbd.expected_purchases(t, *customer)) if t else 0.0 for t in edges])
    middle = (edges[1:] + edges[:-1]) / 2
    by_sum = np.sum(np.diff(expected) * (1 + rate) ** (-middle * 7 / 365.25))
    got = zi.discounted_purchases(bgnbd, *([v] for v in customer), horizon=52, time_unit="week", discount_rate=rate)
    assert got[0] == pytest.approx(by_sum, rel=1e-6)


@pytest.mark.parametrize("years", [5, 20, 100])
@pytest.mark.parametrize(
    "model",
    [
        zi.BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259),
        zi.ParetoNBD.from_parameters(r=0.5533, alpha=10.578, s=0.6062, beta=11.668),
    ],
    ids=lambda model: type(model).__name__,
)
def test_the_integral_keeps_its_digits_however_far_it_looks(model, years):
    x, tx, T = np.array([0.0, 2.0, 20.0]), np.array([0.0, 1.0, 38.0]), np.array([0.0, 1.0, 38.0])
    got = zi.discounted_purchases(model, x, tx, T, horizon=52 * years, time_unit="week", discount_rate=0.5)
    times = np.concatenate([[0.0], np.geomspace(1e-3, 52 * years, 2000)])
    bought = np.diff([model.expected_if_alive(t, x, T) for t in times], axis=0) * model.p_alive(x, tx, T)
    middle = (times[1:] + times[:-1]) / 2
    by_sum = (bought * 1.5 ** (-middle * 7 / 365.25)[:, None]).sum(axis=0)
    assert got == pytest.approx(by_sum, rel=1e-4)


@pytest.mark.parametrize("wrong", [{"horizon": np.inf}, {"horizon": np.nan}, {"discount_rate": np.nan}, {"discount_rate": -1.0}])
def test_a_horizon_or_rate_without_an_answer_is_refused(bgnbd, gamma_gamma, wrong):
    asked = {"horizon": 52.0, **wrong}
    with pytest.raises(ValueError, match="horizon must be positive and finite"):
        zi.discounted_purchases(bgnbd, [2], [3.0], [5.0], **asked)
    with pytest.raises(ValueError, match="horizon must be positive and finite"):
        zi.lifetime_value(bgnbd, gamma_gamma, [2], [3.0], [5.0], [20.0], **asked)
    with pytest.raises(ValueError, match="horizon must be positive and finite"):
        zi.second_lifetime_value(bgnbd, gamma_gamma, [2], [3.0], [20.0], **asked)


def test_more_discount_less_value_longer_horizon_more(bgnbd, gamma_gamma, cdnow):
    base = values(bgnbd, gamma_gamma, cdnow).value
    assert (values(bgnbd, gamma_gamma, cdnow, discount_rate=0.3).value < base).all()
    assert (values(bgnbd, gamma_gamma, cdnow, horizon=104).value > base).all()


def test_the_unit_of_time_does_not_matter(bgnbd, gamma_gamma, cdnow):
    by_day = zi.BetaGeoNBD.from_parameters(**{**bgnbd.parameters_, "alpha": bgnbd.alpha_ * 7}, log_covariance=bgnbd.log_covariance_)
    days = zi.lifetime_value(by_day, gamma_gamma, cdnow.x, cdnow.tx * 7, cdnow.T * 7, cdnow.spend, horizon=364, time_unit="day")
    weeks = values(bgnbd, gamma_gamma, cdnow)
    for name in ("value", "low", "high"):
        assert getattr(days, name) == pytest.approx(getattr(weeks, name), rel=1e-8)


def test_the_interval_agrees_with_drawing_the_parameters(bgnbd, gamma_gamma, cdnow):
    rng = np.random.default_rng(8)
    got = values(bgnbd, gamma_gamma, cdnow)
    some = [0, 1, 2, 5, 100, 900]
    draws = []
    for _ in range(400):
        purchase = np.exp(rng.multivariate_normal(np.log(list(bgnbd.parameters_.values())), bgnbd.log_covariance_))
        money = np.exp(rng.multivariate_normal(np.log(list(gamma_gamma.parameters_.values())), gamma_gamma.log_covariance_))
        model = zi.BetaGeoNBD.from_parameters(**dict(zip(bgnbd.names, purchase, strict=True)))
        spend = zi.GammaGamma.from_parameters(**dict(zip(gamma_gamma.names, money, strict=True)))
        args = (v[some] for v in (cdnow.x, cdnow.tx, cdnow.T, cdnow.spend))
        draws.append(zi.lifetime_value(model, spend, *args, horizon=52, time_unit="week").value)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    assert got.low[some] == pytest.approx(low, rel=0.06)
    assert got.high[some] == pytest.approx(high, rel=0.06)


def test_without_covariance_there_is_no_interval(gamma_gamma, cdnow):
    model = zi.BetaGeoNBD.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
    got = values(model, gamma_gamma, cdnow)
    assert np.isnan(got.low).all()
    assert np.isfinite(got.value).all()


@pytest.mark.parametrize("wrong", [{"horizon": 0}, {"discount_rate": -0.1}, {"confidence": 1}])
def test_options_out_of_range_are_refused(bgnbd, gamma_gamma, cdnow, wrong):
    with pytest.raises(ValueError, match=r"horizon must be positive|confidence must be between"):
        values(bgnbd, gamma_gamma, cdnow, **wrong)


def test_a_second_life_forgets_the_silence_and_pays_for_the_attempt():
    buying = zi.BetaGeoNBD.from_parameters(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)
    spending = zi.GammaGamma.from_parameters(p=6.25, q=3.74, v=15.44)
    x, tx, spend = [1, 6, 6], [10.0, 30.0, 30.0], [20.0, 40.0, 40.0]
    ahead = {"horizon": 52, "time_unit": "week", "margin": 0.3}
    found = zi.second_lifetime_value(buying, spending, x, tx, spend, **ahead, chance=[1, 1, 0.25], cost=[0, 0, 2.0])
    whole = buying.expected_if_alive(52, [1.0, 6.0], [10.0, 30.0]) * spending.expected_spend([1, 6], [20.0, 40.0]) * 0.3
    assert (found[:2] < whole).all()  # discounted
    assert found[:2] == pytest.approx(whole, rel=0.06)
    assert found[2] == pytest.approx(found[1] / 4 - 2)
    first = zi.lifetime_value(buying, spending, x, tx, [110.0] * 3, spend, **ahead).value
    assert (first < found[0]).all()  # after so long a silence they are hardly customers any more
    with pytest.raises(ValueError, match="chance"):
        zi.second_lifetime_value(buying, spending, x, tx, spend, **ahead, chance=1.2)
    with pytest.raises(zi.BadInput):
        zi.second_lifetime_value(buying, spending, [-1], [1.0], [2.0], **ahead)


@pytest.mark.parametrize("t", [-5, np.nan])
def test_there_is_no_future_of_negative_length(bgnbd, t):
    with pytest.raises(zi.BadInput, match="must not be negative"):
        bgnbd.expected_purchases(t, 2, 30.0, 38.0)
    with pytest.raises((zi.BadInput, ValueError)):
        zi.BetaGeoBetaBinomial.from_parameters(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8).expected_purchases(t, [2], [4], 6)
