"""Lists: filters and orders by allow-listed names, pages by the key of their last row."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.api.problems import bad_field
from zhike.api.schemas.base import LARGEST_ID
from zhike.api.schemas.pages import PageQuery

COUNT_CAP = 10_000
Rows = QuerySet[Any]


@dataclass(frozen=True)
class Cursor:
    """The row beside which a page begins: its value in the order, its id, and on which side of it."""

    sort: str
    value: Any
    key: int
    backwards: bool = False

    def text(self) -> str:
        parts = [self.sort, self.value, self.key, int(self.backwards)]
        return base64.urlsafe_b64encode(json.dumps(parts, default=_exact).encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Order:
    column: str
    key: str
    falling: bool

    @property
    def is_by_key(self) -> bool:
        return self.column == self.key


def _exact(value: Any) -> str:
    """Moments to the microsecond: a cursor that is only nearly at its row doubles or hides some."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def filtered(rows: Rows, query: PageQuery, lookups: Mapping[str, str]) -> Rows:
    """Narrowed by what the caller gave; `lookups` says which name of the query asks for which column."""
    given = query.model_dump(exclude_unset=True, exclude_none=True)
    return rows.filter(**{lookup: given[name] for name, lookup in lookups.items() if name in given})


def page(
    request: HttpRequest, rows: Rows, query: PageQuery, *, sort: str = "-id", columns: Mapping[str, str] | None = None,
    shown: Callable[[Sequence[Any]], Iterable[Any]] = list, counted: Rows | None = None, key: str = "pk",
) -> dict[str, Any]:  # fmt: skip
    """One page. `sort` is a name of `columns` (name → column), with a minus for falling; `shown` makes the page's rows ready.

    `key` tells rows apart that are the same in the order.
    """
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    order = Order((columns or {}).get(name, key if name == "id" else name), key, falling)
    cursor = _read(query.cursor, sort, rows, order) if query.cursor else None
    backwards = cursor is not None and cursor.backwards
    found = _beside(rows, order, cursor, query.limit + 1)
    more, found = len(found) > query.limit, found[: query.limit]
    if backwards:
        found.reverse()
    before, after = (more, cursor is not None) if backwards else (cursor is not None, more)
    number = _counted(rows if counted is None else counted, query.count)
    return {
        "items": shown(found),
        "next": _address(request, found[-1], sort, order) if after and found else None,
        "previous": _address(request, found[0], sort, order, backwards=True) if before and found else None,
        "count": number if query.count == "exact" else number and min(number, COUNT_CAP),
        "count_is_capped": query.count == "capped" and (number or 0) > COUNT_CAP,
    }


def _beside(rows: Rows, order: Order, cursor: Cursor | None, size: int) -> list[Any]:
    """From the cursor on, in the direction of reading. Empty values stand behind all others, as a region of their own."""
    backwards = cursor is not None and cursor.backwards
    descending = order.falling != backwards
    names = [("-" if descending else "") + name for name in dict.fromkeys([order.column, order.key])]
    found: list[Any] = []
    for region in _regions(rows, order, descending, cursor):
        if len(found) < size:
            found += rows.filter(region).order_by(*names)[: size - len(found)]
    return found


def _regions(rows: Rows, order: Order, descending: bool, cursor: Cursor | None) -> list[Q]:
    """Conditions in the order in which their rows follow; an index answers each of them."""
    beyond, column = "lt" if descending else "gt", order.column
    nullable = not order.is_by_key and _field(rows, column)[1]
    filled, empty = Q(**{f"{column}__isnull": False}), Q(**{f"{column}__isnull": True})
    if cursor is None:
        return [filled, empty] if nullable else [Q()]
    by_key = Q(**{f"{order.key}__{beyond}": cursor.key})
    if order.is_by_key:
        return [by_key]
    if cursor.value is None:
        return [empty & by_key, filled] if cursor.backwards else [empty & by_key]
    past = Q(**{f"{column}__{beyond}e": cursor.value}) & (Q(**{f"{column}__{beyond}": cursor.value}) | by_key)
    return [past, empty] if nullable and not cursor.backwards else [past]


def _read(text: str, sort: str, rows: Rows, order: Order) -> Cursor:
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        made_for, value, key, backwards = parts
        if made_for != sort or not isinstance(key, int) or not 0 < key <= LARGEST_ID:
            raise ValueError("cursor")
        converted = None if value is None or order.is_by_key else _field(rows, order.column)[0].to_python(value)
    except (ValueError, TypeError, ValidationError, RecursionError) as problem:
        raise bad_field("cursor", _("This cursor does not belong to this list; begin without one.")) from problem
    return Cursor(sort, converted, key, bool(backwards))


def _field(rows: Rows, column: str) -> tuple[Any, bool]:
    """The column, of the table or computed, and whether it can be empty."""
    if column in rows.query.annotations:
        return rows.query.annotations[column].output_field, True
    field = rows.model._meta.get_field(column)
    return field, bool(field.null)


def _address(request: HttpRequest, row: Any, sort: str, order: Order, *, backwards: bool = False) -> str:
    query = request.GET.copy()
    value = None if order.is_by_key else getattr(row, order.column)
    query["cursor"] = Cursor(sort, value, getattr(row, order.key), backwards).text()
    return f"{request.path}?{query.urlencode()}"


def _counted(rows: Rows, how: str) -> int | None:
    if how == "none":
        return None
    return rows.order_by().count() if how == "exact" else rows.order_by()[: COUNT_CAP + 1].count()
