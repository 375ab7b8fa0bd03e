"""Conditions on the fields of the information model that are kept in the profile, by type."""

import datetime
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import JSONField, Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import GreaterThanOrEqual, IContains, LessThanOrEqual

SOMETHING = ~Q(profile={})  # what the index over profiles covers


def containing(code: str, text: str) -> Q:
    return Q(IContains(KeyTextTransform(code, "profile"), text)) & SOMETHING


def chosen(code: str, choices: Iterable[str], *, several: bool) -> Q:
    """Any of them; `several`: of a field that holds a list."""
    where = Q()
    for choice in choices:
        where |= Q(profile__contains={code: [choice] if several else choice})
    return where & SOMETHING


def is_so(code: str, value: bool) -> Q:
    return Q(profile__contains={code: value}) & SOMETHING


def between(code: str, low: Decimal | None, high: Decimal | None) -> Q:
    kept, where = KeyTransform(code, "profile"), SOMETHING
    if low is not None:
        where &= Q(GreaterThanOrEqual(kept, _json_number(low)))
    if high is not None:
        where &= Q(LessThanOrEqual(kept, _json_number(high)))
    return where


def in_days(code: str, low: datetime.date | None, high: datetime.date | None) -> Q:
    """Kept as text that sorts like the days."""
    kept, where = KeyTextTransform(code, "profile"), SOMETHING
    if low is not None:
        where &= Q(GreaterThanOrEqual(kept, low.isoformat()))
    if high is not None:
        where &= Q(LessThanOrEqual(kept, high.isoformat()))
    return where


def _json_number(end: Decimal) -> Value:
    return Value(int(end) if end == end.to_integral_value() else float(end), output_field=JSONField())
