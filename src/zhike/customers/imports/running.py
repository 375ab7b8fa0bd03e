"""Whether somebody runs a batch at this moment. Its runner holds a lock in the database, which drops it when the runner dies."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, connection

from zhike.core import queue
from zhike.customers.choices import ImportState
from zhike.customers.models import ImportBatch

SPACE = 0x7A68696D
BUSY = (ImportState.RUNNING, ImportState.CHECKING, ImportState.UNDOING)
TASKS = ("import.run", "import.undo")
HOLDERS = """
SELECT pid, objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@contextmanager
def held(batch_id: int) -> Iterator[None]:
    """Across the transactions of a run that no job stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [SPACE, batch_id])
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has let go by itself
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, batch_id])


def hold(cursor: Any, batch_id: int) -> None:
    """Until this transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, batch_id])


def interrupt(batch_id: int) -> None:
    """Stop the statement that the runner waits for: one statement may take minutes, and only between them it looks around."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [SPACE])
        for pid, batch in cursor.fetchall():
            if batch == batch_id:
                cursor.execute("SELECT pg_cancel_backend(%s) WHERE %s <> pg_backend_pid()", [pid, pid])


def abandoned() -> list[ImportBatch]:
    """Batches that say they run, while no process holds them and no job stands for them: theirs was killed."""
    said = list(ImportBatch.objects.filter(state__in=BUSY).select_related("created_by"))
    if not said:
        return []
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [SPACE])
        alive = {batch for _pid, batch in cursor.fetchall()} | {job.get("batch") for job in queue.unfinished(*TASKS)}
    return [batch for batch in said if batch.pk not in alive]
