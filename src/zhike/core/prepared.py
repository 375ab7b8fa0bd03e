"""Queries that every page asks: put together and compiled once a process, afterwards only their values are filled in.

Making SQL of a queryset takes longer than PostgreSQL takes to answer it by an index. What is asked is still written as a
queryset, with everything it stands for (`visible_to`, `select_related`, annotations); only prefetching is left out.
"""

import copy
import datetime
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q, QuerySet
from psycopg import sql

from zhike.core.conditions import Keys, array

PLACE = re.compile("%[%s]")  # of a value in a statement; a percent sign is doubled

# What stands for the value at a place while the SQL is made: nothing that anybody would write into a condition.
STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda place: -1_987_654_321 - place,
    str: lambda place: f"\0{place}",
    Keys: lambda place: f"\0{place}",
    float: lambda place: -1_987_654_321.5 - place,
    Decimal: lambda place: Decimal(f"-{1_987_654_321 + place}.75"),
    datetime.date: lambda place: datetime.date(1, 1, 1 + place),
    datetime.time: lambda place: datetime.time(0, 0, 0, 1 + place),
    datetime.datetime: lambda place: datetime.datetime(1, 1, 1 + place, tzinfo=datetime.UTC),
}


def cursor() -> Any:
    """For what is written in SQL and asked by every page: the server keeps it too."""
    wrapper: Any = connections["default"]
    return wrapper.prepared()


class Prepared:
    """`Prepared(build, int, str)(5, "a")` gives what `list(build(5, "a"))` would give."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._compiled: _Compiled | None = None

    def __call__(self, *values: Any) -> list[Any]:
        compiled = self._compile()
        return compiled.ask(values) if compiled.is_whole else [*self._build(*values)]

    def first(self, *values: Any) -> Any:
        """None where there is none. The query must have an order, or at most one row."""
        found = self(*values)
        return found[0] if found else None

    def keys(self, *values: Any, order: str = "") -> Keys:
        """Of a query of ids: all of them in one text, for a condition of the next query. `order`: of `c0`, which is the id, and
        `c1` and so on, what is asked for beside it; put in order after the query's own limit, so that it stops where it would."""
        compiled = self._compile()
        if not compiled.is_whole:
            compiled, values = _Compiled(self._build(*values), (), is_kept=False), ()
        return compiled.keys(values, order)

    def _compile(self) -> "_Compiled":
        if self._compiled is None:
            stand_ins = [STAND_INS[kind](place) for place, kind in enumerate(self._kinds)]
            self._compiled = _Compiled(self._build(*stand_ins), stand_ins, is_kept=Keys not in self._kinds)
        return self._compiled


class Shelf:
    """Prepared queries by what they follow from: as many as were asked for lately."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, Prepared] = {}

    def get(self, key: Hashable, build: Callable[..., "QuerySet[Any, Any]"], *kinds: type) -> Prepared:
        found = self._kept.pop(key, None) or Prepared(build, *kinds)
        self._kept[key] = found  # the latest stand last
        while len(self._kept) > self._most:
            self._kept.pop(next(iter(self._kept)), None)
        return found


def written(condition: Q) -> Hashable:
    """The condition as a key, the same for the same condition. `TypeError` where it holds more than names and plain values."""
    return (condition.connector, condition.negated, *(_written(child) for child in condition.children))


def _written(child: Any) -> Hashable:
    if isinstance(child, Q):
        return written(child)
    name, value = child
    return (name, _plain(value))


def _plain(value: Any) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    if value is None or isinstance(value, str | int | float | Decimal | datetime.date | datetime.time):
        return (type(value), value)
    raise TypeError(type(value))


class _Compiled:
    def __init__(self, rows: "QuerySet[Any, Any]", stand_ins: Sequence[Any], *, is_kept: bool) -> None:
        self._is_kept = is_kept  # by the server, with its plan
        self._iterable, self._query, self._alias = rows._iterable_class, rows.query, rows.db
        self._compiler: Any = rows.query.get_compiler(rows.db)
        try:
            self._sql, params = self._compiler.as_sql()
        except EmptyResultSet:  # such as of somebody who may see nothing
            self._sql, params = "", ()
        places = {stand_in: place for place, stand_in in enumerate(stand_ins)}
        self._fill = [(places[one], type(one)) for one in params if _is_stand_in(one, places)]
        # A value is lost where a part is empty for somebody who may see nothing: then the query is put together each time.
        self.is_whole = not self._sql or {place for place, _kind in self._fill} == set(places.values())
        if self.is_whole:
            self._sql = _with_constants(
                self._sql, ["%s" if _is_stand_in(one, places) else _literal(one, rows.db) for one in params]
            )
        if self._sql:
            converters = self._compiler.get_converters([column[0] for column in self._compiler.select])
            self._compiler.get_converters = lambda expressions: converters

    def ask(self, values: Sequence[Any]) -> list[Any]:
        if not self._sql:
            return []
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[self._alias]  # this thread's
        compiler.execute_sql = lambda *_, **__: [self._fetched(compiler.connection, values)]
        asked: Any = _Asked(_Query(self._query, compiler), self._alias)
        found: Any = self._iterable(asked)
        return [*found]

    def keys(self, values: Sequence[Any], order: str) -> Keys:
        if not self._sql:
            return array(())
        ids = self._sql
        if order:
            names = ", ".join(f"c{at}" for at in range(len(self._compiler.select)))
            ids = f"SELECT c0 FROM ({ids}) AS found({names}) ORDER BY {order}"  # noqa: S608  words of ours
        [(found,)] = self._rows(connections[self._alias], f"SELECT ARRAY({ids})::text", values)
        return Keys(found)

    def _rows(self, connection: Any, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        # integers carry the type of their column
        params = [kind(values[place]) if issubclass(kind, int) else values[place] for place, kind in self._fill]
        with connection.prepared() if self._is_kept else connection.cursor() as cursor:
            cursor.execute(statement, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _fetched(self, connection: Any, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        found = self._rows(connection, self._sql, values)
        return [row[: self._compiler.col_count] for row in found] if self._compiler.has_extra_select else found


def _with_constants(statement: str, written: Sequence[str]) -> str:
    """What is the same each time becomes part of the statement: PostgreSQL plans it for just these values."""
    values = iter(written)
    return PLACE.sub(lambda found: next(values) if found[0] == "%s" else found[0], statement)


def _literal(value: Any, alias: str) -> str:
    connection = connections[alias]
    connection.ensure_connection()
    return sql.Literal(value).as_string(connection.connection).replace("%", "%%")


def _is_stand_in(value: Any, places: Iterable[Any]) -> bool:
    return isinstance(value, (*STAND_INS,)) and value in places


class _Query:
    """The query with its compiler ready."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, using: str) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class _Asked:
    """As much of a queryset as reading its rows needs."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, query: _Query, db: str) -> None:
        self.query, self.db = query, db
