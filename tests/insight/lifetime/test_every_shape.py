"""Small companies of every shape: all models find an optimum, inside or at the edge."""

import numpy as np
import pytest

import zhike_insight as zi

RATES = {
    "unlike": lambda rng, n: rng.gamma(0.5, 0.2, n),
    "one": lambda rng, n: np.full(n, rng.uniform(0.01, 0.5)),
    "like": lambda rng, n: rng.gamma(50, 0.002, n),
    "two": lambda rng, n: rng.choice([0.02, 0.5], n),
}
LEAVING = {
    "never": lambda rng, n: np.zeros(n),
    "one": lambda rng, n: np.full(n, rng.uniform(0.05, 0.6)),
    "unlike": lambda rng, n: rng.beta(0.5, 1, n),
}
MEANS = {
    "unlike": lambda rng, n: rng.lognormal(4, 0.8, n),
    "one": lambda rng, n: np.full(n, 300.0),
    "two": lambda rng, n: rng.choice([40.0, 300.0], n),
}


def bought(rng, rates, leaving, age):
    """Frequency and recency of customers who buy at these rates and leave after a purchase with these chances."""
    gaps = rng.exponential(1, (len(age), 120)) / rates[:, None]
    stays = rng.geometric(np.maximum(leaving, 1e-9))
    times = np.cumsum(gaps, axis=1)
    x = np.minimum((times <= age[:, None]).sum(axis=1), stays)
    recency = np.where(x > 0, times[np.arange(len(age)), np.maximum(x - 1, 0)], 0.0)
    return x.astype(float), recency


@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("rates", RATES)
def test_all_models_of_buying_find_an_optimum(rates, leaving):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(60, 500))
        age = rng.uniform(10, 150, n)
        x, recency = bought(rng, RATES[rates](rng, n), LEAVING[leaving](rng, n), age)
        for kind in (zi.BetaGeoNBD, zi.ModifiedBetaGeoNBD, zi.ParetoNBD):
            model = kind().fit(x, recency, age)
            assert model.converged_, (kind.__name__, seed, model.message_)
            assert np.isfinite(model.expected_purchases(52, x, recency, age)).all()


@pytest.mark.parametrize("spread", [0.02, 0.12, 1.0])
@pytest.mark.parametrize("means", MEANS)
def test_spending_finds_an_optimum(means, spread):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(60, 500))
        x, level = rng.integers(1, 8, n).astype(float), MEANS[means](rng, n)
        spend = level * rng.gamma(x / spread**2, spread**2 / x)
        model = zi.GammaGamma().fit(x, spend)
        assert model.converged_, (seed, model.message_)
        assert model.expected_spend(x, spend).sum() == pytest.approx(spend.sum(), rel=0.2)


def test_the_order_of_the_customers_decides_nothing():
    """Far out at the edge sums of large terms have few sure digits: in one order of twenty the search once stopped too early."""
    rng = np.random.default_rng(5)
    x = rng.integers(2, 6, 250).astype(float)
    spend = np.array([np.mean(300 * rng.uniform(0.8, 1.2, int(n))) for n in x])
    for seed in range(80, 120):
        order = np.random.default_rng(seed).permutation(250)
        model = zi.GammaGamma().fit(x[order], spend[order])
        assert model.converged_, (seed, model.message_)
        assert model.limit_ == ("one_mean",)
