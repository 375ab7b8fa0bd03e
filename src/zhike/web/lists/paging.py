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

from zhike.core.conditions import Keys, array, one_of
from zhike.core.prepared import STAND_INS, Shelf

Row = dict[str, Any]
MOST_ID = 2**63


@dataclass(frozen=True)
class Key:
    """One key of the order. `id_path` and `nulls_last_index` say how its index is written, so that it can be used."""

    path: str
    descending: bool = False
    nullable: bool = False
    id_path: str = "pk"
    nulls_last_index: bool = False  # the index is (… DESC NULLS LAST, id DESC)
    narrow: bool = False  # has no index: only where few rows are left

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

    def at(self, place: Sequence[Any]) -> "Cursor":
        """The same with these in the place of its values, as far as there are any, and of its id."""
        others = iter(place)
        return replace(self, values=tuple(None if value is None else next(others) for value in self.values), id=next(others))

    @classmethod
    def read(cls, text: str, keys: int) -> "Cursor | None":
        """None for what is no cursor of this order."""
        try:
            back, row, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if len(values) != keys or type(row) is not int or abs(row) >= MOST_ID or back not in (0, 1):
                return None
            return cls(tuple(map(_read, values)), row, bool(back))
        except (ValueError, TypeError, ArithmeticError, binascii.Error):
            return None


@dataclass(frozen=True)
class Slice:
    """A page: its rows, and the cursors of its neighbours ("" where there is none)."""

    rows: list[Row]
    previous: str = ""
    next: str = ""
    total: int | None = None  # rows on all pages, where it is known


@dataclass(frozen=True)
class Asked:
    """Rows, put together when no prepared query of theirs is at hand. `known`: all that they follow from beside what is
    `given` to it; None: cannot be said. `parts`: the same rows taken apart, where the first ones of each are found faster.
    `along`: those whose first key is not empty, as they are met fastest walking along its index."""

    rows: "Callable[..., QuerySet[Any]]"
    known: Hashable = None
    given: tuple[Any, ...] = ()
    parts: "Callable[[], list[QuerySet[Any]]] | None" = None
    total: int | None = None
    along: "Callable[[], QuerySet[Any]] | None" = None


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
        return Slice([], total=rows.total)
    first, last = (_place(row, keys) for row in (found[0], found[-1]))
    return Slice(
        found,
        previous=str(replace(first, back=True)) if (more if back else cursor is not None) else "",
        next=str(last) if (True if back else more) else "",
        total=rows.total,
    )


def take_first(ids: Keys, keys: Sequence[Key], fields: Sequence[str], *, size: int, details: Asked) -> Slice:
    """The first page of rows whose ids are known, in the order of the list."""
    wanted = [*dict.fromkeys([*fields, *(key.path for key in keys), "pk"])]
    found = _with_details([{"pk": one} for one in ids.first(size)], details, wanted)
    return Slice(found, next=str(_place(found[-1], keys)) if found and ids.size > size else "", total=ids.size)


def _fill(rows: Asked, keys: Sequence[Key], fields: Sequence[str], size: int, cursor: Cursor | None) -> list[Row]:
    place = [] if cursor is None else [*(value for value in cursor.values if value is not None), cursor.id]
    shape = cursor and (cursor.back, *(value is None for value in cursor.values))
    found: list[Row] = []
    for at, (used, lead_is_null) in enumerate(_parts(keys, cursor)):
        if len(found) >= size:
            break
        along = None if lead_is_null else rows.along

        def build(*given: Any, at: int = at, used: tuple[int, ...] = used, along: Any = along) -> "QuerySet[Any, Any]":
            here = [*place]
            for number, value in zip(used, given[len(rows.given) :], strict=True):
                here[number] = value
            parts = [along()] if along else rows.parts() if rows.parts else [rows.rows(*given[: len(rows.given)])]
            return _together(parts, lambda one: _region(one, keys, cursor and cursor.at(here), at).values(*fields)[:size])

        given = [*rows.given, *(place[number] for number in used)]
        kinds = tuple(map(type, given))
        if rows.known is None or not STAND_INS.keys() >= {*kinds}:
            found += build(*given)
        else:
            what = (rows.known, tuple(keys), tuple(fields), size, shape, kinds, at, along is not None)
            found += _PAGES.get(what, build, *kinds)(*given)
    return found[:size]


def _together(parts: "list[QuerySet[Any]]", first: "Callable[[QuerySet[Any]], QuerySet[Any, Any]]") -> "QuerySet[Any, Any]":
    """The first of all parts: they are among the first of each."""
    pages = [first(one) for one in parts]
    if len(pages) == 1:
        return pages[0]
    query: Any = pages[0].query
    *order, by_id = query.order_by
    order.append(_ordered(Key("pk", descending=by_id.descending)))  # under the name by which it is asked for
    return pages[0].union(*pages[1:]).order_by(*order)[: query.high_mark]


def _parts(keys: Sequence[Key], cursor: Cursor | None) -> list[tuple[tuple[int, ...], bool]]:
    """Which parts of the cursor's place (its values, as far as there are any, and its id) each region looks at; and whether the
    first key is empty there."""
    if cursor is None:
        return [((), lead_is_null) for _, lead_is_null in _regions(keys, None)]
    marks = [object() for value in (*cursor.values, cursor.id) if value is not None]
    return [
        (tuple(number for number, mark in enumerate(marks) if any(mark is one for one in _values(where))), lead_is_null)
        for where, lead_is_null in _regions(keys, cursor.at(marks))
    ]


def _values(where: Q) -> Iterator[Any]:
    for child in where.children:
        if isinstance(child, Q):
            yield from _values(child)
        elif isinstance(child, tuple):
            yield child[1]


def _region(rows: "QuerySet[Any]", keys: Sequence[Key], cursor: Cursor | None, at: int) -> "QuerySet[Any]":
    back = cursor is not None and cursor.back
    where, lead_is_null = [*_regions(keys, cursor)][at]
    way = [key.flipped() for key in keys] if back else keys
    return rows.filter(where).order_by(*_order(way, lead_is_null=lead_is_null, back=back))


def _with_details(found: list[Row], details: Asked, fields: Sequence[str]) -> list[Row]:
    def build(ids: str) -> "QuerySet[Any, Any]":
        return details.rows().order_by().filter(one_of(ids)).values(*fields)

    ids = [row["pk"] for row in found]
    wanted = array(ids)
    read = build(wanted) if details.known is None else _DETAILS.get((details.known, tuple(fields)), build, str)(wanted)
    rows = {row["pk"]: row for row in read}
    return [rows[key] for key in ids if key in rows]


_PAGES, _DETAILS = Shelf(96), Shelf(64)


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


# What JSON has no kind of, by the letter before it; a text has one too.
KINDS: dict[type, tuple[str, Callable[[str], Any]]] = {
    datetime.datetime: ("m", lambda text: datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)),
    datetime.date: ("d", datetime.date.fromisoformat),
    Decimal: ("n", Decimal),
    str: ("t", str),
}
BY_LETTER = dict(KINDS.values())


def _written(value: Any) -> Any:
    if type(value) not in KINDS:
        return value
    return KINDS[type(value)][0] + (value.isoformat() if isinstance(value, datetime.date) else str(value))


def _read(written: Any) -> Any:
    if isinstance(written, list | dict):
        raise ValueError(written)
    if not isinstance(written, str):
        return written
    letter = written[:1]
    if letter not in BY_LETTER:
        raise ValueError(written)
    return BY_LETTER[letter](written[1:])
