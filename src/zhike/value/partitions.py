"""A table partitioned by run or by analysis: each writes its rows at once or not at all.

The rows are a table of their own that becomes a partition when it is complete: made, filled, indexed and attached in one
transaction, so a killed run leaves nothing behind, and readers of the current one never wait.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import psycopg
import pyarrow as pa
from django.db import OperationalError, connection, models, transaction
from psycopg import sql
from pyarrow import csv

BATCH = 1 << 16


@dataclass(frozen=True)
class Partitions:
    """The partitions of a model's table by `key`, the column of the run or analysis that the rows belong to."""

    model: type[models.Model]
    key: str

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
        self.fill(name, rows, progress or (lambda rows: None))
        _do("ALTER TABLE {} ADD PRIMARY KEY ({}, customer_id)", name, key)
        for access in self._indexes():
            _do("CREATE INDEX ON {} USING {}", name, access)
        _do("ALTER TABLE {} ADD CONSTRAINT of_this_run CHECK ({} = {})", name, key, sql.Literal(owner))  # spares ATTACH its scan
        _do("ANALYZE {}", name)
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

    def fill(self, name: sql.Identifier, table: pa.Table, progress: Callable[[int], None], *, freeze: bool = True) -> None:
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in self.columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv{})").format(name, columns, sql.SQL(", FREEZE" if freeze else ""))
        plain = csv.WriteOptions(include_header=False)
        rows = table.select(list(self.columns))
        for start in range(0, rows.num_rows, BATCH):
            with psycopg.Cursor(connection.connection) as cursor, cursor.copy(statement) as copy:
                text = BytesIO()
                csv.write_csv(rows.slice(start, BATCH), text, plain)
                copy.write(text.getbuffer())
            progress(min(start + BATCH, rows.num_rows))  # between two statements, so that it may ask the database

    def _indexes(self) -> list[sql.SQL]:
        """What stands after USING in the definitions of the parent's indexes, without the primary key."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary ORDER BY 1",
                [self.model._meta.db_table],
            )
            return [sql.SQL(definition.partition(" USING ")[2]) for (definition,) in cursor.fetchall()]


def _do(statement: str, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
