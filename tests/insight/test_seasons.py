from datetime import date, timedelta

import numpy as np
import pytest

import zhike_insight as zi

START = date(2022, 1, 3)
BUSY = {5: 1.5, 6: 1.25}  # Saturday, Sunday


@pytest.fixture(scope="module")
def days():
    return [START + timedelta(days=i) for i in range(4 * 365)]


def expected(day):
    level = 30 * (1.4 if day.month in (7, 8) else 1.0) * BUSY.get(day.weekday(), 1.0)
    to_festival = (day - zi.chinese_festivals(day.year)["spring_festival"]).days
    return level * (2.0 if -21 <= to_festival <= -2 else 1.0)


@pytest.fixture(scope="module")
def found(days):
    rng = np.random.default_rng(3)
    return zi.seasonality(days, rng.poisson([expected(day) for day in days]))


@pytest.mark.parametrize(
    ("year", "name", "day"),
    [
        (2024, "spring_festival", "2024-02-10"), (2025, "spring_festival", "2025-01-29"), (2026, "dragon_boat", "2026-06-19"),
        (2023, "mid_autumn", "2023-09-29"), (2024, "qingming", "2024-04-04"), (2025, "lantern", "2025-02-12"),
    ],
)  # fmt: skip
def test_festivals_fall_as_the_calendar_says(year, name, day):
    assert zi.chinese_festivals(year)[name] == date.fromisoformat(day)


def test_years_out_of_range_are_refused():
    with pytest.raises(ValueError, match="1900 to 2100"):
        zi.chinese_festivals(2101)


def test_the_season_that_made_the_data_is_found_again(found):
    weekdays = found.weekdays["factor"].to_pylist()
    assert weekdays[5] / weekdays[0] == pytest.approx(1.5, rel=0.05)
    months = {row["month"]: row["factor"] for row in found.months.to_pylist()}
    assert months[7] / months[5] == pytest.approx(1.4, rel=0.12)
    before = next(row for row in found.festivals.to_pylist() if row["window"] == "before_spring_festival")
    assert before["low"] < 2.0 < before["high"]
    assert found.dispersion == pytest.approx(1.0, abs=0.2)
    assert found.explained > 0.6


def test_a_festival_that_moves_is_foretold_where_it_will_be(found):
    """In 2027 the Spring Festival is on 6 February, in 2028 on 26 January."""
    busy, quiet = found.factors([date(2027, 1, 25), date(2028, 1, 28)])
    assert busy > 1.5 * quiet


def test_intervals_hold_the_truth_about_as_often_as_they_say(days):
    rng = np.random.default_rng(8)
    held = []
    for _ in range(12):
        made = zi.seasonality(days[:800], rng.poisson([20 * BUSY.get(day.weekday(), 1.0) for day in days[:800]]))
        mean = np.exp(np.mean([np.log(BUSY.get(d, 1.0)) for d in range(7)]))
        held += [row["low"] <= BUSY.get(row["weekday"] - 1, 1.0) / mean <= row["high"] for row in made.weekdays.to_pylist()]
    assert np.mean(held) > 0.85


def test_without_two_years_there_are_no_months(days):
    assert zi.seasonality(days[:300], np.full(300, 5.0)).months.num_rows == 0


def test_missing_days_are_days_without_orders(days):
    some = [day for day in days[:140] if day.weekday() != 6]
    weekdays = zi.seasonality(some, [10.0] * len(some)).weekdays["factor"].to_pylist()
    assert weekdays[6] < 0.1 * weekdays[0]


@pytest.mark.parametrize(
    ("some", "counts", "problem"),
    [
        (60, [1.0] * 59, "one length"), (60, [1.0] * 59 + [-1.0], "negative"), (60, [1.0] * 59 + [float("inf")], "finite"),
    ],
)  # fmt: skip
def test_bad_input_is_told(days, some, counts, problem):
    with pytest.raises(zi.BadInput, match=problem):
        zi.seasonality(days[:some], counts)


def test_too_little_is_told(days):
    with pytest.raises(zi.NotEnoughData):
        zi.seasonality(days[:20], [1.0] * 20)
    with pytest.raises(zi.NotEnoughData):
        zi.seasonality(days[:100], [0.0] * 100)
    with pytest.raises(zi.BadInput, match="in order"):
        zi.seasonality(list(reversed(days[:60])), [1.0] * 60)
