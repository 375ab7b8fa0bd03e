"""Whose birthday comes in the next days, by both calendars."""

import datetime
from dataclasses import dataclass
from functools import lru_cache

from zhike.core.lunar import month_and_day

MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Birthdays:
    """Month and day, as kept on the record, with the day on which the birthday is celebrated."""

    solar: dict[MonthDay, datetime.date]
    lunar: dict[MonthDay, datetime.date]

    def on(self, birthday: datetime.date | None, is_lunar: bool) -> datetime.date | None:
        if birthday is None:
            return None
        return (self.lunar if is_lunar else self.solar).get((birthday.month, birthday.day))


@lru_cache(maxsize=64)  # the calendar takes milliseconds, and is asked after every contact
def birthdays_between(first: datetime.date, days: int) -> Birthdays:
    """From `first` for so many days. The 29th of February is celebrated on the 28th in other years, the 30th of a short lunar
    month on its 29th; a leap month repeats no birthday."""
    solar: dict[MonthDay, datetime.date] = {}
    lunar: dict[MonthDay, datetime.date] = {}
    for ahead in range(days + 1):
        day = first + datetime.timedelta(days=ahead)
        solar.setdefault((day.month, day.day), day)
        if (day.month, day.day) == (2, 28) and (day + datetime.timedelta(days=1)).month == 3:
            solar.setdefault((2, 29), day)
        month, number, leaps = month_and_day(day)
        if not leaps:
            lunar.setdefault((month, number), day)
            if number == 29 and month_and_day(day + datetime.timedelta(days=1))[1] == 1:
                lunar.setdefault((month, 30), day)
    return Birthdays(solar, lunar)
