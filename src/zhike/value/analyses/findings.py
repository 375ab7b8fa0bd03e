"""Findings as a table: the detail of each is made into JSON by the engine, a million in a second or two."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zhike.value import arrow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def findings(con: "DuckDBPyConnection", columns: Mapping[str, Any], detail: str) -> pa.Table:
    """`columns`: `customer_id`, `group` and `value` where there are, and whatever `detail` needs, an expression of the engine for
    one object; no number is null. The rows come in no order."""
    con.register("said", pa.table({name: _column(values) for name, values in columns.items()}))
    kept = ", ".join(f'"{name}"' for name in ("customer_id", "group", "value") if name in columns)
    found = con.sql(f"SELECT {kept}, to_json({detail})::VARCHAR AS detail FROM said").to_arrow_table()  # noqa: S608  words of ours
    con.unregister("said")
    return found


def _column(values: Any) -> Any:
    if not isinstance(values, np.ndarray):
        return values
    return arrow.floats(values) if values.dtype.kind == "f" else pa.array(values.tolist() if values.dtype.kind == "U" else values)
