"""Pareto/NBD and modified BG/NBD against published figures, and what must hold for both."""

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad

import zhike_insight as zi
from zhike_insight.lifetime.triples import distinct


@pytest.fixture(scope="module")
def pareto(cdnow):
    return zi.ParetoNBD().fit(cdnow.x, cdnow.tx, cdnow.T)


@pytest.fixture(scope="module")
def modified(cdnow):
    return zi.ModifiedBetaGeoNBD().fit(cdnow.x, cdnow.tx, cdnow.T)


def test_published_pareto_parameters_and_likelihood(pareto):
    assert pareto.parameters_ == pytest.approx({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, rel=1e-3)
    assert pareto.log_likelihood_ == pytest.approx(-9594.98, abs=0.01)
    errors = {"r": 0.0476, "alpha": 0.8427, "s": 0.1873, "beta": 6.2105}
    assert pareto.standard_errors_ == pytest.approx(errors, rel=1e-3)
    assert pareto.converged_


def test_published_modified_parameters(modified):
    assert modified.parameters_ == pytest.approx({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, abs=5e-4)
    assert modified.converged_


def test_published_pareto_prediction(pareto):
    assert float(pareto.expected_purchases(52, 26, 30.86, 31)) == pytest.approx(25.46, abs=0.005)


def test_hold_out_of_pareto(cdnow_transactions):
    from datetime import date

    report = zi.back_test(cdnow_transactions, date(1997, 9, 30), date(1998, 6, 30), models={"pareto_nbd": zi.ParetoNBD})
    assert report.models["pareto_nbd"].expected == pytest.approx(1666, abs=1)
    assert report.by_period[-1]["pareto_nbd"] == pytest.approx(report.by_period[-1]["actual"], rel=0.02)


def test_discounted_residual_purchases_of_full_cdnow(shared_data):
    from datetime import date

    lines = [line.split() for line in (shared_data / "cdnow" / "CDNOW_master.txt").read_text().splitlines()[1:] if line.strip()]
    table = zi.transactions(
        {
            "customer_id": [int(line[0]) for line in lines],
            "date": [date.fromisoformat(line[1]) for line in lines],
            "amount": [float(line[3]) for line in lines],
        }
    )
    rows = zi.summaries(table, date(1998, 6, 30), time_unit="week").to_pyarrow()
    x, tx, T = (rows[n].to_numpy() for n in ("frequency", "recency", "age"))
    model = zi.ParetoNBD.from_parameters(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    got = model.discounted_residual_purchases(x, tx, T, time_unit="week", discount_rate=0.15)
    assert got.mean() == pytest.approx(3.131, abs=0.01)


def test_discounted_residual_purchases_agree_with_the_integral(pareto):
    force = np.log(1.15) * 7 / 365.25
    step = 1e-3
    rate = lambda t: float(pareto.expected_purchases(t + step, 3, 20, 30) - pareto.expected_purchases(t, 3, 20, 30)) / step  # noqa: E731
    total, _ = quad(lambda t: np.exp(-force * t) * rate(t), 0, 8000, limit=500)
    got = pareto.discounted_residual_purchases(3, 20, 30, time_unit="week", discount_rate=0.15)
    assert float(got) == pytest.approx(total, rel=1e-3)
    with pytest.raises(ValueError, match="positive"):
        pareto.discounted_residual_purchases(3, 20, 30, discount_rate=0)


@pytest.mark.parametrize("s", [0.05, 1.0, 2.0, 50.0, 300.0])
@pytest.mark.parametrize("beta", [0.1, 11.0, 1e4, 2e7])
def test_discounted_residual_purchases_have_a_value_wherever_the_model_has(s, beta):
    model = zi.ParetoNBD.from_parameters(r=0.55, alpha=10.6, s=s, beta=beta)
    force = np.log(1.1) * 7 / 365.25
    places = np.linspace(0, min(np.log1p(700 / (force * beta)), 40 / max(s - 1, 0.1)), 200_001)  # of the time ahead, ln(1 + t / β)
    ahead = np.exp(-force * beta * np.expm1(places) + (1 - s) * places)
    by_sum = 0.55 / 10.6 * beta * np.sum(ahead[1:] + ahead[:-1]) / 2 * places[1]
    got = model.discounted_residual_purchases(0, 0, 0, time_unit="week", discount_rate=0.1)
    assert float(got) == pytest.approx(by_sum, rel=1e-4)


def test_frequent_buyers_do_not_overflow():
    model = zi.ParetoNBD.from_parameters(r=0.5143, alpha=2.8845, s=0.2856, beta=14.1087)
    x = np.array([221, 254, 161, 204, 5000])
    alive = model.p_alive(x, [103.4, 103.6, 50, 100, 100], [103.6, 103.9, 104, 104, 104])
    assert np.isfinite(alive).all()
    assert (alive > [0.9, 0.9, -1, -1, -1]).all()
    assert alive[4] < 1e-6


def test_an_independent_implementation_agrees(cdnow, pareto, modified):
    if find_spec("lifetimes") is None:
        pytest.skip("needs the wheel lifetimes")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import ModifiedBetaGeoFitter, ParetoNBDFitter
    import pandas as pd

    some = slice(0, 200)
    x, tx, T = cdnow.x[some], cdnow.tx[some], cdnow.T[some]
    for ours, theirs in ((pareto, ParetoNBDFitter()), (modified, ModifiedBetaGeoFitter())):
        theirs.params_ = pd.Series(ours.parameters_)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            alive = np.asarray(theirs.conditional_probability_alive(x, tx, T), dtype=float)
            expected = np.asarray(theirs.conditional_expected_number_of_purchases_up_to_time(39, x, tx, T), dtype=float)
        assert ours.p_alive(x, tx, T) == pytest.approx(alive, rel=1e-6)
        assert ours.expected_purchases(39, x, tx, T) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("factor", [7, 1 / 52])
def test_the_unit_of_time_does_not_matter(cdnow, pareto, modified, factor):
    for model in (pareto, modified):
        other = type(model)().fit(cdnow.x, cdnow.tx * factor, cdnow.T * factor)
        scaled = {n: v * (factor if n in model.times else 1) for n, v in model.parameters_.items()}
        assert other.parameters_ == pytest.approx(scaled, rel=1e-4)


@given(
    st.integers(0, 2000), st.floats(0, 1), st.floats(0.1, 1e4), st.floats(0.1, 1e3),
    st.floats(0.05, 20), st.floats(0.05, 100), st.floats(0.05, 20), st.floats(0.05, 100),
)  # fmt: skip
@settings(max_examples=60)
def test_predictions_stay_in_bounds(x, share, T, t, r, alpha, s, b):  # noqa: N803
    tx = share * T if x else 0.0
    for model in (
        zi.ParetoNBD.from_parameters(r=r, alpha=alpha, s=s, beta=b),
        zi.ModifiedBetaGeoNBD.from_parameters(r=r, alpha=alpha, a=s, b=b),
    ):
        alive, expected = float(model.p_alive(x, tx, T)), float(model.expected_purchases(t, x, tx, T))
        assert 0 <= alive <= 1
        assert 0 <= expected <= (r + x) / (alpha + T) * t * (1 + 1e-6) + 1e-9
        assert float(model.p_alive(x, T if x else 0.0, T)) >= alive - 1e-9


def test_known_parameters_of_pareto_are_found_again():
    rng = np.random.default_rng(11)
    n = 8000
    truth = {"r": 0.8, "alpha": 6.0, "s": 0.9, "beta": 15.0}
    T = rng.uniform(30, 70, n)
    rate, leaving = rng.gamma(0.8, 1 / 6.0, n), rng.gamma(0.9, 1 / 15.0, n)
    lived = np.minimum(rng.exponential(1 / leaving), T)
    x = rng.poisson(rate * lived)
    tx = np.where(x > 0, lived * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)  # the last of x uniform moments
    model = zi.ParetoNBD().fit(x, tx, T)
    for name, value in truth.items():
        assert abs(model.parameters_[name] - value) < 3.5 * model.standard_errors_[name]


def live(rng, customers, *, r, alpha, s, beta, T):  # noqa: N803
    """Customers who live as Pareto/NBD says."""
    rate, leaving = rng.gamma(r, 1 / alpha, customers), rng.gamma(s, 1 / beta, customers)
    lived = np.minimum(rng.exponential(1 / leaving), T)
    x = rng.poisson(rate * lived)
    return x, np.where(x > 0, lived * rng.random(customers) ** (1 / np.maximum(x, 1)), 0.0)


def test_intervals_hold_the_truth_as_often_as_they_say():
    truth = {"r": 1.2, "alpha": 4.0, "s": 0.8, "beta": 12.0}
    inside = np.zeros(4)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        T = rng.integers(30, 70, 2000).astype(float)
        model = zi.ParetoNBD().fit(*live(rng, 2000, **truth, T=T), T)
        assert model.converged_
        spread = np.sqrt(np.diag(model.log_covariance_))
        inside += np.abs(np.log(list(model.parameters_.values())) - np.log(list(truth.values()))) <= 1.645 * spread
    assert (inside >= 15).all()  # 90 % intervals: fewer than 15 of 20 has a chance below 1 %
    assert inside.sum() >= 66  # of 80; 72 expected


@pytest.mark.parametrize("start", [(0.05, 20, 5, 0.2), (5, 0.01, 0.1, 20), (0.1, 0.02, 3, 3), (5, 5, 5, 5)])
def test_the_optimum_does_not_depend_on_the_start(cdnow, pareto, start):
    class Elsewhere(zi.ParetoNBD):
        pass

    Elsewhere.start = dict(zip(("r", "alpha", "s", "beta"), start, strict=True))
    model = Elsewhere().fit(cdnow.x, cdnow.tx, cdnow.T)
    assert model.converged_
    assert model.parameters_ == pytest.approx(pareto.parameters_, rel=1e-6)


@pytest.mark.parametrize(
    "truth",
    [
        (0.3, 2, 0.2, 5),
        (3, 10, 2, 50),
        (0.25, 4, 0.1, 1),
        (5, 3, 0.5, 200),
        (0.05, 0.5, 1, 10),
        (0.8, 6, 0.02, 15),
        (20, 40, 0.9, 15),
    ],
)
def test_all_kinds_of_customers_converge(truth):
    rng = np.random.default_rng(3)
    T = rng.integers(30, 100, 1000).astype(float)
    x, tx = live(rng, 1000, **dict(zip(("r", "alpha", "s", "beta"), truth, strict=True)), T=T)
    model = zi.ParetoNBD().fit(x, np.minimum(np.ceil(tx), T), T)  # in whole weeks, as orders come
    assert model.converged_
    likelihood = zi.ParetoNBD._objective(distinct(x.astype(float), np.minimum(np.ceil(tx), T), T))
    assert model.log_likelihood_ >= likelihood(np.array(truth))[0]


def test_who_all_leave_at_one_pace_have_one_rate_of_leaving():
    rng = np.random.default_rng(3)
    T = rng.uniform(30, 100, 500)
    x, tx = live(rng, 500, r=1, alpha=20, s=5, beta=10, T=T)
    T, tx = np.ceil(T), np.minimum(np.ceil(tx), np.ceil(T))
    model = zi.ParetoNBD().fit(x, tx, T)
    assert model.converged_
    assert model.limit_ == ("one_rate_of_leaving",)
    assert set(model.limit_parameters_) == {"r", "alpha", "leaving"}


def test_the_fit_costs_what_its_distinct_pairs_cost():
    rng = np.random.default_rng(8)
    T = rng.integers(20, 72, 40_000).astype(float)
    x, tx = live(rng, 40_000, r=0.8, alpha=6.0, s=0.9, beta=15.0, T=T)
    likelihood = zi.ParetoNBD._objective(distinct(x.astype(float), np.minimum(np.ceil(tx), T), T))
    race = likelihood.race
    assert len(race.gone_in_x) + len(race.due_in_x) < len(race.weight) / 3
    assert len(race.weight) < 40_000 / 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-4, 0.02, 1.0, 50.0, 8000.0])
def test_corner_cases_are_finite_and_silent(scale):
    x = np.array([0, 0, 0, 1, 1, 5000, 1e5, 1e6, 3, 91, 1e4])
    tx = np.array([0, 0, 0, 10, 1e-9, 10, 1e3, 1e3, 0.5, 0, 1e-9])
    T = np.array([0, 1e6, 1e-9, 10, 10, 10, 1e3, 1e6, 0.5, 0.25, 1e6])
    names = {"r": scale, "alpha": 3.0, "s": 1 / scale, "beta": 0.7 * scale}
    for model in (
        zi.ParetoNBD.from_parameters(**names),
        zi.ParetoNBD.from_parameters(r=0.7, alpha=scale, s=scale, beta=1 / scale),
        zi.ModifiedBetaGeoNBD.from_parameters(r=scale, alpha=3.0, a=1 / scale, b=0.7 * scale),
        zi.BetaGeoNBD.from_parameters(r=0.7, alpha=scale, a=scale, b=1 / scale),
    ):
        alive = model.p_alive(x, tx, T)
        assert ((alive >= 0) & (alive <= 1)).all()
        for t in (0, 1e-6, 52, 1e5):
            expected = model.expected_purchases(t, x, tx, T)
            assert np.isfinite(expected).all()
            assert (expected >= 0).all()


def test_lifetime_value_takes_every_model(pareto, modified, gamma_gamma, cdnow):
    for model in (pareto, modified):
        got = zi.lifetime_value(model, gamma_gamma, cdnow.x, cdnow.tx, cdnow.T, cdnow.spend, horizon=52, time_unit="week")
        assert (got.low < got.value).all()
        assert (got.value < got.high).all()
