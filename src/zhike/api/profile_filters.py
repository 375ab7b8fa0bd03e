"""Filters by the fields of the information model: `profile=mileage>=50000&profile=oil=semi`."""

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.api.problems import bad_field
from zhike.api.schemas.base import YEARS
from zhike.customers import masking
from zhike.customers.choices import FieldType
from zhike.customers.models import FieldDefinition
from zhike.customers.queries import definitions, profile
from zhike.teams.models import User

ASKED = re.compile(r"([^<>=]{1,60})(>=|<=|=)(.{1,200})", re.S)
LARGEST = Decimal(10) ** 15
YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class One(NamedTuple):
    """What is asked of one field."""

    is_: tuple[str, ...]
    least: str | None
    most: str | None


def wheres(user: User, asked: Sequence[str]) -> dict[str, Q]:
    """By `profile.<code>`. Fields hold together; of several values of one field one is enough."""
    fields = {one.code: one for one in definitions() if not one.is_column}
    found = {}
    for code, one in _by_field(asked).items():
        if code not in fields:
            raise bad_field("profile", _("There is no field “%(name)s” here.") % {"name": code})
        if masking.is_masked(user, fields[code].confidentiality) or fields[code].type not in CONDITIONS:
            raise bad_field("profile", _("You may not filter by this."))
        try:
            found[f"profile.{code}"] = CONDITIONS[FieldType(fields[code].type)](fields[code], one)
        except (ValueError, InvalidOperation, ValidationError) as problem:
            raise bad_field("profile", _("“%(name)s” cannot be compared with this value.") % {"name": code}) from problem
    return found


def _by_field(asked: Sequence[str]) -> dict[str, One]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for text in asked:
        match = ASKED.fullmatch(text.replace("\0", ""))
        if match is None:
            raise bad_field("profile", _("Write field=value, field>=value or field<=value."))
        found[match[1]][match[2]].append(match[3])
    return {
        code: One(tuple(ends["="]), *(ends[way][-1] if ends[way] else None for way in (">=", "<="))) for code, ends in found.items()
    }


def _words(field: FieldDefinition, one: One) -> Q:
    _refuse_ends(one)
    where = Q()
    for text in one.is_:
        where |= profile.containing(field.code, text)
    return where


def _choices(field: FieldDefinition, one: One) -> Q:
    _refuse_ends(one)
    if not {*one.is_} <= {choice["code"] for choice in field.choices}:
        raise ValueError(one)
    return profile.chosen(field.code, one.is_, several=field.type == FieldType.MULTI_CHOICE)


def _yes_no(field: FieldDefinition, one: One) -> Q:
    _refuse_ends(one)
    if not {*one.is_} <= YES_NO.keys():
        raise ValueError(one)
    where = Q()
    for word in one.is_:
        where |= profile.is_so(field.code, YES_NO[word])
    return where


def _numbers(field: FieldDefinition, one: One) -> Q:
    where = profile.between(field.code, *(None if end is None else _number(end) for end in (one.least, one.most)))
    same = Q()
    for text in one.is_:
        same |= profile.between(field.code, _number(text), _number(text))
    return where & same


def _days(field: FieldDefinition, one: One) -> Q:
    where = profile.in_days(field.code, *(None if end is None else _day(end) for end in (one.least, one.most)))
    same = Q()
    for text in one.is_:
        same |= profile.in_days(field.code, _day(text), _day(text))
    return where & same


CONDITIONS: dict[FieldType, Callable[[FieldDefinition, One], Q]] = {
    FieldType.TEXT: _words, FieldType.LOCATION: _words, FieldType.CHOICE: _choices, FieldType.MULTI_CHOICE: _choices,
    FieldType.YES_NO: _yes_no, FieldType.NUMBER: _numbers, FieldType.MONEY: _numbers, FieldType.DATE: _days,
}  # fmt: skip


def _refuse_ends(one: One) -> None:
    if one.least is not None or one.most is not None:
        raise ValueError(one)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number) > LARGEST or number.adjusted() < -12:
        raise ValueError(text)
    return number


def _day(text: str) -> datetime.date:
    day = datetime.date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(text)
    return day
