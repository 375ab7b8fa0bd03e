import math

import pytest
from hypothesis import given, strategies as st

import zhike_insight as zi


def test_the_envelope():
    assert zi.simple_value(40, 52, 30) == 62_400


@pytest.mark.parametrize("wrong", [(-1, 2, 3), (1, math.nan, 3), (1, 2, math.inf)])
def test_the_envelope_refuses_nonsense(wrong):
    with pytest.raises(ValueError, match="must be a number not below zero"):
        zi.simple_value(*wrong)


def test_five_periods_by_hand():
    by_hand = sum(100 * 0.8**t / 1.1**t for t in range(5)) - 30
    assert zi.retention_value(100, 0.8, 0.1, periods=5, acquisition_cost=30) == pytest.approx(by_hand)


def test_limit_of_gupta_and_lehmann():
    assert zi.retention_value(100, 0.8, 0.1, first_margin="later") == pytest.approx(100 * 0.8 / (1 + 0.1 - 0.8))


def test_margins_that_change_and_then_go_on():
    by_hand = 100 + 150 * 0.8 / 1.1 + sum(150 * (0.8 / 1.1) ** t for t in range(2, 400))
    assert zi.retention_value([100, 150], 0.8, 0.1) == pytest.approx(by_hand)
    assert zi.retention_value([100, 150], 0.8, 0.1, periods=1) == 100
    assert zi.retention_value(100, 0.8, 0.1, periods=0, acquisition_cost=5) == -5


def test_nobody_leaves_and_nothing_is_discounted():
    assert zi.retention_value(10, 1.0, 0.0, periods=7) == pytest.approx(70)
    with pytest.raises(ValueError, match="infinite"):
        zi.retention_value(10, 1.0, 0.0)


@given(st.floats(1, 1e6), st.floats(0, 0.95), st.floats(0, 0.5), st.integers(1, 60), st.floats(0.01, 1000))
def test_money_scales_and_time_adds(margin, retention, discount, periods, factor):
    value = zi.retention_value(margin, retention, discount, periods=periods)
    assert zi.retention_value(margin * factor, retention, discount, periods=periods) == pytest.approx(value * factor)
    assert value <= zi.retention_value(margin, retention, discount, periods=periods + 1) * (1 + 1e-12)
    assert value <= zi.retention_value(margin, retention, discount) * (1 + 1e-9)


def test_sensitivity_rises_with_retention_and_falls_with_discount():
    table = zi.retention_sensitivity(100, [0.5, 0.7, 0.9], [0.05, 0.1, 0.2])
    assert table.shape == (3, 3)
    assert (table[1:] > table[:-1]).all()
    assert (table[:, 1:] < table[:, :-1]).all()
    assert table[1, 1] == pytest.approx(zi.retention_value(100, 0.7, 0.1))
