"""Who may work when. The database lets go of a lock when the process that holds it dies."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

RUNNING = 0x7A68_0001  # held by the process that carries out a run or an analysis
SWITCHING = 0x7A68_0002  # shared by those who rescore, exclusive for the moment in which the current run changes


class RunUnderWay(Exception):
    """Another process carries out a run or an analysis right now."""


@contextmanager
def alone(*, wait: bool = False) -> Iterator[None]:
    """One run or analysis at a time over all processes. Raises `RunUnderWay`, or waits for the other one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RUNNING])
        (free,) = cursor.fetchone()
        if not free and not wait:
            raise RunUnderWay
        if not free:
            cursor.execute("SELECT pg_advisory_lock(%s)", [RUNNING])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [RUNNING])


def nobody_rescores() -> None:
    """Waits until every rescoring under way has committed; no other begins before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SWITCHING])


def no_switch() -> None:
    """The current run stays the current one until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [SWITCHING])
