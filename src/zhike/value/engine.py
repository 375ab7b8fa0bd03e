"""DuckDB over one copy of the facts: in memory, bounded, shut off from files and network but for the parts it reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from zhike.value import order_arrays
from zhike.value.snapshot import Manifest, folder

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

MEMORY = "1GB"
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
        con.register("none", order_arrays.SCHEMA.empty_table())
        yield con
    finally:
        con.close()


@contextmanager
def with_facts(manifest: Manifest, *, margin_rate: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """With the view `facts`: living customers' orders with a margin, known or by the default rate."""
    with bare() as con:
        files = ", ".join(f"'{file}'" for file in manifest.files())
        source = f"read_parquet([{files}])" if files else "none"
        con.execute(f"CREATE VIEW copied AS SELECT * FROM {source}")  # noqa: S608  files that we wrote
        _define(con, manifest.gone, float(margin_rate))
        yield con


@contextmanager
def opened(manifest: Manifest, *, margin_rate: float) -> "Iterator[Backend]":
    """The same for expressions. `con` is the connection."""
    import ibis  # brings pandas; who only adds up or compares two copies needs neither

    with with_facts(manifest, margin_rate=margin_rate) as con:
        backend = ibis.duckdb.from_connection(con)
        con.execute("SET lock_configuration = true")
        yield backend


def _define(con: duckdb.DuckDBPyConnection, gone: dict[int, int | None], rate: float) -> None:
    con.register("gone", pa.table({"customer_id": pa.array(gone, pa.int64()), "into_id": pa.array(gone.values(), pa.int64())}))
    customer = "coalesce(into_id, customer_id) AS customer_id" if gone else "customer_id"
    survivors = "LEFT JOIN gone USING (customer_id) WHERE gone.customer_id IS NULL OR into_id IS NOT NULL" if gone else ""
    con.execute(
        f"""CREATE VIEW facts AS
            SELECT {customer}, order_id, ordered_on AS date, amount::DOUBLE AS amount,
                   coalesce(amount - cost, amount * {rate})::DOUBLE AS margin, quantity::DOUBLE AS quantity, is_return, channel
            FROM copied {survivors}"""  # noqa: S608  our own words and a number
    )
