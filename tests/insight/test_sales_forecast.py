from datetime import date, timedelta

import numpy as np
import pytest

import zhike_insight as zi
from tests.insight.test_seasons import expected

START = date(2023, 1, 1)


def sold(days, *, growth=0.0, seed=4, segments=("north", "south")):
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(days):
        day = START + timedelta(days=i)
        for k, segment in enumerate(segments):
            n = rng.poisson(expected(day) / 10 * (1 + k) * np.exp(growth * i / 365))
            rows += [(segment, day, round(float(price), 2)) for price in rng.gamma(4, 25, n)]
    segment, day, amount = (list(column) for column in zip(*rows, strict=True))
    return zi.transactions({"customer_id": list(range(len(rows))), "date": day, "amount": amount, "segment": segment})


@pytest.fixture(scope="module")
def three_years():
    return sold(1276)  # to the end of June 2026


@pytest.fixture(scope="module")
def found(three_years):
    return zi.forecast_sales(three_years, date(2025, 12, 31), periods=6)


def rows(found, measure="orders", segment=None):
    return [row for row in found.table.to_pylist() if row["measure"] == measure and row["segment"] == segment]


def test_what_comes_is_inside_and_near(found, three_years):
    """January is busy before the festival of 17 February 2026 and was busier in the year before; the calendar knows."""
    days = three_years.group_by("date").agg(n=three_years.count()).to_pyarrow().to_pylist()
    came = {}
    for row in days:
        came[row["date"].replace(day=1)] = came.get(row["date"].replace(day=1), 0) + row["n"]
    ahead = rows(found)
    assert [row["start"] for row in ahead] == [date(2026, month, 1) for month in range(1, 7)]
    assert all(row["low"] <= row["expected"] <= row["high"] for row in ahead)
    assert sum(abs(row["expected"] - came[row["start"]]) for row in ahead) / sum(came[row["start"]] for row in ahead) < 0.1
    assert sum(row["low"] <= came[row["start"]] <= row["high"] for row in ahead) >= 4


def test_the_best_of_the_earlier_forecasts_is_taken_and_all_are_shown(found):
    tests = found.back_test.to_pylist()
    for measure in ("orders", "revenue"):
        errors = {row["technique"]: row["error"] for row in tests if row["measure"] == measure}
        assert set(errors) == {"naive", "seasonal_naive", "level", "trend"}
        (chosen,) = [row["technique"] for row in tests if row["measure"] == measure and row["chosen"]]
        assert errors[chosen] == min(errors.values())
        assert min(errors["level"], errors["trend"]) < errors["naive"]
    assert found.origins == 6
    assert all(0.5 <= share <= 1 for share in found.coverage.values())


def test_segments_add_up_to_all(found):
    for measure in ("orders", "revenue"):
        parts = [rows(found, measure, name) for name in ("north", "south")]
        for whole, *some in zip(rows(found, measure), *parts, strict=True):
            assert sum(row["expected"] for row in some) == pytest.approx(whole["expected"])


def test_nothing_after_the_day_is_looked_at(found, three_years):
    past = three_years.filter(three_years.date <= date(2025, 12, 31))
    assert zi.forecast_sales(past, date(2025, 12, 31), periods=6).table.equals(found.table)


def test_the_scale_of_money_is_kept(found, three_years):
    more = zi.forecast_sales(three_years.mutate(amount=three_years.amount * 100), date(2025, 12, 31), periods=6)
    for one, other in zip(rows(found, "revenue"), rows(more, "revenue"), strict=True):
        assert other["expected"] == pytest.approx(100 * one["expected"])
        assert other["high"] == pytest.approx(100 * one["high"])


def test_weeks_begin_on_monday_and_a_week_that_is_not_over_is_forecast():
    found = zi.forecast_sales(sold(200), date(2023, 7, 13), periods=2, period="week")  # a Thursday
    assert [row["start"] for row in rows(found)] == [date(2023, 7, 10), date(2023, 7, 17)]


def test_a_month_that_is_over_is_history():
    found = zi.forecast_sales(sold(400), date(2023, 9, 30), periods=1)
    assert rows(found)[0]["start"] == date(2023, 10, 1)
    assert found.history["start"].to_pylist()[:9] == [date(2023, m, 1) for m in range(1, 10)]


def test_a_segment_that_stopped_stays_at_nothing():
    table = sold(500)
    gone = table.filter((table.segment == "south") | (table.date < date(2023, 6, 1)))
    found = zi.forecast_sales(gone, date(2024, 5, 14), periods=2)
    assert max(row["expected"] for row in rows(found, segment="north")) < 0.1 * rows(found)[0]["expected"]
    assert min(row["low"] for row in found.table.to_pylist()) >= 0


@pytest.mark.parametrize("wrong", [{"period": "day"}, {"periods": 0}, {"confidence": 1.0}])
def test_options_out_of_range_are_refused(three_years, wrong):
    with pytest.raises(ValueError, match="period must be month or week"):
        zi.forecast_sales(three_years, date(2025, 12, 31), **wrong)


def test_too_little_history_is_told():
    with pytest.raises(zi.NotEnoughData, match="at least 6 whole months"):
        zi.forecast_sales(sold(100), date(2023, 4, 10))
    with pytest.raises(zi.NotEnoughData, match="no transaction"):
        zi.forecast_sales(sold(100), date(2022, 4, 10))
