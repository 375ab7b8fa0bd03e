"""Which customers' orders changed between two copies of the facts: found by comparing the parts that differ."""

import duckdb

from zhike.value.engine import bare
from zhike.value.snapshot import Manifest

COMPARED = "order_id, customer_id, ordered_on, amount, cost, is_return"


def touched(old: Manifest, new: Manifest) -> list[int]:
    """Customers who gained, lost or changed an order, were deleted, merged or restored. Sorted."""
    before, after = _differing(old, new), _differing(new, old)
    found: set[int] = set()
    if before or after:
        with bare() as con:
            found = {customer for (customer,) in _changed(con, before, after)}
    found |= {known for pair in old.gone.items() ^ new.gone.items() for known in pair if known}
    survivors = {final for customer in found if (final := new.gone.get(customer, customer))}
    return sorted(survivors | (found & new.gone.keys()))


def _differing(this: Manifest, other: Manifest) -> list[str]:
    return this.files({bucket for bucket, part in this.parts.items() if other.parts.get(bucket) != part})


def _changed(con: duckdb.DuckDBPyConnection, before: list[str], after: list[str]) -> list[tuple[int]]:
    for name, files in (("before", before), ("after", after)):
        listed = ", ".join(f"'{file}'" for file in files)
        source = f"read_parquet([{listed}])" if files else "none"
        con.execute(f"CREATE VIEW {name} AS SELECT {COMPARED} FROM {source}")  # noqa: S608  files that we wrote
    rows: list[tuple[int]] = con.execute(
        """SELECT DISTINCT customer_id FROM (
               (FROM before EXCEPT ALL FROM after) UNION ALL (FROM after EXCEPT ALL FROM before))"""
    ).fetchall()
    return rows
