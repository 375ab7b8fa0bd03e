"""What a field of the information model accepts, and the form in which it is kept (JSON)."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from zhike.core import lunar
from zhike.customers.choices import FieldType, Problem

TEXT_LENGTH = 500
YES = {"1", "true", "yes", "y", "on", "是", "有", "对"}
NO = {"0", "false", "no", "n", "off", "否", "无", "没有"}
UNKNOWN_YEAR = 1904  # of a birthday whose month and day alone are known
_DATE = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?").fullmatch


class InvalidValue(ValueError):
    def __init__(self, problem: Problem, **params: Any) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.params = params

    def __str__(self) -> str:
        return str(self.problem.label) % self.params


@dataclass(frozen=True)
class Shape:
    """What of a field's definition decides whether a value is valid."""

    type: str
    choices: Sequence[Mapping[str, str]] = field(default_factory=list)
    minimum: Decimal | None = None
    maximum: Decimal | None = None


def clean(shape: Shape, raw: Any) -> Any:
    """The value as it is kept, None for nothing; raises `InvalidValue`."""
    if raw is None or raw == [] or (isinstance(raw, str) and not raw.strip()):
        return None
    return _CLEANERS[FieldType(shape.type)](shape, raw)


def date(raw: Any, *, year_needed: bool = True) -> datetime.date:
    """A calendar date; without a year (`3-8`, `3月8日`) the year is `UNKNOWN_YEAR` where that is allowed."""
    if isinstance(raw, datetime.datetime):
        return raw.date()
    if isinstance(raw, datetime.date):
        return raw
    found = _DATE(str(raw).strip())
    if found is None or (year_needed and not found[1]):
        raise InvalidValue(Problem.NO_DATE)
    try:
        return datetime.date(int(found[1] or UNKNOWN_YEAR), int(found[2]), int(found[3]))
    except ValueError:
        raise InvalidValue(Problem.NO_DATE) from None


def lunar_date(raw: Any) -> tuple[int, int, int]:
    """Year (or `UNKNOWN_YEAR`), month and day of the lunar calendar; a day that its month never has is refused."""
    found = _DATE(str(raw).strip())
    if found is None:
        raise InvalidValue(Problem.NO_LUNAR_DATE)
    year, month, day = int(found[1] or UNKNOWN_YEAR), int(found[2]), int(found[3])
    if not (1 <= month <= 12 and 1 <= day <= 30):
        raise InvalidValue(Problem.NO_LUNAR_DATE)
    if found[1] and not _lunar_day_exists(year, month, day):
        raise InvalidValue(Problem.NO_LUNAR_DATE)
    return year, month, day


def lunar_in(year: int, month: int, day: int) -> datetime.date:
    """The civil date of a lunar month and day in a lunar year; the 30th of a short month is celebrated on its 29th."""
    wanted = day if _lunar_day_exists(year, month, day) else 29
    return lunar.civil(year, month, wanted)


def next_celebration(born: datetime.date, *, is_lunar: bool, today: datetime.date) -> datetime.date:
    """The next birthday from today on. A lunar one keeps the lunar month and day in `born`; 29 February is kept on the 28th."""
    if is_lunar:
        coming = (lunar_in(year, born.month, born.day) for year in (today.year - 1, today.year, today.year + 1))
    else:
        coming = (_in_year(born, year) for year in (today.year, today.year + 1))
    return next(day for day in coming if day >= today)


def _in_year(born: datetime.date, year: int) -> datetime.date:
    try:
        return born.replace(year=year)
    except ValueError:
        return datetime.date(year, 2, 28)


def _lunar_day_exists(year: int, month: int, day: int) -> bool:
    try:
        lunar.civil(year, month, day)
    except ValueError:
        return False
    return True


def _text(shape: Shape, raw: Any) -> str:
    text = " ".join(str(raw).split())
    if len(text) > TEXT_LENGTH:
        raise InvalidValue(Problem.TOO_LONG, length=TEXT_LENGTH)
    if "\x00" in text:
        raise InvalidValue(Problem.BAD_SIGNS)
    return text


def _number(shape: Shape, raw: Any) -> int | float:
    try:
        value = Decimal(str(raw).strip().replace(",", "").replace("，", "").lstrip("¥￥"))
    except InvalidOperation:
        raise InvalidValue(Problem.NO_NUMBER) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 14:
        raise InvalidValue(Problem.NO_NUMBER)
    if shape.minimum is not None and value < shape.minimum:
        raise InvalidValue(Problem.TOO_SMALL, limit=f"{shape.minimum.normalize():f}")
    if shape.maximum is not None and value > shape.maximum:
        raise InvalidValue(Problem.TOO_LARGE, limit=f"{shape.maximum.normalize():f}")
    return int(value) if value == value.to_integral_value() else float(value)


def _date(shape: Shape, raw: Any) -> str:
    return date(raw).isoformat()


def _lunar(shape: Shape, raw: Any) -> str:
    year, month, day = lunar_date(raw)
    return f"{year:04d}-{month:02d}-{day:02d}"


def _choice(shape: Shape, raw: Any) -> str:
    wanted = str(raw).strip()
    for choice in shape.choices:
        if wanted in (choice["code"], choice.get("zh"), choice.get("en")):
            return choice["code"]
    raise InvalidValue(Problem.NOT_A_CHOICE, value=wanted[:40])


def _choices(shape: Shape, raw: Any) -> list[str]:
    parts = raw if isinstance(raw, list | tuple) else re.split(r"[,，、;；|]", str(raw))
    return list(dict.fromkeys(_choice(shape, part) for part in parts if str(part).strip()))


def _yes_no(shape: Shape, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise InvalidValue(Problem.NOT_YES_OR_NO)


def _reference(shape: Shape, raw: Any) -> int:
    if not str(raw).strip().isascii() or not str(raw).strip().isdigit() or len(str(raw).strip()) > 18:
        raise InvalidValue(Problem.NO_REFERENCE)
    return int(raw)


_CLEANERS: dict[FieldType, Callable[[Shape, Any], Any]] = {
    FieldType.TEXT: _text, FieldType.NUMBER: _number, FieldType.MONEY: _number, FieldType.DATE: _date,
    FieldType.LUNAR_DATE: _lunar, FieldType.CHOICE: _choice, FieldType.MULTI_CHOICE: _choices, FieldType.YES_NO: _yes_no,
    FieldType.REFERENCE: _reference, FieldType.LOCATION: _text,
}  # fmt: skip
