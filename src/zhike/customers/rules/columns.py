"""What the columns of a customer accept."""

import datetime
import re
from collections.abc import Callable
from typing import Any

from zhike.core import normalise
from zhike.customers.choices import Channel, CustomerKind, FieldType, IdentifierKind, Problem
from zhike.customers.rules import values
from zhike.customers.rules.values import InvalidValue
from zhike.teams.choices import Language

TAG_LENGTH, MOST_TAGS = 30, 50


def clean(code: str, raw: Any) -> Any:
    """The value as the column keeps it; raises `InvalidValue`."""
    return _CLEANERS[code](raw)


def clean_identifier(kind: str, raw: str) -> str:
    """A further phone, e-mail, … in the form of the main one."""
    cleaner = {IdentifierKind.PHONE: phone, IdentifierKind.EMAIL: email}.get(IdentifierKind(kind))
    kept = cleaner(raw) if cleaner else line(254)(raw)
    if not kept:
        raise InvalidValue(Problem.NEEDED)
    return kept


def name(raw: Any) -> str:
    kept = normalise.name(str(raw or ""))
    if not kept:
        raise InvalidValue(Problem.NEEDED)
    if len(kept) > 120:
        raise InvalidValue(Problem.TOO_LONG, length=120)
    return kept


def phone(raw: Any) -> str:
    return _normalised(normalise.phone, raw, Problem.NO_PHONE)


def email(raw: Any) -> str:
    return _normalised(normalise.email, raw, Problem.NO_EMAIL)


def line(length: int) -> Callable[[Any], str]:
    """A text of one line."""

    def clean_line(raw: Any) -> str:
        kept = normalise.name(str(raw or ""))
        if len(kept) > length:
            raise InvalidValue(Problem.TOO_LONG, length=length)
        return kept

    return clean_line


def text(raw: Any) -> str:
    """A text of several lines."""
    return "\n".join(part.rstrip() for part in str(raw or "").replace("\x00", "").splitlines()).strip()


def tags(raw: Any) -> list[str]:
    parts = raw if isinstance(raw, list | tuple) else re.split(r"[,，、;；\s]+", str(raw or ""))
    kept = list(dict.fromkeys(normalise.name(str(part)) for part in parts if str(part).strip()))
    if any(len(tag) > TAG_LENGTH for tag in kept):
        raise InvalidValue(Problem.TOO_LONG, length=TAG_LENGTH)
    return kept[:MOST_TAGS]


def birthday(raw: Any) -> datetime.date | None:
    if raw in (None, ""):
        return None
    try:
        return values.date(raw, year_needed=False)
    except InvalidValue:
        year, month, day = values.lunar_date(raw)  # the 30th of a lunar month, which the civil calendar may not have
        return _last_day_until(year, month, day)


def _last_day_until(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return datetime.date(year, month + 1, 1) - datetime.timedelta(days=1)


def time(raw: Any) -> datetime.time | None:
    if raw in (None, "") or isinstance(raw, datetime.time):
        return raw or None
    try:
        return datetime.time.fromisoformat(normalise.full_width(str(raw)).strip().replace("：", ":"))
    except ValueError:
        raise InvalidValue(Problem.NO_TIME) from None


def _normalised(normal: Callable[[str], str], raw: Any, problem: Problem) -> str:
    if raw is None or not str(raw).strip():
        return ""
    kept = normal(str(raw))
    if not kept:
        raise InvalidValue(problem)
    return kept


def _one_of(choices: type[Any], *, blank: bool) -> Callable[[Any], str]:
    def clean_choice(raw: Any) -> str:
        word = str(raw or "").strip()
        if (blank and not word) or word in choices.values:
            return word
        raise InvalidValue(Problem.NOT_A_CHOICE, value=word[:40])

    return clean_choice


def _yes_no(raw: Any) -> bool:
    return bool(values.clean(values.Shape(FieldType.YES_NO), raw))


def _reference(raw: Any) -> int | None:
    found: int | None = values.clean(values.Shape(FieldType.REFERENCE), raw)
    return found


_CLEANERS: dict[str, Callable[[Any], Any]] = {
    "name": name, "kind": _one_of(CustomerKind, blank=False), "number": line(60), "phone": phone, "email": email,
    "credit_code": lambda raw: _normalised(normalise.credit_code, raw, Problem.NO_CREDIT_CODE), "member_no": line(40),
    "wechat": line(40), "birthday": birthday, "birthday_is_lunar": _yes_no, "region": line(60), "source_id": _reference,
    "tags": tags, "preferred_channel": _one_of(Channel, blank=True), "preferred_time": line(40), "quiet_from": time,
    "quiet_until": time, "language": _one_of(Language, blank=False), "do_not_disturb": _yes_no, "note": text,
}  # fmt: skip
COLUMNS = tuple(_CLEANERS)
