"""What an analysis computes from: the orders in the columnar copy, the current scores, and the record, as whole tables."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from psycopg import sql

from zhike.value import engine
from zhike.value.analyses.columns import parts, read, read_parts
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
TEXTS = 1 << 16  # notes read at a time
LINES = "CREATE TABLE lines (customer_id BIGINT, order_id BIGINT, date DATE, product_id INTEGER, price FLOAT)"
OF_LINES = {
    "customer_id": pa.int64(), "order_id": pa.int64(), "date": pa.date32(), "product_id": pa.int64(), "price": pa.float64(),
}  # fmt: skip


@dataclass
class Material:
    """`con` has the view `orders` (customer_id, order_id, date, amount, margin, quantity, is_return, channel) up to `as_of`;
    `backend` is the same for Ibis. Tables of the record hold living customers only."""

    run: Run
    con: "DuckDBPyConnection"
    previous: Mapping[str, Any] = field(default_factory=dict)  # report of the analysis that is current until now

    @cached_property
    def backend(self) -> "Backend":
        import ibis  # brings pandas; most kinds do with SQL

        return ibis.duckdb.from_connection(self.con)

    @property
    def as_of(self) -> datetime.date:
        return self.run.as_of

    def scores(self, *columns: str) -> pa.Table:
        """`customer_id` and these columns of the current scores, ordered by customer."""
        known = {one.column for one in Score._meta.concrete_fields}
        wanted = ["customer_id", *columns]
        assert set(wanted) <= known, set(wanted) - known
        query = sql.SQL("SELECT {chosen} FROM zhike_score WHERE run_id = {run} AND {part} ORDER BY customer_id")
        chosen = sql.SQL(", ").join(map(sql.Identifier, wanted))
        types = {name: TYPES.get(name, pa.float64()) for name in wanted}
        conditions, run = parts("zhike_customer", "customer_id"), sql.Literal(self.run.pk)
        return self._of_the_living(read_parts(query, types, conditions, chosen=chosen, run=run))

    def profile(self, columns: Mapping[str, pa.DataType]) -> pa.Table:
        """`customer_id` and these fields of the information model, by code; ordered by customer."""
        fields = [sql.SQL("profile ->> {}").format(sql.Literal(code)) for code in columns]
        query = sql.SQL("SELECT {chosen} FROM zhike_customer WHERE deleted_at IS NULL AND {part} ORDER BY id")
        chosen = sql.SQL(", ").join([sql.SQL("id"), *fields])
        return read_parts(query, {"customer_id": pa.int64(), **columns}, parts("zhike_customer", "id"), chosen=chosen)

    @cached_property
    def customers(self) -> pa.Table:
        """`customer_id`, `kind`, `region`, `source_id`, `created_on`, and whether they can be reached: a phone, an e-mail address
        or WeChat, and no wish to be left alone. Ordered by customer."""
        query = sql.SQL("""SELECT id, kind, region, source_id, (created_at AT TIME ZONE {zone})::date,
            (phone <> '' OR email <> '' OR wechat <> '') AND NOT do_not_disturb FROM zhike_customer
            WHERE deleted_at IS NULL AND {part} ORDER BY id""")
        types = {
            "customer_id": pa.int64(), "kind": pa.string(), "region": pa.string(), "source_id": pa.int64(),
            "created_on": pa.date32(), "is_reachable": pa.bool_(),
        }  # fmt: skip
        return read_parts(query, types, parts("zhike_customer", "id"), zone=zone())

    def interactions(self, since: datetime.date, *, texts: bool = False) -> pa.Table:
        """Done ones from `since` to `as_of`, in no order; `summary` only when asked for."""
        query = sql.SQL(
            """SELECT customer_id, (at AT TIME ZONE {zone})::date, kind, direction, purpose, mood,
            outcome, resolved_at IS NOT NULL {text} FROM zhike_interaction
            WHERE state = 'done' AND (at AT TIME ZONE {zone})::date BETWEEN {since} AND {until} AND {part}"""
        )
        types = {
            "customer_id": pa.int64(), "date": pa.date32(), "kind": pa.string(), "direction": pa.string(), "purpose": pa.string(),
            "mood": pa.string(), "outcome": pa.string(), "is_resolved": pa.bool_(),
        }  # fmt: skip
        known: dict[str, sql.Composable] = {"zone": zone(), "since": sql.Literal(since), "until": sql.Literal(self.as_of)}
        known["text"] = sql.SQL(", summary" if texts else "")
        conditions = parts("zhike_interaction", "id", TEXTS) if texts else parts("zhike_interaction", "id")
        found = read_parts(query, types | ({"summary": pa.string()} if texts else {}), conditions, **known)
        return self._of_the_living(found)

    @cached_property
    def relationships(self) -> pa.Table:
        """`customer_id`, `other_id`, `kind`, read from left to right, both living."""
        query = sql.SQL(
            """SELECT r.customer_id, r.other_id, r.kind FROM zhike_relationship r
            JOIN zhike_customer c ON c.id = r.customer_id AND c.deleted_at IS NULL
            JOIN zhike_customer o ON o.id = r.other_id AND o.deleted_at IS NULL ORDER BY 1, 2"""
        )
        return read(query, {"customer_id": pa.int64(), "other_id": pa.int64(), "kind": pa.string()})

    @cached_property
    def lines(self) -> int:
        """What was bought, line by line, up to `as_of`, sales only: put into the table `lines` of the engine (customer_id,
        order_id, date, product_id, price of one), which need not hold it in memory. How many there are."""
        query = sql.SQL(
            """SELECT o.customer_id, o.id, (o.ordered_at AT TIME ZONE {zone})::date, l.product_id,
            l.amount / CASE WHEN l.quantity > 0 THEN l.quantity ELSE 1 END
            FROM zhike_order o JOIN zhike_orderline l ON l.order_id = o.id
            WHERE o.kind = 'sale' AND (o.ordered_at AT TIME ZONE {zone})::date <= {until} AND {part}"""
        )
        self.con.execute(LINES)
        rows = 0
        for part in parts("zhike_order", "o.id"):
            some = self._of_the_living(read(query.format(zone=zone(), until=sql.Literal(self.as_of), part=part), OF_LINES))
            self.con.register("some_lines", some)
            self.con.execute("INSERT INTO lines SELECT * FROM some_lines")
            self.con.unregister("some_lines")
            rows += some.num_rows
        return rows

    @cached_property
    def products(self) -> pa.Table:
        query = sql.SQL("""SELECT p.id, p.code, p.name, p.line_id, l.name, p.price, p.is_active FROM zhike_product p
            LEFT JOIN zhike_productline l ON l.id = p.line_id ORDER BY p.id""")
        types = {
            "product_id": pa.int64(), "code": pa.string(), "name": pa.string(), "line_id": pa.int64(), "line": pa.string(),
            "price": pa.float64(), "is_active": pa.bool_(),
        }  # fmt: skip
        return read(query, types)

    def _of_the_living(self, rows: pa.Table) -> pa.Table:
        """Few are deleted: leaving them out here costs less than asking for each row whether it is of one."""
        return rows.filter(pc.invert(pc.is_in(rows["customer_id"], self._deleted))) if len(self._deleted) else rows

    @cached_property
    def _deleted(self) -> pa.Array:
        query = sql.SQL("SELECT id FROM zhike_customer WHERE deleted_at IS NOT NULL")
        return read(query, {"customer_id": pa.int64()})["customer_id"].combine_chunks()


@contextmanager
def material_of(run: Run, manifest: Manifest, previous: Mapping[str, Any]) -> Iterator[Material]:
    margin = restored(Assumptions, run.assumptions).default_margin
    with engine.with_facts(manifest, margin_rate=margin) as con:
        day = run.as_of.isoformat()
        con.execute(f"CREATE VIEW orders AS SELECT * FROM facts WHERE date <= DATE '{day}'")  # noqa: S608  a day of ours
        yield Material(run, con, previous)


def zone() -> sql.Literal:
    return sql.Literal(timezone.get_default_timezone_name())
