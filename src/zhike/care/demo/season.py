"""The year of a car-service shop: weekends, the rush before the Spring Festival and the closed days of it, the hot summer."""

import datetime

import numpy as np

from zhike.core import lunar

_WEEKDAYS = (0.92, 0.90, 0.90, 0.93, 1.02, 1.22, 1.12)
_MONTHS = (1.04, 0.86, 0.92, 0.97, 1.02, 1.10, 1.16, 1.13, 1.02, 0.97, 0.97, 1.00)


def spring_festival(year: int) -> datetime.date:
    return lunar.civil(year, 1, 1)


def weight(day: datetime.date) -> float:
    """How busy a day is; 1 is an average one, 0 a closed one."""
    base = _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]
    to_festival = (day - spring_festival(day.year)).days
    if -1 <= to_festival <= 4:
        return 0.0
    if -21 <= to_festival < -1:
        return base * 1.5
    if 4 < to_festival <= 12:
        return base * 0.55
    return base * _holidays(day)


def _holidays(day: datetime.date) -> float:
    if (day.month, day.day) in ((10, 1), (10, 2), (10, 3), (5, 1), (5, 2)):
        return 0.55
    if (day.month == 9 and day.day >= 21) or (day.month == 4 and day.day >= 23):
        return 1.25
    return 1.0


class Clock:
    """Turns a customer's own even time into days, so that visits crowd where the season crowds them. Days count from `start`."""

    def __init__(self, start: datetime.date, days: int) -> None:
        self.start = start
        self.days = days
        busy = np.array([weight(start + datetime.timedelta(days=i)) for i in range(days)])
        self._elapsed = np.concatenate([[0.0], np.cumsum(busy * (days / busy.sum()))])

    def day(self, even: float) -> int:
        """The day on which that much even time has passed: never a closed one."""
        return int(np.searchsorted(self._elapsed, even, side="right")) - 1

    def even(self, day: float) -> float:
        whole = int(day)
        low, high = self._elapsed[whole], self._elapsed[min(whole + 1, self.days)]
        return float(low + (high - low) * (day - whole))

    def date(self, day: int) -> datetime.date:
        return self.start + datetime.timedelta(days=day)
