"""What an action brought in money, whether the groups were alike, how small an effect they can show."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

import zhike_insight as zi

RNG_TRIALS = 400


def test_without_the_past_it_is_welchs_interval():
    rng = np.random.default_rng(0)
    there, alone = rng.normal(5, 2, 40), rng.normal(4, 3, 25)
    found = zi.gain_over_control(there, alone)
    other = stats.ttest_ind(there, alone, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((other.low, other.high))
    assert found.n == 65


def test_with_the_past_the_interval_is_narrower_and_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    plain, known = [], []
    for _trial in range(RNG_TRIALS):
        before = rng.gamma(2, 50, 260)
        after = before * 0.8 + rng.normal(0, 30, 260)
        after[:200] += 12
        groups = after[:200], after[200:]
        plain.append(zi.gain_over_control(*groups))
        known.append(zi.gain_over_control(*groups, before=(before[:200], before[200:])))
    for found in (plain, known):
        assert np.mean([one.low <= 12 <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)
        assert np.mean([one.value for one in found]) == pytest.approx(12, abs=1.0)
    assert np.mean([one.high - one.low for one in known]) < 0.6 * np.mean([one.high - one.low for one in plain])


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30), st.lists(st.floats(0, 1e6), min_size=2, max_size=30))
def test_the_interval_holds_the_gain_and_turns_round_with_the_groups(there, alone):
    one, other = zi.gain_over_control(there, alone), zi.gain_over_control(alone, there)
    assert one.low <= one.value <= one.high
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-6)


def test_who_was_chosen_is_told_from_who_was_drawn_by_lot():
    rng = np.random.default_rng(2)
    visits, age = rng.poisson(5, 2000).astype(float), rng.normal(40, 10, 2000)
    age[:50] = np.nan
    by_lot = zi.standardised_differences({"visits": visits, "age": age, "same": np.ones(2000)}, rng.integers(0, 2, 2000))
    assert not any(one.differs for one in by_lot)
    assert by_lot[2].difference == 0
    chosen = zi.standardised_differences({"visits": visits, "age": age}, visits > 5)
    assert [one.differs for one in chosen] == [True, False]
    assert chosen[0].treated > 5 > chosen[0].control


def test_small_groups_drawn_by_lot_are_not_accused():
    rng = np.random.default_rng(3)
    accused = sum(
        any(one.differs for one in zi.standardised_differences(dict(enumerate(rng.normal(size=(6, 40)))), np.arange(40) < 30))
        for _trial in range(200)
    )
    assert accused < 25


def test_the_smallest_visible_lift_is_seen_in_four_of_five_trials():
    rng = np.random.default_rng(4)
    lift = zi.smallest_visible_lift(900, 300, 0.3)
    seen = [
        zi.lift_over_control(int(rng.binomial(900, 0.3 + lift)), 900, int(rng.binomial(300, 0.3)), 300).low > 0
        for _trial in range(600)
    ]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.07)


@pytest.mark.parametrize(
    "call",
    [
        lambda: zi.gain_over_control([1.0], [1.0, 2.0]),
        lambda: zi.gain_over_control([1.0, np.nan], [1.0, 2.0]),
        lambda: zi.gain_over_control([1.0, 2.0], [1.0, 2.0], before=([1.0], [1.0, 2.0])),
        lambda: zi.standardised_differences({"x": [1, 2, 3]}, [0, 1, 2]),
        lambda: zi.standardised_differences({"x": [1, 2]}, [0, 0, 1, 1]),
        lambda: zi.smallest_visible_lift(0, 5, 0.5),
        lambda: zi.smallest_visible_lift(5, 5, 1.5),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(zi.BadInput):
        call()


def test_what_is_alike_for_everybody_gains_nothing():
    found = zi.gain_over_control([3.0, 3.0], [3.0, 3.0])
    assert (found.value, found.low, found.high) == (0, 0, 0)
