"""DuckDB over one copy of the facts: in memory, bounded, shut off from files and network but for the parts it reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from zhike.value.snapshot import Manifest, folder

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

MEMORY = "1GB"
NO_PARTS = """
CREATE TABLE none (order_id BIGINT, customer_id BIGINT, ordered_on DATE, amount DECIMAL(14, 2), cost DECIMAL(14, 2),
                   quantity DECIMAL(14, 3), is_return BOOLEAN, channel VARCHAR)"""
THREADS = min(os.cpu_count() or 2, 8)


@contextmanager
def bare() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the parts of the copy, and nothing else."""
    spill = folder() / "spill"
    spill.mkdir(exist_ok=True)
    con = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(spill)})
    try:
        con.execute("SET preserve_insertion_order = false")
        con.execute("SET autoinstall_known_extensions = false")
        con.execute("SET autoload_known_extensions = false")
        con.execute(f"SET allowed_directories = ['{folder()}']")
        con.execute("SET enable_external_access = false")
        con.execute("SET allowed_configs = ['TimeZone', 'python_enable_replacements']")  # Ibis sets these two
        con.execute("SET lock_configuration = true")
        con.execute(NO_PARTS)
        yield con
    finally:
        con.close()


@contextmanager
def with_facts(manifest: Manifest, *, margin_rate: float, only: list[int] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """With the view `facts`: living customers' orders with a margin, known or by the default rate.

    `only`: these customers' alone, picked out before anything is computed of a row.
    """
    with bare() as con:
        files = ", ".join(f"'{file}'" for file in manifest.files())
        source = f"read_parquet([{files}])" if files else "none"
        if only is not None:
            known = set(only)
            merged = [one for one, into in manifest.gone.items() if into in known]
            listed(con, "asked", customer_id=only + merged)
            source += " SEMI JOIN asked USING (customer_id)"
        con.execute(f"CREATE VIEW copied AS SELECT * FROM {source}")  # noqa: S608  files that we wrote
        _define(con, manifest.gone, float(margin_rate))
        yield con


@contextmanager
def opened(manifest: Manifest, *, margin_rate: float) -> "Iterator[Backend]":
    """The same for expressions. `con` is the connection."""
    import ibis  # brings pandas; who only adds up or compares two copies needs neither

    with with_facts(manifest, margin_rate=margin_rate) as con:
        yield ibis.duckdb.from_connection(con)


def listed(con: duckdb.DuckDBPyConnection, table: str, **columns: list[Any]) -> None:
    """A table of whole numbers. As values of a statement: to hand over a table from outside loads pandas, a third of a second."""
    told = ", ".join(f"unnest(${name}::BIGINT[]) AS {name}" for name in columns)
    con.execute(f"CREATE TABLE {table} AS SELECT {told}", columns)


def _define(con: duckdb.DuckDBPyConnection, gone: dict[int, int | None], rate: float) -> None:
    listed(con, "gone", customer_id=list(gone), into_id=list(gone.values()))
    customer = "coalesce(into_id, customer_id) AS customer_id" if gone else "customer_id"
    survivors = "LEFT JOIN gone USING (customer_id) WHERE gone.customer_id IS NULL OR into_id IS NOT NULL" if gone else ""
    con.execute(
        f"""CREATE VIEW facts AS
            SELECT {customer}, order_id, ordered_on AS date, amount::DOUBLE AS amount,
                   coalesce(amount - cost, amount * {rate})::DOUBLE AS margin, quantity::DOUBLE AS quantity, is_return, channel
            FROM copied {survivors}"""  # noqa: S608  our own words and a number
    )
