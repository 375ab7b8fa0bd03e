"""The indexes of the customers put aside while a large file fills their table for the first time, and made anew at its end.

Sorted once they cost half of what they cost row by row, and both cores make them. They come back in the import's own transaction;
where that was taken back, or its process killed, `restore` makes them again: what they were is kept with the settings.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from zhike.core.models import Setting
from zhike.customers.imports.batches import LOCK
from zhike.customers.imports.progress import own_connection

NOTED = "imports.indexes_aside"
WORTH = 20_000  # rows of the file
FEW = 1_000  # customers who may be there already
NEARLY_EMPTY = "SELECT NOT EXISTS (SELECT 1 FROM zhike_customer OFFSET %s)"
ALL_OTHERS_OUT = "LOCK TABLE zhike_customer IN ACCESS EXCLUSIVE MODE"
OTHER_WRITERS_WAIT = "LOCK TABLE zhike_customer IN SHARE ROW EXCLUSIVE MODE"
# unique ones stay: they are promises, not only roads
SECONDARY = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'zhike_customer'::regclass AND NOT indisunique ORDER BY indexrelid"""
NOTE = """
INSERT INTO zhike_setting AS s (name, value, changed_at) VALUES (%s, %s::jsonb, now())
ON CONFLICT (name) DO UPDATE SET value = s.value || excluded.value"""


def put_aside(rows: int) -> bool:
    """Whether it was done: not for a small file, nor where customers are, nor while somebody reads them for longer."""
    if rows < WORTH:
        return False
    with own_connection("-c lock_timeout=1s") as connection, suppress(psycopg.errors.LockNotAvailable):
        return _is_nearly_empty(connection) and _drop(connection)
    return False


def _is_nearly_empty(connection: psycopg.Connection) -> bool:
    return connection.execute(NEARLY_EMPTY, [FEW]).fetchone() == (True,)


def _drop(connection: psycopg.Connection) -> bool:
    with connection.transaction():
        connection.execute(ALL_OTHERS_OUT)
        if not _is_nearly_empty(connection):
            return False
        found = connection.execute(SECONDARY).fetchall()
        connection.execute(NOTE, [NOTED, json.dumps([definition for _name, definition in found])])
        for name, _definition in found:
            connection.execute(f"DROP INDEX {name}".encode())
    return True


def bring_back(cursor: Any) -> None:
    """In the caller's transaction. Does nothing where nothing was put aside."""
    cursor.execute("DELETE FROM zhike_setting WHERE name = %s RETURNING value::text", [NOTED])
    found = cursor.fetchone()
    for definition in json.loads(found[0]) if found else ():
        cursor.execute(definition)


def restore() -> None:
    """After an import that did not reach its end. One that runs brings them back itself."""
    if not Setting.objects.filter(pk=NOTED).exists():
        return
    with own_connection() as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        if cursor.fetchone() == (True,):
            bring_back(cursor)


@contextmanager
def restored_on_failure() -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(Exception):  # what failed is to be told; the worker looks again every minute
            restore()
        raise
