"""The incomplete beta integral behind Pareto/NBD: against other ways to take it, and against what must hold for all powers."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad
from scipy.special import betaln, hyp2f1

from zhike_insight.lifetime.tails import tails


def one(p, q, a, b):
    return tails(np.array([p]), np.array([q]), np.array([a]), np.array([b]))


@pytest.mark.parametrize(
    ("p", "q", "a", "b"),
    [(1.5, 2.0, 3.0, 3.0), (0.3, 1.2, 8.0, 5.0), (26.5, 1.6, 41.0, 42.0), (0.03, 6.0, 0.001, 4400.0), (180.0, 0.3, 463.0, 200.0)],
)
def test_the_closed_form_where_it_can_be_computed(p, q, a, b):
    if b > a:
        p, q, a, b = q, p, b, a
    closed = -p * np.log(a) + (1 - q) * np.log(b) - np.log(p + q - 1) + np.log(hyp2f1(1, p, p + q, 1 - b / a))
    assert one(p, q, a, b).log_value[0] == pytest.approx(closed, abs=1e-8)


def test_equal_starts_are_a_power():
    assert one(2.5, 0.7, 4.0, 4.0).log_value[0] == pytest.approx(-2.2 * np.log(4.0) - np.log(2.2), abs=1e-12)


def test_from_nothing_it_is_a_beta_function():
    got = one(0.4, 2.0, 1e-12, 1.0).log_value[0]
    assert got == pytest.approx(betaln(0.6, 1.4), abs=1e-6)


def test_very_many_purchases_where_the_hypergeometric_function_fails():
    p, q, a, b = 2989.4, 301.5, 41.17, 1.4139
    integral, _ = quad(lambda t: np.exp(-p * np.log1p(t / a) - q * np.log1p(t / b)), 0, 1, limit=500, epsabs=0)
    assert one(p, q, a, b).log_value[0] == pytest.approx(np.log(integral) - p * np.log(a) - q * np.log(b), abs=1e-9)


powers = st.floats(0.02, 5000)
starts = st.floats(1e-4, 1e4)


@given(powers, powers, starts, starts)
@settings(max_examples=100)
def test_the_means_are_the_derivatives(r, s, a, b):
    got = one(r, s + 1, a, b)
    for mean, up, down in (
        (got.log_a, one(r * 1.0001, s + 1, a, b), one(r * 0.9999, s + 1, a, b)),
        (got.log_b, one(r, (s + 1) * 1.0001, a, b), one(r, (s + 1) * 0.9999, a, b)),
    ):
        step = 0.0002 * (r if mean is got.log_a else s + 1)
        assert mean[0] == pytest.approx((down.log_value - up.log_value)[0] / step, rel=1e-3, abs=1e-3)
    assert 0 < got.per_a[0] <= 1 / a * (1 + 1e-12)
    assert 0 < got.per_b[0] <= 1 / b * (1 + 1e-12)


@given(st.floats(0.02, 2000), st.floats(0.02, 50), st.floats(0.001, 1000), st.floats(0.001, 1000), st.floats(0, 100))
@settings(max_examples=100)
def test_gone_at_once_or_due_later_is_still_there(k, s, alpha, beta, t):
    """Integration by parts: s ∫ (α+τ)^−k (β+τ)^−(s+1) + k ∫ (α+τ)^−(k+1) (β+τ)^−s from t on is (α+t)^−k (β+t)^−s."""
    gone = np.log(s) + one(k, s + 1, alpha + t, beta + t).log_value[0]
    due = np.log(k) + one(k + 1, s, alpha + t, beta + t).log_value[0]
    assert np.logaddexp(gone, due) == pytest.approx(-k * np.log(alpha + t) - s * np.log(beta + t), abs=1e-6, rel=1e-9)
