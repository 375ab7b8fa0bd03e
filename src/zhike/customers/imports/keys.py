"""Foreign keys of many new rows, checked together: what they point to is locked and counted before, instead of row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from zhike.customers.imports.staging import Staging

MAY = "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
ROLE = "SELECT set_config('session_replication_role', %s, true)"
MISSING = """
WITH wanted AS MATERIALIZED (SELECT DISTINCT id FROM ({wanted}) w(id) WHERE id IS NOT NULL),
held AS MATERIALIZED (SELECT t.id FROM {table} t WHERE t.id IN (SELECT id FROM wanted) ORDER BY t.id FOR KEY SHARE)
SELECT min(id) FROM (SELECT id FROM wanted EXCEPT SELECT id FROM held) m"""


@contextmanager
def checked_together(stage: Staging, pointing: dict[str, str], parameters: dict[str, Any]) -> Iterator[None]:
    """`pointing`: {table: query for the ids that the new rows will hold}. Those rows are locked, as the database does for each
    new row, so that nobody deletes them before the end of the transaction; a missing one raises `IntegrityError`. Then the
    database need not look again for every row inserted inside. Triggers that must run inside are marked ALWAYS.

    Where the database role may not switch that off, each row is checked as usual.
    """
    for table, wanted in pointing.items():
        missing = stage.value(MISSING.format(table=table, wanted=wanted), parameters)
        if missing is not None:
            raise IntegrityError(f"{table} has no row {missing}")
    allowed = stage.value(MAY)
    if allowed:
        stage.run(ROLE, ["replica"])
    yield
    if allowed:
        stage.run(ROLE, ["origin"])
