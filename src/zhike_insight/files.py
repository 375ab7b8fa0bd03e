"""Transactions from a file, results to a file. The only part of the library that reads a disk; the command line uses it."""

import csv
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis.expr.types import Table
from pyarrow.csv import write_csv

from zhike_insight.cells import FileProblem as FileProblem, ParquetCells, TextCells, cells, encoding_of, few, numbered

# what a column may be, and the headers by which it is found when no mapping is given
FIELDS: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer", "customer_id", "customerid", "客户", "客户编号", "会员号", "手机号", "客户姓名"),
    "date": ("date", "ordered_at", "order_date", "invoicedate", "日期", "下单时间", "订单日期", "购买日期"),
    "amount": ("amount", "dollar_value", "total", "金额", "实付金额", "订单金额"),
    "quantity": ("quantity", "number_of_cds", "qty", "数量"),
    "unit_price": ("unit_price", "unitprice", "price", "单价"),
    "margin": ("margin", "profit", "毛利"),
    "cost": ("cost", "成本"),
    "order_no": ("order_no", "order_id", "invoiceno", "invoice", "订单号", "订单编号"),
    "segment": ("segment", "channel", "细分", "渠道"),
}
DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y%m%d", "%Y%m%d%H%M%S",
)  # fmt: skip
MEMORY = "2GB"  # of the engine that holds the rows; what is more goes to the disk for temporary files


@dataclass(frozen=True)
class Loaded:
    """Transactions of a file: the table, rows read, and rows left out by reason."""

    table: Table
    rows: int
    left_out: dict[str, int]


def read_transactions(path: Path, columns: Mapping[str, str] | None = None, *, date_format: str | None = None) -> Loaded:
    """Read a file of orders.

    Parameters
    ----------
    path : Path
        CSV, TSV or white-space columns in UTF-8, UTF-16 or GBK, with or without a header; or Parquet.
    columns : mapping, optional
        Field (of `FIELDS`) → header name or position from 1. Without it the columns are found by their headers. Without "amount",
        "quantity" × "unit_price" is taken.
    date_format : str, optional
        As for strptime, for dates that are not written year first. Without it fractions of seconds and time zones are passed over:
        an order belongs to the day that is written.

    Returns
    -------
    Loaded
        Rows with an empty customer, date or amount are left out and counted. The file is read batch by batch, and rows beyond two
        gigabytes are kept on the disk, so that memory is bounded however large it is.

    Raises
    ------
    FileProblem
        The file is empty, no text, ragged, lacks a column, or a date or number in it cannot be read.
    """
    source = cells(path)
    places, has_header = _places(columns, source)
    if (
        "date" not in places
        or "customer" not in places
        or not ({"amount"} <= set(places) or {"quantity", "unit_price"} <= set(places))
    ):
        found = ", ".join(map(str, source.header))
        raise FileProblem(
            f"customer, date and amount are needed; say which columns with --map customer=1,date=2,amount=3 (found: {found})"
        )
    return _converted(source, places, 1 if has_header else 0, date_format)


def read_columns(
    path: Path, wanted: Sequence[str], columns: Mapping[str, str] | None = None, *, optional: Sequence[str] = ()
) -> pa.Table:
    """Read named columns of any file, as text (of a Parquet file, as they are).

    Parameters
    ----------
    path : Path
        As for `read_transactions`.
    wanted : sequence of str
        Names of the columns in the result.
    columns : mapping, optional
        Name → header or position from 1; without it, columns of that name, or, where the file has no such header, the first ones:
        then the first row is left out as a header if it has no digit and every other cell has one, as numbers and ids do.
    optional : sequence of str
        Further names, taken only if `columns` or the header has them.

    Raises
    ------
    FileProblem
        As for `read_transactions`.
    """
    source = cells(path)
    named = {name: name for name in (*wanted, *optional) if name in source.header}
    positions = {name: str(i + 1) for i, name in enumerate(wanted)}
    mapping = {**(named if set(wanted) <= set(named) else positions), **(columns or {})}
    places = {name: place_of(column, source.header) for name, column in mapping.items()}
    table = table_of(source, places, not source.typed and any(not column.isdigit() for column in mapping.values()))
    return table.slice(1) if not source.typed and mapping == positions and _heads(table) else table


def read_features(path: Path) -> dict[str, Any]:
    """Read every column of a file with a header: as numbers (empty cells as nan) where all cells are numbers, else as texts.

    Raises
    ------
    FileProblem
        As for `read_transactions`; or two columns have one name.
    """
    source = cells(path)
    if len(set(source.header)) < len(source.header):
        raise FileProblem("two columns have the same name; the first row must name the columns")
    table = table_of(source, {name: i for i, name in enumerate(source.header)}, not source.typed)
    return {name: _numbers_or_texts(table[name].to_pylist()) for name in source.header}


def table_of(source: ParquetCells | TextCells, places: Mapping[str, int], has_header: bool) -> pa.Table:
    """The columns by name, without the header.

    Raises
    ------
    FileProblem
        As for `read_transactions`.
    """
    wanted = [*places.values()]
    table = pa.Table.from_batches(source.batches(wanted), source.schema(wanted)).slice(1 if has_header else 0)
    if not table.num_rows:
        raise FileProblem("the file has no rows" + (" below its header" if has_header else ""))
    return pa.table([table.column(i) for i in range(len(wanted))], names=[*places])


def _heads(table: pa.Table) -> bool:
    """Whether the first row stands above others of another kind."""
    digits = [pc.match_substring_regex(column, r"\d") for column in table.columns]
    return table.num_rows > 1 and all(not found[0].as_py() and pc.all(found.slice(1)).as_py() for found in digits)


def _numbers_or_texts(cells: list[Any]) -> Any:
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array(texts, dtype=object)


def read_baskets(path: Path) -> list[list[str]]:
    """Read a file with one basket a line, its items separated by commas, semicolons or tabs; lines may differ in length.

    Raises
    ------
    FileProblem
        The file is empty or no text.
    """
    try:
        with path.open(encoding=encoding_of(path), newline="") as file:
            first = next((line for line in file if line.strip()), None)
            if first is None:
                raise FileProblem(f"{path.name} is empty")
            file.seek(0)
            rows = csv.reader(file, delimiter=max(",\t;", key=first.count))
            return [items for row in rows if (items := [item.strip() for item in row if item.strip()])]
    except OSError as problem:
        raise FileProblem(f"{path}: {problem.strerror}") from problem
    except csv.Error as problem:
        raise FileProblem(f"{path.name}: {problem}") from problem


def write_table(table: pa.Table, path: Path) -> None:
    """Write a result as CSV (UTF-8 with mark, so that spreadsheets read Chinese; no cell runs as a formula) or Parquet.

    Raises
    ------
    FileProblem
        The name ends in neither .csv nor .parquet.
    """
    if path.suffix.lower() == ".parquet":
        pq.write_table(table, path)
    elif path.suffix.lower() == ".csv":
        safe = pa.table({name: _harmless(table[name]) for name in table.column_names})
        with path.open("wb") as file:
            file.write("\ufeff".encode())
            write_csv(safe, file)
    else:
        raise FileProblem(f"{path.name}: the result can be written as .csv or .parquet")


def parse_map(text: str, fields: Iterable[str] = FIELDS) -> dict[str, str]:
    """`customer=1,date=3` → mapping.

    Raises
    ------
    FileProblem
        A part is not field=column, or the field is unknown.

    Examples
    --------
    >>> parse_map("customer=1,date=下单时间")
    {'customer': '1', 'date': '下单时间'}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, column = (piece.strip() for piece in part.partition("="))
        if not sign or name not in fields or not column:
            raise FileProblem(f"--map: {part!r} is not one of {', '.join(fields)} = column")
        found[name] = column
    return found


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_string(column.type):
        return column
    return pa.chunked_array([pa.array(["'" + v if v and v[0] in "=+-@\t\r" else v for v in column.to_pylist()], pa.string())])


def _places(columns: Mapping[str, str] | None, source: ParquetCells | TextCells) -> tuple[dict[str, int], bool]:
    """Field → column number from 0, and whether the first row is a header (Parquet has none among its rows)."""
    header, typed = source.header, source.typed
    if columns is None:
        lower = [name.lower().replace(" ", "_") for name in header]
        found = {field: next((lower.index(n) for n in names if n in lower), None) for field, names in FIELDS.items()}
        return {field: place for field, place in found.items() if place is not None}, not typed
    places = {field: place_of(str(column), header) for field, column in columns.items()}
    by_name = any(not str(column).isdigit() for column in columns.values())
    return places, not typed and (by_name or _is_header(header, places))


def place_of(column: str, header: list[str]) -> int:
    """Number of a column from 0, by its number from 1 or its header.

    Raises
    ------
    FileProblem
        There is no such column.
    """
    if column.isdigit():
        if not 1 <= int(column) <= len(header):
            raise FileProblem(f"--map: there is no column {column}; the file has {len(header)}")
        return int(column) - 1
    if column not in header:
        raise FileProblem(f"--map: there is no column {column!r}; there are: {', '.join(header)}")
    return header.index(column)


def _is_header(first_row: list[str], places: Mapping[str, int]) -> bool:
    """Without a digit where the date should be, the first row names the columns."""
    return not re.search(r"\d", first_row[places["date"]]) if "date" in places else False


_ZONE = r"(\d:\d{2})(?:[.,]\d+)? ?(?:Z|UTC|[+-]\d{2}:?\d{2})?$"  # an order belongs to the day that is written, whatever its zone
_PLAIN = "translate({}, '０１２３４５６７８９．，－／：　', '0123456789.,-/: ')"
_NUMBER = "try_cast(regexp_replace(" + _PLAIN + ", '[¥￥$€£,元\\s]', '', 'g') AS DOUBLE)"


def _converted(source: ParquetCells | TextCells, places: dict[str, int], first: int, date_format: str | None) -> Loaded:
    con = ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=_own_folder())
    raw = con.con
    ended: list[Exception] = []
    rows = numbered(source, places, first, ended)
    raw.register("cells", rows)
    typed = ", ".join(_typed(rows.schema, date_format))
    try:
        raw.execute(f"CREATE TEMP TABLE typed AS SELECT {typed} FROM cells").fetchall()  # noqa: S608
    finally:
        raw.unregister("cells")
        if ended:
            raise ended[0]
    read = _count(raw, "true")
    if not read:
        raise FileProblem("the file has no rows" + (" below its header" if first else ""))
    reasons = {
        "no customer": "no_customer",
        "no date": "NOT no_customer AND no_date",
        "no amount": "NOT (no_customer OR no_date) AND no_amount",
    }
    left_out = {reason: n for reason, condition in reasons.items() if (n := _count(raw, condition))}
    complete = "NOT (no_customer OR no_date OR no_amount)"
    _refuse_unreadable(raw, complete)
    if not _count(raw, complete):
        raise FileProblem("no row has a customer, a date and an amount")
    extra = [f"{n}" for n in ("quantity", "margin", "order_id", "segment") if n in _columns(raw)]
    raw.execute(
        f"CREATE TEMP VIEW transactions AS SELECT {', '.join(['customer_id', 'date', 'amount', *extra])} "  # noqa: S608
        f"FROM typed WHERE {complete}"
    ).fetchall()
    return Loaded(con.table("transactions"), read, left_out)


def _own_folder() -> str:
    """Where rows go that memory does not hold; the engine makes it when it is needed, and removes it."""
    return str(Path(tempfile.gettempdir()) / f"zhike-insight-{uuid4().hex}")


def _typed(schema: pa.Schema, date_format: str | None) -> list[str]:
    def text(name: str) -> str:
        return f"trim(CAST({name} AS VARCHAR))"

    def number(name: str) -> str:
        return _NUMBER.format(text(name))

    formats = [date_format] if date_format else list(DATE_FORMATS)
    listed = "[" + ", ".join("'" + f.replace("'", "''") + "'" for f in formats) + "]"
    has = set(schema.names)
    if pa.types.is_temporal(schema.field("date").type):
        day = "CAST(date AS DATE)"
    else:
        written = _PLAIN.format(text("date"))
        if not date_format:
            written = f"regexp_replace({written}, '{_ZONE}', '\\1')"
        day = f"CAST(try_strptime({written}, {listed}) AS DATE)"
    amount = "amount" if "amount" in has else None
    value = number("amount") if amount else f"{number('quantity')} * {number('unit_price')}"
    raw_amount = text("amount") if amount else f"({text('quantity')} || {text('unit_price')})"
    found = [
        "_row",
        f"regexp_replace({text('customer')}, '^([0-9]+)\\.0$', '\\1') AS customer_id",
        f"{day} AS date",
        f"{value} AS amount",
        f"CASE WHEN {day} IS NULL OR year({day}) NOT BETWEEN 1900 AND 2200 THEN {text('date')} END AS raw_date",
        f"CASE WHEN {value} IS NULL OR NOT isfinite({value}) OR abs({value}) > 1e15 THEN {raw_amount} END AS raw_amount",
        *(f"coalesce({text(name)}, '') = '' AS no_{name}" for name in ("customer", "date")),
        f"coalesce({raw_amount}, '') = '' AS no_amount",
    ]
    if "quantity" in has:
        found.append(f"{number('quantity')} AS quantity")
    if "margin" in has:
        found.append(f"{number('margin')} AS margin")
    elif "cost" in has:
        found.append(f"{value} - {number('cost')} AS margin")
    if "order_no" in has:
        found.append(f"{text('order_no')} AS order_id")
    if "segment" in has:
        found.append(f"coalesce({text('segment')}, '') AS segment")
    return found


def _columns(raw: Any) -> set[str]:
    return {row[0] for row in raw.execute("SELECT column_name FROM (DESCRIBE typed)").fetchall()}


def _count(raw: Any, condition: str) -> int:
    return int(raw.execute(f"SELECT count(*) FROM typed WHERE {condition}").fetchall()[0][0])  # noqa: S608


def _refuse_unreadable(raw: Any, complete: str) -> None:
    checks = (("raw_date", "is not a date (year first, or give --date-format)"), ("raw_amount", "is not an amount"))
    for wrong, what in checks:
        where = f"{complete} AND {wrong} IS NOT NULL"
        if count := _count(raw, where):
            found = raw.execute(f"SELECT _row, {wrong} FROM typed WHERE {where} ORDER BY _row LIMIT 5").fetchall()  # noqa: S608
            raise FileProblem(few([f"row {row}: {str(cell)[:40]!r} {what}" for row, cell in found], count))
