"""What an analysis computes from: the orders in the columnar copy, the current scores, and the record, as whole tables."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
from django.db import connection
from django.utils import timezone
from psycopg import sql
from pyarrow import csv

from zhike.value import engine
from zhike.value.models import Run, Score
from zhike.value.rules import Assumptions, restored
from zhike.value.snapshot import Manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from ibis.backends.duckdb import Backend

TYPES = {  # of a score's columns, where they are not floating point
    "customer_id": pa.int64(), "as_of": pa.date32(), "first_on": pa.date32(), "last_on": pa.date32(), "rfm_class": pa.string(),
    "segment": pa.string(), "grade": pa.string(), "stage": pa.string(), "treatment": pa.string(),
}  # fmt: skip


@dataclass
class Material:
    """`con` has the view `orders` (customer_id, order_id, date, amount, margin, quantity, is_return, channel) up to `as_of`;
    `backend` is the same for Ibis. Tables of the record hold living customers only and are ordered by customer."""

    run: Run
    backend: "Backend"
    previous: Mapping[str, Any] = field(default_factory=dict)  # report of the analysis that is current until now

    @property
    def con(self) -> "DuckDBPyConnection":
        con: DuckDBPyConnection = self.backend.con
        return con

    @property
    def as_of(self) -> datetime.date:
        return self.run.as_of

    def scores(self, *columns: str) -> pa.Table:
        """`customer_id` and these columns of the current scores."""
        known = {one.column for one in Score._meta.concrete_fields}
        wanted = ["customer_id", *columns]
        assert set(wanted) <= known, set(wanted) - known
        chosen = sql.SQL(", ").join(sql.Identifier("s", name) for name in wanted)
        query = sql.SQL("""SELECT {} FROM zhike_score s JOIN zhike_customer c ON c.id = s.customer_id AND c.deleted_at IS NULL
            WHERE s.run_id = {} ORDER BY s.customer_id""")
        return read(query.format(chosen, sql.Literal(self.run.pk)), {name: TYPES.get(name, pa.float64()) for name in wanted})

    def profile(self, columns: Mapping[str, pa.DataType]) -> pa.Table:
        """`customer_id` and these fields of the information model, by code."""
        parts = [sql.SQL("profile ->> {}").format(sql.Literal(code)) for code in columns]
        query = sql.SQL("SELECT {} FROM zhike_customer WHERE deleted_at IS NULL ORDER BY id")
        return read(query.format(sql.SQL(", ").join([sql.SQL("id"), *parts])), {"customer_id": pa.int64(), **columns})

    @cached_property
    def customers(self) -> pa.Table:
        """`customer_id`, `kind`, `region`, `source_id`, `created_on`, and whether they can be reached: a phone, an e-mail address
        or WeChat, and no wish to be left alone."""
        query = sql.SQL("""SELECT id, kind, region, source_id, (created_at AT TIME ZONE {})::date,
            (phone <> '' OR email <> '' OR wechat <> '') AND NOT do_not_disturb FROM zhike_customer
            WHERE deleted_at IS NULL ORDER BY id""")
        types = {
            "customer_id": pa.int64(), "kind": pa.string(), "region": pa.string(), "source_id": pa.int64(),
            "created_on": pa.date32(), "is_reachable": pa.bool_(),
        }  # fmt: skip
        return read(query.format(zone()), types)

    def interactions(self, since: datetime.date, *, texts: bool = False) -> pa.Table:
        """Done ones from `since` to `as_of`; `summary` only when asked for."""
        query = sql.SQL(
            """SELECT i.customer_id, (i.at AT TIME ZONE {zone})::date, i.kind, i.direction, i.purpose, i.mood,
            i.outcome, i.resolved_at IS NOT NULL{text} FROM zhike_interaction i
            JOIN zhike_customer c ON c.id = i.customer_id AND c.deleted_at IS NULL
            WHERE i.state = 'done' AND (i.at AT TIME ZONE {zone})::date BETWEEN {since} AND {until} ORDER BY 1, 2"""
        )
        types = {
            "customer_id": pa.int64(), "date": pa.date32(), "kind": pa.string(), "direction": pa.string(), "purpose": pa.string(),
            "mood": pa.string(), "outcome": pa.string(), "is_resolved": pa.bool_(),
        }  # fmt: skip
        text = sql.SQL(", i.summary" if texts else "")
        bounds = {"since": sql.Literal(since), "until": sql.Literal(self.as_of)}
        return read(query.format(zone=zone(), text=text, **bounds), types | ({"summary": pa.string()} if texts else {}))

    @cached_property
    def relationships(self) -> pa.Table:
        """`customer_id`, `other_id`, `kind`, read from left to right, both living."""
        query = sql.SQL(
            """SELECT r.customer_id, r.other_id, r.kind FROM zhike_relationship r
            JOIN zhike_customer c ON c.id = r.customer_id AND c.deleted_at IS NULL
            JOIN zhike_customer o ON o.id = r.other_id AND o.deleted_at IS NULL ORDER BY 1, 2"""
        )
        return read(query, {"customer_id": pa.int64(), "other_id": pa.int64(), "kind": pa.string()})

    def lines(self, since: datetime.date | None = None) -> pa.Table:
        """What was bought, line by line, up to `as_of`: sales only, no returns."""
        query = sql.SQL(
            """SELECT o.customer_id, l.order_id, (o.ordered_at AT TIME ZONE {zone})::date, l.product_id, p.line_id,
            l.quantity, l.amount, l.cost FROM zhike_orderline l JOIN zhike_order o ON o.id = l.order_id
            JOIN zhike_product p ON p.id = l.product_id
            JOIN zhike_customer c ON c.id = o.customer_id AND c.deleted_at IS NULL
            WHERE o.kind = 'sale' AND (o.ordered_at AT TIME ZONE {zone})::date BETWEEN {since} AND {until} ORDER BY 1, 3, 2"""
        )
        types = {
            "customer_id": pa.int64(), "order_id": pa.int64(), "date": pa.date32(), "product_id": pa.int64(), "line_id": pa.int64(),
            "quantity": pa.float64(), "amount": pa.float64(), "cost": pa.float64(),
        }  # fmt: skip
        first = since or datetime.date.min
        return read(query.format(zone=zone(), since=sql.Literal(first), until=sql.Literal(self.as_of)), types)

    @cached_property
    def products(self) -> pa.Table:
        query = sql.SQL("""SELECT p.id, p.code, p.name, p.line_id, l.name, p.price, p.is_active FROM zhike_product p
            LEFT JOIN zhike_productline l ON l.id = p.line_id ORDER BY p.id""")
        types = {
            "product_id": pa.int64(), "code": pa.string(), "name": pa.string(), "line_id": pa.int64(), "line": pa.string(),
            "price": pa.float64(), "is_active": pa.bool_(),
        }  # fmt: skip
        return read(query, types)


@contextmanager
def material_of(run: Run, manifest: Manifest, previous: Mapping[str, Any]) -> Iterator[Material]:
    margin = restored(Assumptions, run.assumptions).default_margin
    with engine.opened(manifest, margin_rate=margin) as backend:
        day = run.as_of.isoformat()
        backend.con.execute(f"CREATE VIEW orders AS SELECT * FROM facts WHERE date <= DATE '{day}'")  # noqa: S608  a day of ours
        yield Material(run, backend, previous)


def read(query: sql.Composable, types: Mapping[str, pa.DataType]) -> pa.Table:
    """The result of a query by COPY, never row by row. Empty text stays empty, NULL is null."""
    text = pa.BufferOutputStream()  # memory of Arrow: its reader's thread may outlive it, and must hold nothing of Python
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(statement) as copy:
        for part in copy:
            text.write(part)
    names: Sequence[str] = list(types)
    if not text.tell():
        return pa.schema(list(types.items())).empty_table()
    return csv.read_csv(
        pa.BufferReader(text.getvalue()),
        csv.ReadOptions(column_names=names, use_threads=False),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict(types), strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""],
            true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip


def zone() -> sql.Literal:
    return sql.Literal(timezone.get_default_timezone_name())
