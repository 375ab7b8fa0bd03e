"""Expected purchases where the closed form fails: the integral, taken at a few points, says the same as taken for everybody."""

import numpy as np
import pytest
from scipy.stats import beta

from zhike_insight.lifetime import geometric


@pytest.mark.parametrize(("r", "a", "b"), [(3.0, 1000.0, 1e5), (0.2426, 0.793, 2.426), (1.2, 30.0, 3e4), (0.5, 0.01, 5.0)])
def test_the_integral_of_many_is_that_of_each(r, a, b):
    rng = np.random.default_rng(7)
    x = rng.integers(0, 8, 3000).astype(float)
    w = np.exp(rng.uniform(np.log(0.001), np.log(20), 3000))
    some = rng.integers(0, 3000, 200)
    each = geometric._by_integral(a, b + x[some], r + x[some], w[some])
    assert geometric._of_many(r, a, b, x, w)[some] == pytest.approx(each, rel=1e-6)


def test_customers_who_never_differ_are_interpolated_from_nothing():
    x, w = np.full(100, 3.0), np.full(100, 0.4)
    assert geometric._of_many(1.0, 5.0, 50.0, x, w) == pytest.approx(geometric._by_integral(5.0, 50.0 + x, 1.0 + x, w))


@pytest.mark.parametrize(("a", "b"), [(1001.0, 1e5), (49414.0, 898106.0), (5000.0, 20.0)])
def test_one_probability_for_all_is_no_special_case_for_the_result(a, b):
    x, w = np.array([0.0, 1.0, 5.0, 40.0]), np.array([0.1, 0.5, 2.0, 0.01])
    for n in range(4):
        share = beta(a, b + x[n])
        p = np.linspace(max(share.ppf(1e-12), 1e-9), share.ppf(1 - 1e-12), 20001)
        exact = np.trapezoid(share.pdf(p) * -np.expm1(-(0.76 + x[n]) * np.log1p(p * w[n])) / p, p)
        assert geometric.growth(0.76, a, b, x[n : n + 1], w[n : n + 1])[0] == pytest.approx(exact, rel=2e-5)
