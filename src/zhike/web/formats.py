"""Numbers, money and dates as each locale writes them."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

Number = int | float | Decimal
STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
CHINESE_STEPS = ((1e8, "亿"), (1e4, "万"))


def _here(value: datetime.datetime) -> datetime.datetime:
    """In the company's time zone, which is that of everybody."""
    return value.astimezone(timezone.get_default_timezone())


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def number(value: Number | None, digits: int = 0) -> str:
    """12,345 with thousands separators; a dash for nothing known."""
    return "–" if value is None else f"{value:,.{digits}f}"


def short(value: Number | None, language: str | None = None) -> str:
    """A figure for a narrow place: 1.2万, 3.45亿 in Chinese; 12.3k, 3.45M in English. Who writes many names the language."""
    if value is None:
        return "–"
    figure = float(value)
    size = abs(figure)
    chinese = _chinese() if language is None else language.startswith("zh")
    for step, unit in CHINESE_STEPS if chinese else STEPS:
        if size >= step:
            digits = 2 if size < 10 * step else 1 if size < 100 * step else 0
            return f"{figure / step:.{digits}f}{unit}"
    return f"{value:,.0f}"


def money(value: Number | None, digits: int = 0) -> str:
    """¥12,345; the whole amount."""
    if value is None:
        return "–"
    return f"{'-' if value < 0 else ''}¥{abs(value):,.{digits}f}"


def money_short(value: Number | None, language: str | None = None) -> str:
    if value is None:
        return "–"
    return f"-¥{short(-value, language)}" if value < 0 else f"¥{short(value, language)}"


def percent(value: Number | None, digits: int = 0) -> str:
    return "–" if value is None else f"{float(value) * 100:.{digits}f}%"


def date(value: datetime.date | None) -> str:
    """2026-03-01, in the company's time zone."""
    if value is None:
        return "–"
    if isinstance(value, datetime.datetime):
        value = _here(value)
    return f"{value:%Y-%m-%d}"


def moment(value: datetime.datetime | None) -> str:
    return "–" if value is None else f"{_here(value):%Y-%m-%d %H:%M}"


def ago(value: datetime.date | None, today: datetime.date | None = None, language: str | None = None) -> str:
    """Relative to today: today, yesterday, 5 days ago, 3 months ago, in 2 days. Who writes many names the day and the language."""
    if value is None:
        return "–"
    day = _here(value).date() if isinstance(value, datetime.datetime) else value
    return _days_ago(((today or _here(timezone.now()).date()) - day).days, (get_language() or "") if language is None else language)


@lru_cache(maxsize=8192)
def _days_ago(days: int, language: str) -> str:
    """In the language that is in force, which is part of the key only."""
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    if days == -1:
        return gettext("tomorrow")
    if days < 0:
        return ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}
    if days < 60:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)d month ago", "%(n)d months ago", days // 30) % {"n": days // 30}
    return ngettext("%(n)d year ago", "%(n)d years ago", days // 365) % {"n": days // 365}


def middle(text: str, length: int = 18) -> str:
    """A long name shortened in the middle, so that the branch at its end stays readable."""
    if len(text) <= length:
        return text
    head = length * 2 // 3 - 1
    return f"{text[:head]}…{text[head + 1 - length :]}"


def initials(name: str) -> str:
    """For the round mark of a person: the given name in Chinese, else the first letters."""
    words = name.split()
    if name and not name.isascii():
        return name[-2:] if len(name) > 2 else name[-1:]
    return "".join(word[0] for word in words[:2]).upper() or "?"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number, "short": short, "money": money, "money_short": money_short, "percent": percent, "date": date,
    "moment": moment, "ago": ago, "middle": middle, "initials": initials,
}  # fmt: skip


def minutes_in_words(minutes: int) -> str:
    """A span as settings hold it: whole hours as hours."""
    if minutes % 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
