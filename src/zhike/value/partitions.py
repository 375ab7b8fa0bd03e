"""A table partitioned by run or by analysis: each writes its rows at once or not at all.

The rows are a table of their own that becomes a partition when it is complete: made, filled, indexed and attached in one
transaction, so a killed run leaves nothing behind, and readers of the current one never wait.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import psycopg
import pyarrow as pa
from django.db import OperationalError, connection, models, transaction
from psycopg import sql

from zhike.value import binary_copy

BATCH = 1 << 14


@dataclass(frozen=True)
class Partitions:
    """The partitions of a model's table by `key`, the column of the run or analysis that the rows belong to.

    `asked`: what is searched, sorted or grouped by, so that the planner should know its values; everything if nothing is named.
    """

    model: type[models.Model]
    key: str
    asked: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.column for field in self.model._meta.concrete_fields if field.column)

    @property
    def parent(self) -> sql.Identifier:
        return sql.Identifier(self.model._meta.db_table)

    def name(self, owner: int) -> str:
        return f"{self.model._meta.db_table}_{owner:d}"

    def store(self, owner: int, rows: pa.Table, progress: Callable[[int], None] | None = None) -> None:
        """Makes the partition, inside the transaction that makes its owner the current one. `progress` hears the rows written."""
        name, key = sql.Identifier(self.name(owner)), sql.Identifier(self.key)
        _do("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)", name, self.parent)
        _do("ALTER TABLE {} ADD CONSTRAINT of_this_run CHECK ({} = {})", name, key, sql.Literal(owner))  # spares ATTACH its scan
        self.fill(name, rows, progress or (lambda rows: None))
        _do("ALTER TABLE {} ADD PRIMARY KEY ({}, customer_id)", name, key)
        for access in self._indexes():
            _do("CREATE INDEX ON {} USING {}", name, access)
        _do("ANALYZE {} ({})", name, sql.SQL(", ").join(sql.Identifier(one) for one in self.asked or self.columns))
        _do("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})", self.parent, name, sql.Literal(owner))

    def drop(self, owner: int) -> bool:
        """Deletes the rows of one owner; False when readers would have to wait for it (then the next tidying does it)."""
        try:
            with transaction.atomic():
                _do("SET LOCAL lock_timeout = '2s'")
                _do("DROP TABLE IF EXISTS {}", sql.Identifier(self.name(owner)))
                _do("SET LOCAL lock_timeout = 0")
        except OperationalError:
            return False
        return True

    def known(self) -> set[int]:
        """The owners whose rows are there."""
        with connection.cursor() as cursor:
            query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass"
            cursor.execute(query, [self.model._meta.db_table])
            return {int(name.rpartition("_")[2]) for (name,) in cursor.fetchall()}

    def fill(self, name: sql.Identifier, rows: pa.Table, progress: Callable[[int], None], *, freeze: bool = True) -> None:
        """Batch by batch; the next one is packed while the server takes in this one."""
        kinds = self._kinds()
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in kinds)
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary{})").format(
            name, columns, sql.SQL(", FREEZE" if freeze else "")
        )
        batches = (rows.slice(start, BATCH) for start in range(0, rows.num_rows, BATCH))
        written = 0
        for packed in _one_ahead(lambda batch: binary_copy.packed(batch, kinds), batches):
            with psycopg.Cursor(connection.connection) as cursor, cursor.copy(statement) as copy:
                copy.write(packed)
            written = min(written + BATCH, rows.num_rows)
            progress(written)  # between two statements, so that it may ask the database

    def _kinds(self) -> dict[str, str]:
        """The columns and their types."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attname = ANY(%s)",
                [self.model._meta.db_table, list(self.columns)],
            )
            return dict(cursor.fetchall())

    def _indexes(self) -> list[sql.SQL]:
        """What stands after USING in the definitions of the parent's indexes, without the primary key."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary ORDER BY 1",
                [self.model._meta.db_table],
            )
            return [sql.SQL(definition.partition(" USING ")[2]) for (definition,) in cursor.fetchall()]


def _one_ahead(work: Callable[[pa.Table], bytes], batches: Iterable[pa.Table]) -> Iterator[bytes]:
    """Each batch worked on while the one before is being used."""
    with ThreadPoolExecutor(1) as other:
        ready: Future[bytes] | None = None
        for batch in batches:
            coming = other.submit(work, batch)
            if ready:
                yield ready.result()
            ready = coming
        if ready:
            yield ready.result()


def _do(statement: str, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
