"""The staging table: the cleaned rows of the file inside the database, gone with the transaction. From here on all is set-based."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, transaction
from pyarrow import csv as arrow_csv

from zhike.customers.imports.columns import Cleaned, Problem
from zhike.customers.imports.meanings import of_kind

TYPES = {
    "tags": "varchar[]", "birthday": "date", "date": "timestamptz", "amount": "numeric", "quantity": "numeric",
    "unit_price": "numeric", "cost": "numeric", "due_on": "date", "paid_on": "date", "profile": "jsonb",
    "birthday_is_lunar": "boolean NOT NULL DEFAULT false", "answers": "jsonb",
}  # fmt: skip
PAGES = 16_384  # of the staging table in one statement (128 MB): bounds what a statement must remember for its foreign keys
_FORMAT = arrow_csv.WriteOptions(include_header=False)


class Staging:
    """Temporary tables of one run on one connection: `stage` for the good rows, `rejected` for the others."""

    def __init__(self, cursor: Any, kind: str) -> None:
        self.cursor = cursor
        self.columns: set[str] = set()  # those the file fills
        beside = {"customers": ["profile", "birthday_is_lunar"], "answers": ["answers"]}.get(kind, [])
        codes = [*(meaning.code for meaning in of_kind(kind)), "phone_more", *beside]
        columns = ", ".join(
            f'"{code}" {TYPES[code]}' if code in TYPES else f"\"{code}\" text NOT NULL DEFAULT ''" for code in codes
        )
        cursor.execute(f"CREATE TEMP TABLE stage (rowno bigint NOT NULL, ckey text NOT NULL, {columns}) ON COMMIT DROP")
        cursor.execute(
            "CREATE TEMP TABLE rejected (rowno bigint, col int, reason text, value text, lim int) ON COMMIT DROP"
        )  # fmt: skip

    def add(self, cleaned: Cleaned) -> None:
        self.columns.update(cleaned.table.schema.names)
        if cleaned.table.num_rows:
            names = ", ".join(f'"{name}"' for name in cleaned.table.schema.names)
            self._copy(f"stage ({names})", cleaned.table)
        self.reject(cleaned.problems)

    def reject(self, problems: Sequence[Problem]) -> None:
        if problems:
            rows = zip(*problems, strict=True)
            fields = ("rowno", "col", "reason", "value", "lim")
            table = pa.table({name: pa.array(_storable(values)) for name, values in zip(fields, rows, strict=True)})
            self._copy("rejected", table)

    @contextmanager
    def local_times(self, zone: str) -> Iterator[None]:
        """Inside, the database takes times for those of this zone. Not outside: Django reads them as UTC."""
        usual = self.value("SELECT current_setting('TimeZone')")
        self.run("SELECT set_config('TimeZone', %s, true)", [zone])
        yield
        self.run("SELECT set_config('TimeZone', %s, true)", [usual])

    def finish(self) -> None:
        self.cursor.execute("ANALYZE stage")

    def slices(self, table: str = "stage", alias: str = "s", size: int = PAGES) -> Iterator[str]:
        """Conditions that cut a table of the run into pieces of bounded size, in the order in which it was filled."""
        pages = self.value(f"SELECT pg_relation_size('pg_temp.{table}') / 8192")
        for start in range(0, max(pages, 1), size):
            yield f"{alias}.ctid >= '({start},0)' AND {alias}.ctid < '({start + size},0)'"

    def reject_customers(self) -> None:
        """The rows of customers that cannot be used."""
        if not self.value("SELECT EXISTS (SELECT 1 FROM who WHERE reason NOT IN ('', 'left_out'))"):
            return
        self.cursor.execute(
            "INSERT INTO rejected SELECT s.rowno, -1, w.reason, '', 0 FROM stage s JOIN who w USING (ckey) WHERE "
            "w.reason NOT IN ('', 'left_out')"
        )

    def rejected(self) -> dict[str, int]:
        """{reason: rows}, each row under its first reason."""
        self.cursor.execute(
            "SELECT reason, count(*) FROM (SELECT DISTINCT ON (rowno) reason FROM rejected ORDER BY rowno, col, "
            "reason) r GROUP BY 1"
        )
        return dict(self.cursor.fetchall())

    def problems(self, limit: int | None = None) -> list[Problem]:
        self.cursor.execute("SELECT * FROM rejected ORDER BY rowno, col LIMIT %s", [limit])
        return [Problem(*row) for row in self.cursor.fetchall()]

    def value(self, sql: str, parameters: Iterable[Any] | dict[str, Any] = ()) -> Any:
        self.cursor.execute(sql, parameters if isinstance(parameters, dict) else list(parameters))
        return self.cursor.fetchone()[0]

    def run(self, sql: str, parameters: Iterable[Any] | dict[str, Any] = ()) -> int:
        """Rows affected."""
        self.cursor.execute(sql, parameters if isinstance(parameters, dict) else list(parameters))
        return int(self.cursor.rowcount)

    def insert(self, sql: str, parameters: Any, *, unless: str) -> int:
        """Rows inserted. What somebody enters in this moment under the same number makes it go a second time, with `unless`: to
        look for every number beforehand would slow all down for the sake of that one."""
        try:
            with transaction.atomic():
                return self.run(sql, parameters)
        except IntegrityError:
            return self.run(sql + unless, parameters)

    def copy_lines(self, target: str, lines: bytes) -> None:
        with self.cursor.copy(f"COPY {target} FROM STDIN") as copy:
            copy.write(lines)

    def _copy(self, target: str, table: pa.Table) -> None:
        out = io.BytesIO()
        arrow_csv.write_csv(table, out, _FORMAT)
        with self.cursor.copy(f"COPY {target} FROM STDIN (FORMAT csv)") as copy:
            copy.write(out.getbuffer())


def _storable(values: Sequence[Any]) -> list[Any]:
    return [value.replace("\0", "␀") if isinstance(value, str) else value for value in values]
