"""Queries read as whole columns: the server packs each into one value, so that nothing goes row by row, and as many rows at a time
as have the keys of one part, so that neither side holds all of a large table twice."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

from zhike.value import arrow
from zhike.value.order_arrays import HEADER

PART = 1 << 18  # keys
LEAST_LONG, LEAST = -(2**63), -(2**31)  # stand for NULL on the way, as do these signs
BETWEEN, NONE = "\x1f", "\x1e"

Types = Mapping[str, pa.DataType]
Floats = NDArray[np.float64]


def parts(table: str, key: str, size: int = PART) -> Iterator[sql.Composed]:
    """Conditions on `key` (or `alias.key`) that together hold every id of the table; gaps are stepped over."""
    first = 0
    query = sql.SQL("SELECT min(id) FROM {} WHERE id >= %s").format(sql.Identifier(table))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [first])
            (found,) = cursor.fetchone()
        if found is None:
            return
        first = (found // size + 1) * size
        bounds = sql.Literal(first - size), sql.Literal(first)
        yield sql.SQL("{0} >= {1} AND {0} < {2}").format(sql.Identifier(*key.split(".")), *bounds)


def read(query: sql.Composable, types: Types) -> pa.Table:
    """The result of a query, its columns in the order of `types`: whole and floating point numbers, days, yes or no, text."""
    names = [sql.Identifier(f"c{at}") for at in range(len(types))]
    packed = sql.SQL(", ").join(_packed(name, kind) for name, kind in zip(names, types.values(), strict=True))
    whole = sql.SQL("SELECT {} FROM ({}) AS rows ({})").format(packed, query, sql.SQL(", ").join(names))
    connection.ensure_connection()
    row = psycopg.Cursor(connection.connection).execute(whole, binary=True).fetchone()
    if row is None or row[0] is None:
        return pa.schema(list(types.items())).empty_table()
    return pa.table({name: _column(value, kind) for (name, kind), value in zip(types.items(), row, strict=True)})


def read_parts(query: sql.SQL, types: Types, conditions: Iterable[sql.Composed], **known: sql.Composable) -> pa.Table:
    """The same for a query with `{part}` among its conditions, part after part."""
    found = [read(query.format(part=condition, **known), types) for condition in conditions]
    return pa.concat_tables(found) if found else pa.schema(list(types.items())).empty_table()


def _packed(name: sql.Identifier, kind: pa.DataType) -> sql.Composed:
    if pa.types.is_string(kind):
        text = sql.SQL("convert_to(string_agg(coalesce(translate({}::text, {}, ''), {}), {}), 'UTF8')")
        return text.format(name, sql.Literal(BETWEEN + NONE), sql.Literal(NONE), sql.Literal(BETWEEN))
    value: sql.SQL = sql.SQL("{}::bigint")
    missing: sql.Composable = sql.Literal(LEAST_LONG)
    if pa.types.is_floating(kind):
        value, missing = sql.SQL("{}::float8"), sql.SQL("'NaN'")
    elif pa.types.is_date(kind):
        value, missing = sql.SQL("({} - date '1970-01-01')"), sql.Literal(LEAST)
    elif pa.types.is_boolean(kind):
        value, missing = sql.SQL("{}::integer"), sql.Literal(LEAST)
    return sql.SQL("array_send(array_agg(coalesce({}, {})))").format(value.format(name), missing)


def _column(packed: bytes, kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return _words(packed)
    width = int.from_bytes(packed[HEADER : HEADER + 4], "big")
    sign = "f" if pa.types.is_floating(kind) else "i"
    layout = np.dtype([("length", ">i4"), ("value", f">{sign}{width}")])
    values = np.frombuffer(packed, layout, offset=HEADER)["value"].astype(f"{sign}{width}")
    known = ~np.isnan(values) if sign == "f" else values != (LEAST_LONG if width == 8 else LEAST)
    if pa.types.is_boolean(kind):
        values = values == 1
    plain = pa.array(values, mask=None if known.all() else ~known)
    return plain.cast(kind)


def _words(packed: bytes) -> pa.Array:
    whole = pa.array([packed.decode()], pa.large_string())
    words = pc.list_flatten(pc.split_pattern(whole, BETWEEN)).cast(pa.string())
    return pc.if_else(pc.equal(words, NONE), pa.scalar(None, pa.string()), words)


def of_customers(customers: NDArray[np.int64], table: pa.Table, *, missing: float = np.nan) -> dict[str, Floats]:
    """The columns of a table ordered by customer, in the order of these customers."""
    ids = table["customer_id"].to_numpy()
    names = [name for name in table.column_names if name != "customer_id"]
    if not len(ids):
        return {name: np.full(len(customers), missing) for name in names}
    place = np.minimum(np.searchsorted(ids, customers), len(ids) - 1)
    there = ids[place] == customers
    return {name: np.where(there, arrow.plain(table[name])[place], missing) for name in names}
