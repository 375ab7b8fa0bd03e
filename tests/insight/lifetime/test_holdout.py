"""CDNOW's second half year: what came, what the models said, and what needs no model."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, strategies as st

import zhike_insight as zi

END, AFTER = date(1997, 9, 30), date(1998, 6, 30)


@pytest.fixture(scope="module")
def report(cdnow_transactions):
    return zi.back_test(cdnow_transactions, END, AFTER, models={"bgnbd": zi.BetaGeoNBD})


def test_the_published_hold_out(report):
    assert (report.customers, report.length, report.actual) == (2357, 39.0, 1882.0)
    assert report.models["bgnbd"].expected == pytest.approx(1653.4, abs=0.5)
    assert report.models["bgnbd"].bias == pytest.approx(-0.1215, abs=0.0005)
    assert report.parameters["bgnbd"]["r"] == pytest.approx(0.2426, rel=5e-3)


def test_the_report_names_where_a_baseline_wins(report):
    for measure in ("mae", "gini", "top_decile", "bias"):
        model = _good(measure, report.models["bgnbd"])
        best = max(_good(measure, f) for f in report.baselines.values())
        assert (best > model) == (measure in report.baseline_wins)
    assert set(report.baselines) == {"same_rate", "last_period", "all_equal"}


def _good(measure, forecast):
    value = getattr(forecast, measure)
    return -abs(value) if measure in ("mae", "bias") else value


def test_by_frequency_adds_up(report):
    assert sum(row["customers"] for row in report.by_frequency) == 2357
    assert sum(row["customers"] * row["actual"] for row in report.by_frequency) == pytest.approx(1882)
    total = sum(row["customers"] * row["bgnbd"] for row in report.by_frequency)
    assert total == pytest.approx(report.models["bgnbd"].expected)
    assert [row["frequency"] for row in report.by_frequency] == list(range(8))


def test_tracking_covers_both_halves(report):
    assert len(report.by_period) == 78
    last = report.by_period[-1]
    assert last["actual"] == 2457 + 1882  # repeat purchases of the calibration and of the hold-out
    at_end = report.by_period[38]
    assert at_end["bgnbd"] == pytest.approx(at_end["actual"], rel=0.03)  # within the calibration the curve fits
    assert all(
        b["actual"] >= a["actual"] and b["bgnbd"] > a["bgnbd"] for a, b in zip(report.by_period, report.by_period[1:], strict=False)
    )


def test_the_report_is_plain_data(report):
    import json

    assert json.loads(json.dumps(report.as_dict()))["actual"] == 1882.0


def test_a_perfect_forecast_and_a_useless_one():
    actual = np.array([5, 3, 1, 0, 0, 0, 0, 0, 0, 0.0])
    perfect = zi.judge(actual, actual)
    assert (perfect.bias, perfect.mae, perfect.gini, perfect.top_decile) == (0, 0, 1, pytest.approx(5 / 9))
    useless = zi.judge(np.full(10, 0.9), actual)
    assert useless.gini == pytest.approx(0)
    assert useless.top_decile == pytest.approx(0.1)
    assert zi.judge(-actual + 5, actual).gini < 0


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 20)), min_size=2, max_size=60))
def test_measures_stay_in_bounds_and_order_does_not_matter(pairs):
    expected, actual = np.array(pairs, dtype=float).T
    found, turned = zi.judge(expected, actual), zi.judge(expected[::-1], actual[::-1])
    assert found == turned or (np.isnan(found.gini) and np.isnan(turned.gini)) or found.gini == pytest.approx(turned.gini)
    assert np.isnan(found.gini) or -1 - 1e-9 <= found.gini <= 1 + 1e-9
    assert np.isnan(found.top_decile) or 0 <= found.top_decile <= 1 + 1e-9


def test_baselines_by_hand():
    found = zi.baselines([2, 0, 3], [10, 10, 0], 5, before=[1, 0, 0])
    assert found["same_rate"].tolist() == [1, 0, 0]
    assert found["all_equal"].tolist() == [1.25] * 3
    assert found["last_period"].tolist() == [1, 0, 0]


def test_an_empty_hold_out_is_refused(cdnow_transactions):
    with pytest.raises(ValueError, match="must end after"):
        zi.back_test(cdnow_transactions, AFTER, AFTER)


def test_nothing_to_compare_is_refused():
    with pytest.raises(zi.BadInput, match="one length"):
        zi.judge([], [])
