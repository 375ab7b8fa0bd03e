"""Which days a calendar shows, and where its arrows lead."""

import datetime
from dataclasses import dataclass

VIEWS = ("agenda", "week", "month")


@dataclass(frozen=True)
class Span:
    view: str
    on: datetime.date  # the day that was asked for
    days: tuple[datetime.date, ...]  # whole weeks from Monday; none for the agenda

    @property
    def first(self) -> datetime.date:
        return self.days[0] if self.days else self.on

    @property
    def last(self) -> datetime.date:
        return self.days[-1] if self.days else self.on

    @property
    def weeks(self) -> list[tuple[datetime.date, ...]]:
        return [self.days[start : start + 7] for start in range(0, len(self.days), 7)]

    @property
    def before(self) -> datetime.date:
        return self.on - datetime.timedelta(days=7) if self.view == "week" else _month(self.on, -1)

    @property
    def after(self) -> datetime.date:
        return self.on + datetime.timedelta(days=7) if self.view == "week" else _month(self.on, 1)


def span_of(view: str, on: str, today: datetime.date) -> Span:
    """Made-up words give the agenda and today; years outside 1900 to 2199 too."""
    view = view if view in VIEWS else VIEWS[0]
    try:
        day = datetime.date.fromisoformat(on)
    except ValueError:
        day = today
    day = day if 1900 <= day.year < 2200 else today
    if view == "agenda":
        return Span(view, day, ())
    first = day if view == "week" else day.replace(day=1)
    last = day if view == "week" else _month(day, 1).replace(day=1) - datetime.timedelta(days=1)
    first, last = first - datetime.timedelta(days=first.weekday()), last + datetime.timedelta(days=6 - last.weekday())
    return Span(view, day, tuple(first + datetime.timedelta(days=n) for n in range((last - first).days + 1)))


def _month(day: datetime.date, step: int) -> datetime.date:
    """The same day of a neighbouring month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + step, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
