"""The stacked forecast on CDNOW's second half year, next to the models it is made of."""

from datetime import date, timedelta

import numpy as np
import pytest

import zhike_insight as zi

END, AFTER = date(1997, 9, 30), date(1998, 6, 30)
SINGLE = ("bgnbd", "mbgnbd", "pareto_nbd")


@pytest.fixture(scope="module")
def forecast(cdnow_transactions):
    return zi.forecast_purchases(cdnow_transactions, END, AFTER)


@pytest.fixture(scope="module")
def came(cdnow_transactions):
    rows = zi.calibration_and_holdout(cdnow_transactions, END, AFTER).order_by("customer_id").to_pyarrow()
    return rows["holdout_frequency"].to_numpy()


def test_it_orders_customers_better_than_each_model(forecast, came):
    stacked = zi.judge(forecast.table["expected"], came)
    for name in SINGLE:
        single = zi.judge(forecast.table[name], came)
        assert stacked.gini > single.gini
        assert stacked.top_decile > single.top_decile


def test_its_models_are_the_published_ones(forecast):
    assert sum(forecast.table["bgnbd"].to_pylist()) == pytest.approx(1653.4, abs=0.5)
    assert sum(forecast.table["pareto_nbd"].to_pylist()) == pytest.approx(1665.5, abs=0.5)


def test_what_came_lies_in_the_intervals(forecast, came):
    assert forecast.total_low < came.sum() < forecast.total_high
    low, high = (forecast.table[name].to_numpy() for name in ("low", "high"))
    assert ((low <= came) & (came <= high)).mean() == pytest.approx(0.95, abs=0.04)  # whole numbers: not below the 90 % asked for
    assert (low <= high).all()


def test_the_total_is_the_sum(forecast):
    assert forecast.total == pytest.approx(sum(forecast.table["expected"].to_pylist()))
    assert forecast.total_low < forecast.total < forecast.total_high
    assert forecast.season == 1.0  # nine months are no two years
    assert all(one.as_of + timedelta(days=one.days) <= END for one in forecast.origins)


def test_nothing_after_the_day_is_used(cdnow_transactions, forecast):
    known = cdnow_transactions.filter(cdnow_transactions.date <= END)
    again = zi.forecast_purchases(known, END, AFTER)
    assert again.table.equals(forecast.table)


def test_money_in_another_currency_changes_nothing(cdnow_transactions, forecast):
    dearer = cdnow_transactions.mutate(amount=cdnow_transactions.amount * 7.25)
    again = zi.forecast_purchases(dearer, END, AFTER)
    np.testing.assert_allclose(again.table["expected"].to_numpy(), forecast.table["expected"].to_numpy(), rtol=1e-3)


def test_a_longer_confidence_is_wider(cdnow_transactions):
    few = cdnow_transactions.filter(cdnow_transactions.customer_id <= 400)
    narrow, wide = (zi.forecast_purchases(few, END, END + timedelta(days=91), confidence=c) for c in (0.5, 0.95))
    assert wide.total_high - wide.total_low > narrow.total_high - narrow.total_low
    assert np.all(wide.table["high"].to_numpy() >= narrow.table["high"].to_numpy())


def test_with_nothing_to_learn_from_it_is_the_models_mean():
    days = [date(2026, 1, 1) + timedelta(days=int(d)) for d in (0, 9, 20, 3, 30, 5, 6, 7)]
    table = zi.transactions({"customer_id": [1, 1, 1, 2, 2, 3, 4, 5], "date": days, "amount": [1.0] * 8})
    found = zi.forecast_purchases(table, date(2026, 2, 10), date(2026, 3, 10))
    means = np.exp(np.mean([np.log(found.table[name].to_numpy()) for name in SINGLE], axis=0))
    np.testing.assert_allclose(found.table["expected"].to_numpy(), means)
    assert found.origins == []
    assert np.isnan(found.total_low)


def test_a_future_that_is_past_is_refused(cdnow_transactions):
    with pytest.raises(ValueError, match="until must be after"):
        zi.forecast_purchases(cdnow_transactions, AFTER, END)


def test_the_back_test_judges_it_with_the_models(cdnow_transactions, forecast):
    report = zi.back_test(cdnow_transactions, END, AFTER)
    assert list(report.models) == [*SINGLE, "stacked"]
    assert report.models["stacked"].expected == pytest.approx(forecast.total)
    assert set(report.by_period[0]) == {"period", "actual", *SINGLE}
