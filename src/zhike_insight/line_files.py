"""Lines of orders from a file, for what goes together and what comes next."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from zhike_insight.cells import SHOWN, FileProblem, few
from zhike_insight.files import _PLAIN, DATE_FORMATS, read_columns

LINE_FIELDS = ("basket", "item", "customer", "date", "price", "category")


def read_lines(path: Path, columns: Mapping[str, str]) -> pa.Table:
    """Read a file with one line an item.

    Parameters
    ----------
    path : Path
        As for `zhike_insight.files.read_transactions`.
    columns : mapping
        Name of `LINE_FIELDS` → header or position from 1; `basket` and `item` at least.

    Returns
    -------
    Arrow table
        `basket`, `item`, and, as far as given, `customer_id`, `date`, `price`, `category`; empty cells are null.

    Raises
    ------
    FileProblem
        As for `read_transactions`: also a date or price that cannot be read, with its row.
    """
    wanted = [name for name in LINE_FIELDS if name in columns or name in ("basket", "item")]
    cells = read_columns(path, wanted, columns)
    typed = {"date": _day(cells), "price": "try_cast(replace(trim(CAST(price AS VARCHAR)), ',', '') AS DOUBLE)"}
    renamed = {"customer": "customer_id"}
    shown = ", ".join(
        f"{typed.get(name, f'nullif(trim(CAST({name} AS VARCHAR)), {chr(39) * 2})')} AS {renamed.get(name, name)}"
        for name in wanted
    )
    con = duckdb.connect()
    con.register("cells", cells)
    found = con.sql(f"SELECT {shown} FROM cells").to_arrow_table()  # noqa: S608
    for name in ("date", "price"):
        if name in wanted:
            _refuse(cells[name], found[name], name)
    return found


def _day(cells: pa.Table) -> str:
    if "date" in cells.column_names and pa.types.is_temporal(cells.schema.field("date").type):
        return "CAST(date AS DATE)"
    listed = "[" + ", ".join(f"'{form}'" for form in DATE_FORMATS) + "]"
    return f"CAST(try_strptime({_PLAIN.format('trim(CAST(date AS VARCHAR))')}, {listed}) AS DATE)"


def _refuse(written: pa.ChunkedArray, read: pa.ChunkedArray, name: str) -> None:
    """Cells that are filled in and yet not understood, by their row."""
    texts = pa.compute.utf8_trim_whitespace(written.cast(pa.string())).fill_null("")
    wrong = pa.compute.and_(pa.compute.is_null(read), pa.compute.not_equal(texts, ""))
    rows = pa.compute.indices_nonzero(wrong).to_pylist()
    if rows:
        raise FileProblem(few([f"line {row + 1}: {texts[row].as_py()[:40]!r} is not a {name}" for row in rows[:SHOWN]], len(rows)))
