"""Dates as people write them. What cannot be told from one date (01/02/2024) is decided from the whole column."""

import datetime
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from zhike.core.normalise import full_width

ORDERS = ("ymd", "dmy", "mdy")
EARLIEST = 1900
MONTHS = {
    name: at for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
NO_YEAR = 1904  # a birthday of which only month and day are known

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年_ ]\s*(\d{1,2})\s*[-/.月_ ]\s*(\d{1,2})\s*[日号]?")
_SHORT = re.compile(r"(\d{1,2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{4}|\d{2}|\d)(?!\d)\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?)?$")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?$")
_EPOCH = re.compile(r"(1\d{9}|2[0-2]\d{8})(\d{3})?$")
_NAMED = re.compile(
    r"(\d{1,2})[-\s/]*([a-z]{3})[a-z]*\.?[-\s/,]*(\d{4}|\d{2})(?!\d)|([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})", re.I
)
_DAY_ONLY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?$")
_TIME = re.compile(
    r"\s*[T,]?\s*(上午|下午|晚上|晚|中午|凌晨|早上|傍晚|am|pm)?\s*(\d{1,2})\s*(?:[:时点]\s*(半|\d{1,2})?\s*分?)\s*(?::?\s*(\d{1,2})(?:[.,]\d+)?\s*秒?)?"
    r"\s*(am|pm)?\s*(z|[+-]\d{2}:?\d{2})?$", re.I)  # fmt: skip
_HOUR_AMPM = re.compile(r"\s*(上午|下午|晚上|中午|凌晨|am|pm)\s*(\d{1,2})\s*[点时]?$|\s*(\d{1,2})\s*(am|pm)$", re.I)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b,?", re.I)
_AFTERNOON = {"下午", "晚上", "晚", "傍晚", "pm"}
_LOOKS = re.compile(r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|^(19|20)\d{6}$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_EPOCH_START = datetime.datetime(1899, 12, 30)  # noqa: DTZ001  spreadsheets count local days from here


class NotADate(ValueError):
    """Carries the code of the reason."""


def looks_like_date(cell: str) -> bool:
    return bool(_LOOKS.match(full_width(cell)))


def parse(text: str, *, order: str = "", zone: ZoneInfo | None = None, year_needed: bool = True) -> datetime.datetime:
    """Local date and time without a zone. Raises `NotADate` with the reason's code. `order`: ymd, dmy or mdy, for dates whose
    year is not in front with four digits."""
    clean = _WEEKDAY.sub(" ", full_width(text)).strip()
    for reader in (_year_first, _compact, _serial, _epoch, _named):
        found = reader(clean, zone)
        if found is not None:
            return found
    short = _SHORT.match(clean)
    if short:
        return _with_time(_short_day(short, order), clean[short.end() :], zone)
    day_only = _DAY_ONLY.match(clean)
    if day_only and not year_needed:
        return _day(NO_YEAR, int(day_only[1]), int(day_only[2]))
    raise NotADate("bad_date")


def _year_first(text: str, zone: ZoneInfo | None) -> datetime.datetime | None:
    found = _YEAR_FIRST.match(text)
    if not found:
        return None
    return _with_time(_day(int(found[1]), int(found[2]), int(found[3])), text[found.end() :], zone)


def _compact(text: str, zone: ZoneInfo | None) -> datetime.datetime | None:
    found = _COMPACT.match(text.removesuffix(".0"))
    if not found:
        return None
    day = _day(int(found[1]), int(found[2]), int(found[3]))
    return _clock(day, int(found[4] or 0), int(found[5] or 0), int(found[6] or 0))


def _serial(text: str, zone: ZoneInfo | None) -> datetime.datetime | None:
    found = _SERIAL.match(text)
    if not found or not 10_000 <= int(found[1]) <= 80_000:
        return None
    return _EPOCH_START + datetime.timedelta(days=int(found[1]), seconds=round(float(found[2] or 0) * 86400))


def _epoch(text: str, zone: ZoneInfo | None) -> datetime.datetime | None:
    found = _EPOCH.match(text)
    if not found:
        return None
    return datetime.datetime.fromtimestamp(int(found[1]), tz=zone or datetime.UTC).replace(tzinfo=None)


def _named(text: str, zone: ZoneInfo | None) -> datetime.datetime | None:
    found = _NAMED.match(text)
    if not found:
        return None
    day, month, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    if month.lower() not in MONTHS:
        return None
    return _with_time(_day(_full_year(year), MONTHS[month.lower()], int(day)), text[found.end() :], zone)


def _short_day(found: re.Match[str], order: str) -> datetime.datetime:
    possible = candidates(found)
    if order in possible:
        return possible[order]
    if not possible:
        raise NotADate("no_such_day")
    if not order and len(set(possible.values())) == 1:
        return next(iter(possible.values()))
    raise NotADate("date_ambiguous" if not order else "no_such_day")


def candidates(found: re.Match[str]) -> dict[str, datetime.datetime]:
    """The ways in which three short numbers make a day."""
    one, two, three = found[1], found[2], found[3]
    ways = {"dmy": (three, two, one), "mdy": (three, one, two)}
    if len(three) < 4:
        ways["ymd"] = (one, two, three)
    possible = {}
    for order, (year, month, day) in ways.items():
        if len(year) == 1 or (len(year) == 2 and order == "ymd" and len(one) != 2):
            continue
        try:
            possible[order] = _day(_full_year(year), int(month), int(day))
        except NotADate:
            continue
    return possible


def decide_order(values: Iterable[str], *, latest: datetime.date) -> tuple[str, str]:
    """(order, example) for a column: the order in which all its short dates are days up to `latest`. An empty order with an
    example: the column can be read in more than one way. Both empty: nothing to decide.

    With two-digit years the year comes first if it can, as in Chinese use; between day and month nothing is assumed."""
    left = set(ORDERS)
    example, shows = "", False  # the first that shows it
    for value in values:
        found = _SHORT.match(full_width(value).strip())
        if not found or _YEAR_FIRST.match(full_width(value).strip()):
            continue
        fits = {order for order, day in candidates(found).items() if day.date() <= latest}
        if not fits:
            continue
        if left & fits:
            left &= fits
            if len(left) == 1:
                return left.pop(), value
        telling = found[1] != found[2]
        if not example or (telling and not shows):
            example, shows = value, telling
    if not example:
        return "", ""
    return ("ymd", example) if "ymd" in left else ("", example)


def is_short(value: str) -> bool:
    """Whether the order of this column's parts needs deciding."""
    clean = full_width(value).strip()
    return bool(_SHORT.match(clean)) and not _YEAR_FIRST.match(clean)


def _with_time(day: datetime.datetime, rest: str, zone: ZoneInfo | None) -> datetime.datetime:
    if not rest.strip():
        return day
    hour_only = _HOUR_AMPM.match(rest)
    if hour_only:
        half = (hour_only[1] or hour_only[4]).lower()
        return _clock(day, _hour(int(hour_only[2] or hour_only[3]), half), 0, 0)
    found = _TIME.match(rest)
    if not found:
        raise NotADate("bad_date")
    minute = 30 if found[3] == "半" else int(found[3] or 0)
    moment = _clock(day, _hour(int(found[2]), (found[1] or found[5] or "").lower()), minute, int(found[4] or 0))
    return _to_local(moment, found[6], zone) if found[6] else moment


def _hour(hour: int, half: str) -> int:
    if half in _AFTERNOON and hour < 12:
        return hour + 12
    return 0 if half in ("am", "上午", "凌晨") and hour == 12 else hour


def _clock(day: datetime.datetime, hour: int, minute: int, second: int) -> datetime.datetime:
    if hour == 24 and minute == second == 0:
        return day + datetime.timedelta(days=1)
    try:
        return day.replace(hour=hour, minute=minute, second=min(second, 59))
    except ValueError:
        raise NotADate("no_such_day") from None


def _to_local(moment: datetime.datetime, offset: str, zone: ZoneInfo | None) -> datetime.datetime:
    zoned = datetime.datetime.fromisoformat(f"{moment.isoformat()}{'+00:00' if offset in 'zZ' else offset}")
    return zoned.astimezone(zone or datetime.UTC).replace(tzinfo=None)


def _full_year(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return 2000 + int(year) if int(year) < 70 else 1900 + int(year)


def _day(year: int, month: int, day: int) -> datetime.datetime:
    try:
        return datetime.datetime(year, month, day)  # noqa: DTZ001  local on purpose
    except ValueError:
        raise NotADate("no_such_day") from None
