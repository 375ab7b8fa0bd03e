"""What goes wrong below the product: a disk without room, a database that is away. Both are nobody's mistake and pass."""

import errno

import psycopg
from django.db import InterfaceError, OperationalError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = ("No space left on device", "Disk quota exceeded", "File too large")
_LOST = ("08", "57P")  # classes of SQLSTATE: connection exceptions; the server shuts down or starts


def is_disk_full(problem: BaseException | None) -> bool:
    """Whether this, or what led to it, is that there was no room to write."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        if isinstance(problem, psycopg.errors.DiskFull) or (isinstance(problem, OSError) and problem.errno in _FULL):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def says_disk_full(output: str) -> bool:
    """Whether a program's own words say so."""
    return any(words in output for words in _SAID)


def is_database_away(problem: BaseException | None) -> bool:
    """Whether the connection was lost or refused. A deadlock or a cancelled query is something else."""
    if isinstance(problem, InterfaceError):
        return True
    if not isinstance(problem, OperationalError):
        return False
    state = getattr(problem.__cause__, "sqlstate", None)
    return state is None or state.startswith(_LOST)
