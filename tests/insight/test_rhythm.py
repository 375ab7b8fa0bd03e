from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.base import clone

import zhike_insight as zi
from zhike_insight.runs_of_patterns import next_purchases


def live(rng, customers, *, shape=3.0, a=2.0, b=60.0, staying=0.9, known=400.0, later=120.0):
    """Customers who live as the model says: what is known on a day, and days until the next purchase (infinite if none)."""
    rows, following = [], []
    for _ in range(customers):
        rate, clock, last, gaps = rng.gamma(a, 1 / b), 0.0, 0.0, []
        while True:
            gap = rng.gamma(shape, 1 / rate) if rng.random() < staying else np.inf
            if clock + gap > known:
                break
            clock, last = clock + gap, clock + gap
            gaps.append(gap)
        after = clock + gap - known
        rows.append((len(gaps), sum(gaps), sum(np.log(gaps)), known - last))
        following.append(after if after <= later else np.inf)
    return tuple(np.array(column) for column in zip(*rows, strict=True)), np.array(following)


@pytest.fixture(scope="module")
def lived():
    return live(np.random.default_rng(11), 4000)


@pytest.fixture(scope="module")
def model(lived):
    return zi.PurchaseRhythm().fit(*lived[0])


def test_known_parameters_are_found_again(model):
    assert model.converged_
    assert model.shape_ == pytest.approx(3.0, rel=0.1)
    assert model.staying_ == pytest.approx(0.9, abs=0.02)
    assert model.shape_ * model.b_ / model.a_ == pytest.approx(3 * 60 / 2, rel=0.15)


@pytest.mark.parametrize("days", [7, 30, 120])
def test_as_many_come_as_expected(model, lived, days):
    (n, total, _, silence), following = lived
    expected = model.probability_by(np.full(len(n), days), n, total, silence).sum()
    assert expected == pytest.approx((following <= days).sum(), rel=0.06)


def test_customers_alike_are_counted_not_computed_one_by_one(model, lived):
    (n, total, _, silence), _following = lived
    one_by_one = [float(model.probability_by(np.full(len(n), days), n, total, silence).sum()) for days in (0.0, 7.0, 90.0)]
    twice = model.expected_by([0.0, 7.0, 90.0], n, total, silence, np.full(len(n), 2))
    assert twice == pytest.approx([2 * expected for expected in one_by_one])
    seen = pa.table({
        "customer_id": np.arange(len(n) * 2), "last_on": pa.array([date(2026, 6, 30)] * len(n) * 2),
        "intervals": np.tile(n, 2).astype(int), "days": np.tile(np.round(total), 2), "log_days": np.zeros(len(n) * 2),
        "silence": np.tile(np.round(silence), 2),
    })  # fmt: skip
    table = next_purchases(model, seen)
    assert table["p_coming"].to_numpy() == pytest.approx(np.tile(model.p_coming(n, np.round(total), np.round(silence)), 2))
    middle = model.days_to_next(n, np.round(total), np.zeros(len(n)), quantiles=(0.5,))[:, 0]
    assert table["rhythm"].to_numpy() == pytest.approx(np.tile(middle, 2))


def test_intervals_hold_as_often_as_they_say(model, lived):
    """Of those who came within the time looked at: the interval cut at that time holds four in five."""
    (n, total, _, silence), following = lived
    came = np.flatnonzero(np.isfinite(following))
    within = model.probability_by(np.full(len(n), 120.0), n, total, silence) / model.p_coming(n, total, silence)
    held = []
    for i in came[:800]:
        low, high = model.days_to_next(n[i], total[i], silence[i], quantiles=(0.1 * within[i], 0.9 * within[i]))[0]
        held.append(low <= following[i] <= high)
    assert np.mean(held) == pytest.approx(0.8, abs=0.04)


def test_the_middle_is_nearer_than_the_own_mean(model, lived):
    (n, total, _, silence), following = lived
    came = np.isfinite(following) & (n > 0)
    within = model.days_to_next(n[came], total[came], silence[came], quantiles=(0.5,))[:, 0]
    own = np.clip(total[came] / n[came] - silence[came], 0, None)
    assert np.abs(within - following[came]).mean() < np.abs(own - following[came]).mean() * 1.05
    assert np.median(np.abs(within - following[came])) < np.median(np.abs(own - following[came]))


@given(st.integers(0, 40), st.floats(1, 2000), st.floats(0, 2000))
@settings(max_examples=60)
def test_chances_and_days_are_in_order(model, n, total, silence):
    total = total if n else 0.0
    low, middle, high = model.days_to_next(n, total, silence)[0]
    assert 0 <= low <= middle <= high < np.inf
    by = model.probability_by([7, 30, 365], *([value] * 3 for value in (n, total, silence)))
    coming = model.p_coming(n, total, silence)[0]
    assert 0 <= by[0] <= by[1] <= by[2] <= coming + 1e-9 <= 1 + 2e-9
    later = model.p_coming(n, total, silence + 30)[0]
    assert later <= coming + 1e-12


def test_the_unit_of_time_changes_nothing(lived):
    n, total, logs, silence = (column[:1500] for column in lived[0])
    days = clone(zi.PurchaseRhythm()).fit(n, total, logs, silence)
    hours = zi.PurchaseRhythm().fit(n, total * 24, logs + n * np.log(24), silence * 24)
    assert hours.days_to_next(n, total * 24, silence * 24)[:50] == pytest.approx(
        24 * days.days_to_next(n, total, silence)[:50], rel=0.02
    )


def test_intervals_from_a_table_of_transactions():
    rows = [(1, 0), (1, 0), (1, 10), (1, 30), (2, 5), (1, 90), (3, 40)]
    table = zi.transactions({
        "customer_id": [c for c, _ in rows], "date": [date(2026, 1, 1) + timedelta(days=d) for _, d in rows],
        "amount": [1.0, 2.0, 1.0, 1.0, 0.0, 1.0, -4.0],
    })  # fmt: skip
    found = {row["customer_id"]: row for row in zi.purchase_intervals(table, date(2026, 2, 10)).to_pyarrow().to_pylist()}
    assert set(found) == {1, 2}  # a return is no purchase
    assert (found[1]["intervals"], found[1]["days"], found[1]["silence"]) == (2, 30.0, 10.0)
    assert found[1]["log_days"] == pytest.approx(np.log(10) + np.log(20))
    assert (found[2]["intervals"], found[2]["days"], found[2]["log_days"], found[2]["silence"]) == (0, 0.0, 0.0, 35.0)


def test_bad_input_is_told(model):
    with pytest.raises(zi.NotEnoughData, match="fewer than 30 intervals"):
        zi.PurchaseRhythm().fit([0, 1], [0, 5], [0, 1.6], [3, 3])
    with pytest.raises(zi.BadInput, match="row 1"):
        zi.PurchaseRhythm().fit([40, 40], [10, np.nan], [1, 1], [1, 1])
    with pytest.raises(zi.BadInput, match="one length"):
        zi.PurchaseRhythm().fit([40], [10, 2], [1, 1], [1, 1])
    with pytest.raises(ValueError, match="between 0 and 1"):
        model.days_to_next(1, 10, 2, quantiles=(0.0,))


def test_customers_all_alike_are_a_rhythm():
    """Everybody comes every thirty days to the day: the fit stays finite and says thirty days."""
    n = np.full(50, 10.0)
    found = zi.PurchaseRhythm().fit(n, n * 30, n * np.log(30), np.full(50, 3.0))
    assert found.days_to_next(10, 300, 3)[0] == pytest.approx([27, 27, 27], abs=8)
    assert found.p_coming(10, 300, 3)[0] > 0.9
