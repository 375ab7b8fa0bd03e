"""Scores into the database and back, a whole run at a time.

A run's scores are a table of their own that becomes a partition when it is complete: made, filled, indexed and attached in one
transaction, so a killed run leaves nothing behind, and readers of the current run never wait.
"""

from collections.abc import Callable
from io import BytesIO

import psycopg
import pyarrow as pa
from django.db import OperationalError, connection, transaction
from psycopg import sql
from pyarrow import csv

from zhike.value.models import Score

BATCH = 1 << 16
COLUMNS = tuple(field.column for field in Score._meta.concrete_fields if field.column)
PARENT = sql.Identifier(Score._meta.db_table)


def partition(run_id: int) -> str:
    return f"{Score._meta.db_table}_{run_id:d}"


def store(run_id: int, scores: pa.Table, progress: Callable[[int], None] | None = None) -> None:
    """Makes the run's partition, inside the transaction that makes the run the current one. `progress` hears the rows written."""
    name = sql.Identifier(partition(run_id))
    _do("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)", name, PARENT)
    _fill(name, scores, progress or (lambda rows: None))
    _do("ALTER TABLE {} ADD PRIMARY KEY (run_id, customer_id)", name)
    for access in _indexes():
        _do("CREATE INDEX ON {} USING {}", name, access)
    _do("ALTER TABLE {} ADD CONSTRAINT of_this_run CHECK (run_id = {})", name, sql.Literal(run_id))  # spares ATTACH its scan
    _do("ANALYZE {}", name)
    _do("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})", PARENT, name, sql.Literal(run_id))


def drop(run_id: int) -> bool:
    """Deletes the scores of a run; False when readers would have to wait for it (then the next run does it)."""
    try:
        with transaction.atomic():
            _do("SET LOCAL lock_timeout = '2s'")
            _do("DROP TABLE IF EXISTS {}", sql.Identifier(partition(run_id)))
            _do("SET LOCAL lock_timeout = 0")
    except OperationalError:
        return False
    return True


def partitions() -> set[int]:
    """The runs whose scores are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [Score._meta.db_table])
        return {int(name.rpartition("_")[2]) for (name,) in cursor.fetchall()}


def replace(run_id: int, scores: pa.Table, without: list[int] | None = None) -> None:
    """Puts these rows in place of those customers' rows in a run that is there; `without` lose theirs."""
    fresh = sql.Identifier("zhike_fresh_score")
    with transaction.atomic():
        _do("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP", fresh, PARENT)
        _fill(fresh, scores, lambda rows: None, freeze=False)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM zhike_score WHERE run_id = %s AND customer_id = ANY(%s)", [run_id, without or []])
            names = sql.SQL(", ").join(sql.Identifier(name) for name in COLUMNS)
            changes = sql.SQL(", ").join(
                sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name))
                for name in COLUMNS
                if name not in ("run_id", "customer_id")
            )
            statement = (
                "INSERT INTO {0} ({1}) SELECT {1} FROM {2} ORDER BY customer_id ON CONFLICT (run_id, customer_id) DO UPDATE SET {3}"
            )
            cursor.execute(sql.SQL(statement).format(PARENT, names, fresh, changes))
        _do("DROP TABLE {}", fresh)


def _fill(name: sql.Identifier, scores: pa.Table, progress: Callable[[int], None], *, freeze: bool = True) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in COLUMNS)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv{})").format(name, columns, sql.SQL(", FREEZE" if freeze else ""))
    plain = csv.WriteOptions(include_header=False)
    rows = scores.select(list(COLUMNS))
    for start in range(0, rows.num_rows, BATCH):
        with psycopg.Cursor(connection.connection) as cursor, cursor.copy(statement) as copy:
            text = BytesIO()
            csv.write_csv(rows.slice(start, BATCH), text, plain)
            copy.write(text.getbuffer())
        progress(min(start + BATCH, rows.num_rows))  # between two statements, so that it may ask the database


def _indexes() -> list[sql.SQL]:
    """What stands after USING in the definitions of the parent's indexes, without the primary key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary ORDER BY 1",
            [Score._meta.db_table],
        )
        return [sql.SQL(definition.partition(" USING ")[2]) for (definition,) in cursor.fetchall()]


def _do(statement: str, *parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
