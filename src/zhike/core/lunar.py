"""The Chinese calendar: lunar days as civil dates and back."""

import datetime
from functools import lru_cache

from lunar_python import Lunar, Solar


@lru_cache(maxsize=4096)  # the library computes the sun and the moon of the whole year for every day asked, 17 ms
def civil(year: int, month: int, day: int) -> datetime.date:
    """The civil date of a lunar day. Raises ValueError where that lunar month has no such day."""
    try:
        found = Lunar.fromYmd(year, month, day).getSolar()
    except Exception as problem:  # the library raises the bare class
        raise ValueError(str(problem)) from problem
    return datetime.date(found.getYear(), found.getMonth(), found.getDay())


@lru_cache(maxsize=4096)
def month_and_day(day: datetime.date) -> tuple[int, int, bool]:
    """The lunar month and day on which a civil date falls, and whether the month is a leap month."""
    found = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return abs(found.getMonth()), found.getDay(), found.getMonth() < 0
