"""Paging by position in the order instead of by counting: the hundredth page costs as much as the first.

The rows after a given one lie in a few regions of the order, each of which an index can read directly: first those that share all
its keys and follow by id, then those that share all but the last key, and so on; empty values come last, as a region of their own.
"""

import base64
import binascii
import datetime
import json
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from zhike.core.conditions import array, one_of
from zhike.core.prepared import Shelf

Row = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """One key of the order. `id_path` and `nulls_last_index` say how its index is written, so that it can be used."""

    path: str
    descending: bool = False
    nullable: bool = False
    id_path: str = "pk"
    nulls_last_index: bool = False  # the index is (… DESC NULLS LAST, id DESC)

    def flipped(self) -> "Key":
        return replace(self, descending=not self.descending)


@dataclass(frozen=True)
class Cursor:
    """A row's place in the order; `back` asks for what stands before it."""

    values: tuple[Any, ...]
    id: int
    back: bool = False

    def __str__(self) -> str:
        text = json.dumps([int(self.back), self.id, *map(_written, self.values)], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, keys: int) -> "Cursor | None":
        """None for what is no cursor of this order."""
        try:
            back, row, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            fits = (
                len(values) == keys
                and isinstance(row, int)
                and back in (0, 1)
                and not any(isinstance(v, list | dict) for v in values)
            )
        except (ValueError, TypeError, binascii.Error):
            return None
        return cls(tuple(values), row, bool(back)) if fits else None


@dataclass(frozen=True)
class Slice:
    """A page: its rows, and the cursors of its neighbours ("" where there is none)."""

    rows: list[Row]
    previous: str = ""
    next: str = ""


@dataclass(frozen=True)
class Asked:
    """Rows, put together when no prepared query of theirs is at hand. `known`: all that they follow from; None: cannot be said."""

    rows: "Callable[[], QuerySet[Any]]"
    known: Hashable = None


def take(
    rows: Asked, keys: Sequence[Key], fields: Sequence[str], *, size: int, cursor: Cursor | None = None,
    details: Asked | None = None,
) -> Slice:  # fmt: skip
    """One page of `rows` in the order of `keys` and then of the id, which goes the way of the first key.

    With `details`, which are rows that contain those, the page is found first, by as few tables as its conditions need.
    """
    placing = [*dict.fromkeys([*(key.path for key in keys), "pk"])]
    wanted = placing if details is not None else [*dict.fromkeys([*fields, *placing])]
    try:
        found = _fill(rows, keys, wanted, size + 1, cursor)
    except (ValueError, TypeError, ValidationError):  # a cursor of another order, or made up
        cursor = None
        found = _fill(rows, keys, wanted, size + 1, None)
    if details is not None:
        found = _with_details(found, details, [*dict.fromkeys([*fields, *placing])])
    more, found = len(found) > size, found[:size]
    back = cursor is not None and cursor.back
    if back:
        found.reverse()
    if not found:
        return Slice([])
    first, last = (_place(row, keys) for row in (found[0], found[-1]))
    return Slice(
        found,
        previous=str(replace(first, back=True)) if (more if back else cursor is not None) else "",
        next=str(last) if (True if back else more) else "",
    )


def _fill(rows: Asked, keys: Sequence[Key], fields: Sequence[str], size: int, cursor: Cursor | None) -> list[Row]:
    back = cursor is not None and cursor.back
    way = [key.flipped() for key in keys] if back else list(keys)
    found: list[Row] = []
    for where, lead_is_null in _regions(keys, cursor):
        if len(found) == size:
            break
        still = size - len(found)

        def build(where: Q = where, lead_is_null: bool = lead_is_null, still: int = still) -> "QuerySet[Any, Any]":
            query = rows.rows().filter(where).order_by(*_order(way, lead_is_null=lead_is_null, back=back))
            return query.values(*fields)[:still]

        if cursor or rows.known is None:  # the first pages are asked for again and again
            found += build()
        else:
            found += _FIRST_PAGES.get((rows.known, tuple(keys), tuple(fields), lead_is_null, still), build)()
    return found


def _with_details(found: list[Row], details: Asked, fields: Sequence[str]) -> list[Row]:
    def build(ids: str) -> "QuerySet[Any, Any]":
        return details.rows().order_by().filter(one_of(ids)).values(*fields)

    ids = [row["pk"] for row in found]
    wanted = array(ids)
    read = build(wanted) if details.known is None else _DETAILS.get((details.known, tuple(fields)), build, str)(wanted)
    rows = {row["pk"]: row for row in read}
    return [rows[key] for key in ids if key in rows]


_FIRST_PAGES, _DETAILS = Shelf(64), Shelf(64)


def _regions(keys: Sequence[Key], cursor: Cursor | None) -> Iterator[tuple[Q, bool]]:
    """Conditions in the order in which their rows follow, and whether the first key is empty there."""
    lead = keys[0]
    if cursor is None:
        yield (Q(**{f"{lead.path}__isnull": False}) if lead.nullable else Q()), False
        if lead.nullable:
            yield Q(**{f"{lead.path}__isnull": True}), True
        return
    at_null = cursor.values[0] is None
    same = [_equal(key, value) for key, value in zip(keys, cursor.values, strict=True)]
    id_path = "pk" if at_null else lead.id_path
    comes_later = lead.descending == cursor.back  # ids grow in the direction asked for
    yield _all(same) & Q(**{f"{id_path}__{'gt' if comes_later else 'lt'}": cursor.id}), at_null
    for at in range(len(keys) - 1, -1, -1):
        for where, is_null in _beyond(keys[at], cursor.values[at], back=cursor.back):
            yield _all(same[:at]) & where, (is_null if at == 0 else at_null)


def _beyond(key: Key, value: Any, *, back: bool) -> Iterator[tuple[Q, bool]]:
    """Where this key is strictly after `value` (before it, going back). Empty ones are last."""
    if value is None:
        if back:
            yield Q(**{f"{key.path}__isnull": False}), False
        return
    yield Q(**{f"{key.path}__{'gt' if key.descending == back else 'lt'}": value}), False
    if key.nullable and not back:
        yield Q(**{f"{key.path}__isnull": True}), True


def _order(keys: Sequence[Key], *, lead_is_null: bool, back: bool) -> list[OrderBy]:
    lead = keys[0]
    order = [] if lead_is_null else [_lead_order(lead)]  # where it is the same for all it would only hide the index over the id
    for key in keys[1:]:
        # empty ones are last in the order shown, so first when it is read backwards
        order.append(_ordered(key, nulls_last=key.nullable and not back, nulls_first=key.nullable and back))
    return [*order, _ordered(replace(lead, path="pk" if lead_is_null else lead.id_path))]


def _lead_order(lead: Key) -> OrderBy:
    """As its index is written: empty ones are a region of their own, so their place does not matter here."""
    if not lead.nulls_last_index:
        return _ordered(lead)
    return _ordered(lead, nulls_last=lead.descending, nulls_first=not lead.descending)


def whole_order(keys: Sequence[Key]) -> list[OrderBy]:
    """The order of all pages in one piece."""
    order = [_ordered(key, nulls_last=key.nullable) for key in keys]
    return [*order, _ordered(Key("pk", descending=keys[0].descending))]


def _ordered(key: Key, *, nulls_last: bool = False, nulls_first: bool = False) -> OrderBy:
    return OrderBy(F(key.path), descending=key.descending, nulls_last=nulls_last or None, nulls_first=nulls_first or None)


def _equal(key: Key, value: Any) -> Q:
    return Q(**{f"{key.path}__isnull": True}) if value is None else Q(**{key.path: value})


def _all(conditions: Sequence[Q]) -> Q:
    whole = Q()
    for one in conditions:
        whole &= one
    return whole


def _place(row: Row, keys: Sequence[Key]) -> Cursor:
    return Cursor(tuple(row[key.path] for key in keys), row["pk"])


def _written(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
