"""The Chinese calendar against published dates of Spring Festival and of leap months."""

import datetime

import pytest

from zhike.core import lunar


@pytest.mark.parametrize(
    ("year", "festival"),
    [(2024, "2024-02-10"), (2025, "2025-01-29"), (2026, "2026-02-17"), (2027, "2027-02-06"), (1950, "1950-02-17")],
)
def test_spring_festival(year, festival):
    assert lunar.civil(year, 1, 1) == datetime.date.fromisoformat(festival)


def test_a_day_that_a_month_does_not_have_is_refused():
    with pytest.raises(ValueError, match="2026"):
        lunar.civil(2026, 13, 1)
    with pytest.raises(ValueError, match="30 days"):
        lunar.civil(2026, 1, 31)


def test_a_leap_month_is_told_apart():
    assert lunar.month_and_day(datetime.date(2025, 7, 25)) == (6, 1, True)
    assert lunar.month_and_day(datetime.date(2025, 6, 25)) == (6, 1, False)
