"""How far a run is, written over a connection of its own so that everybody sees it while the run's transaction is open."""

import contextlib
from collections.abc import Callable
from types import TracebackType

import psycopg
from django.db import connection

from zhike.customers.imports.problems import FileProblem

Tell = Callable[[str, int, int], None]  # step, rows done, rows in all (0: not known)

OF_DJANGO = ("cursor_factory", "context", "prepare_threshold")


class Progress:
    """Tells the batch's row and whoever runs the import; takes the wish to cancel from there."""

    def __init__(self, batch_id: int, tell: Tell | None = None) -> None:
        self.batch_id = batch_id
        self.tell = tell
        self.done = self.total = 0
        self._connection: psycopg.Connection | None = None

    def __enter__(self) -> "Progress":
        self._connection = own_connection(options="-c lock_timeout=1s")
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection:
            self._connection.close()

    def at(self, step: str, *, done: int | None = None, total: int | None = None) -> None:
        """Raises `FileProblem("cancelled")` when somebody asked for it."""
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        if self.tell:
            self.tell(step, self.done, self.total)
        assert self._connection
        with contextlib.suppress(psycopg.errors.LockNotAvailable):
            row = self._connection.execute(
                "UPDATE zhike_importbatch SET step = %s, rows_done = %s, rows_total = %s WHERE id = %s RETURNING cancel_requested",
                [step, self.done, self.total, self.batch_id],
            ).fetchone()
            if row and row[0]:
                raise FileProblem("cancelled")


def own_connection(options: str = "") -> psycopg.Connection:
    """Another connection to the database of the run, outside its transaction."""
    known = {name: value for name, value in connection.get_connection_params().items() if name not in OF_DJANGO}
    return psycopg.connect(**known | {"options": f"{known.get('options', '')} {options}"}, autocommit=True)
