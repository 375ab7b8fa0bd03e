import datetime
import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import Format

MOMENT = psycopg.adapters.types["timestamptz"].oid
TIMES_BEFORE = 2  # a statement is asked before the server keeps it
_reader: Any = psycopg.adapters.get_loader(MOMENT, Format.TEXT)


class Moments:
    """psycopg's own reader, in C. Django's gives the same where the connection is in UTC, and takes twenty times as long: half a
    millisecond for the hundred moments of a list. For another zone Django registers its own; that is why it asks for `timezone`."""

    timezone = datetime.UTC
    format = Format.TEXT

    def __new__(cls, oid: int, context: Any = None) -> Any:
        return _reader(oid, context)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader(MOMENT, Moments)
        connection.prepare_threshold = TIMES_BEFORE  # only cursors of `prepared` keep anything
        return connection

    def prepared(self) -> Any:
        """A cursor whose statements the server keeps, read and planned, for the next time: what every page asks. Its values
        travel beside the statement, so write out what the plan should depend on."""
        self.ensure_connection()
        with self.wrap_database_errors:
            return self._prepare_cursor(psycopg.Cursor(self.connection))  # type: ignore[attr-defined]

    def is_usable(self) -> bool:
        """Asked before each page. A server that ends a connection says so or closes it, and then there is something to read; where
        nothing came in, nothing needs to be asked. Half the time of a small query, for every page."""
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or super().is_usable()
