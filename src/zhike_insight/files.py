"""Transactions from a file, results to a file. The only part of the library that reads a disk; the command line uses it."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from ibis.expr.types import Table

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
}
DATE_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y%m%d", "%Y%m%d%H%M%S",
)  # fmt: skip
SHOWN = 5  # how many wrong rows a message names


class FileProblem(ValueError):
    """The file cannot be used; the message says what, in which row (from 1, the header counts), and what to do."""


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
        As for strptime, for dates that are not written year first.

    Returns
    -------
    Loaded
        Rows with an empty customer, date or amount are left out and counted.

    Raises
    ------
    FileProblem
        The file is empty, no text, ragged, lacks a column, or a date or number in it cannot be read.
    """
    table, header = _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _text(path)
    places, has_header = _places(columns, table, header)
    if (
        "date" not in places
        or "customer" not in places
        or not ({"amount"} <= set(places) or {"quantity", "unit_price"} <= set(places))
    ):
        found = ", ".join(map(str, header))
        raise FileProblem(
            f"customer, date and amount are needed; say which columns with --map customer=1,date=2,amount=3 (found: {found})"
        )
    first = 1 if has_header else 0
    table = table.slice(first)
    if not table.num_rows:
        raise FileProblem("the file has no rows" + (" below its header" if first else ""))
    return _converted(table, places, first + 1, date_format)


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
        Name → header or position from 1; without it, columns of that name, or, where the file has no such header, the first ones.
    optional : sequence of str
        Further names, taken only if `columns` or the header has them.

    Raises
    ------
    FileProblem
        As for `read_transactions`.
    """
    table, header = _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _text(path)
    typed = table.column_names == header
    named = {name: name for name in (*wanted, *optional) if name in header}
    positions = {name: str(i + 1) for i, name in enumerate(wanted)}
    mapping = {**(named if set(wanted) <= set(named) else positions), **(columns or {})}
    places = {name: _place(column, header) for name, column in mapping.items()}
    has_header = not typed and any(not column.isdigit() for column in mapping.values())
    table = table.slice(1 if has_header else 0)
    if not table.num_rows:
        raise FileProblem("the file has no rows" + (" below its header" if has_header else ""))
    return pa.table({name: table.column(place) for name, place in places.items()})


def read_features(path: Path) -> dict[str, Any]:
    """Read every column of a file with a header: as numbers (empty cells as nan) where all cells are numbers, else as texts.

    Raises
    ------
    FileProblem
        As for `read_transactions`; or two columns have one name.
    """
    table, header = _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _text(path)
    if len(set(header)) < len(header):
        raise FileProblem("two columns have the same name; the first row must name the columns")
    table = table.slice(0 if table.column_names == header else 1)
    if not table.num_rows:
        raise FileProblem("the file has no rows below its header")
    return {name: _numbers_or_texts(table.column(i).to_pylist()) for i, name in enumerate(header)}


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
        text = _decoded(path.read_bytes(), path.name)
    except OSError as problem:
        raise FileProblem(f"{path}: {problem.strerror}") from problem
    first = next((line for line in text.splitlines() if line.strip()), None)
    if first is None:
        raise FileProblem(f"{path.name} is empty")
    rows = csv.reader(io.StringIO(text), delimiter=max(",\t;", key=first.count))
    return [items for row in rows if (items := [item.strip() for item in row if item.strip()])]


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
            pc.write_csv(safe, file)
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


def _parquet(path: Path) -> tuple[pa.Table, list[str]]:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as problem:
        raise FileProblem(f"{path.name} is not a readable Parquet file: {problem}") from problem
    return table, list(table.column_names)


def _text(path: Path) -> tuple[pa.Table, list[str]]:
    """All cells as text, the header (if any) still the first row."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise FileProblem(f"{path}: {problem.strerror}") from problem
    text = _decoded(raw, path.name)
    first = next((line for line in text.splitlines() if line.strip()), None)
    if first is None:
        raise FileProblem(f"{path.name} is empty")
    delimiter = max(",\t;|", key=first.count)
    if first.count(delimiter) == 0:
        text = "\n".join("\t".join(line.split()) for line in text.splitlines())
        delimiter, first = "\t", "\t".join(first.split())
    header = next(csv.reader([first], delimiter=delimiter))
    return _cells(text.lstrip(), delimiter, len(header)), [name.strip() for name in header]


def _decoded(raw: bytes, name: str) -> str:
    if raw[:2] == b"PK" or raw[:4] == b"\xd0\xcf\x11\xe0":
        raise FileProblem(f"{name} is a spreadsheet or archive; save it as CSV first")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    if b"\x00" in raw:
        row = raw.count(b"\n", 0, raw.index(b"\x00")) + 1
        raise FileProblem(f"{name}, row {row}: there is a NUL byte; this is no text file, or a damaged one")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as problem:
            row = raw.count(b"\n", 0, problem.start) + 1
    raise FileProblem(f"{name}, row {row}: the text is neither UTF-8 nor GBK")


def _cells(text: str, delimiter: str, width: int) -> pa.Table:
    ragged: list[str] = []

    def note(row: Any) -> str:
        ragged.append(f"row {row.number}: {row.actual_columns} columns instead of {row.expected_columns}")
        return "skip"

    names = [f"c{i + 1}" for i in range(width)]
    try:
        table = pc.read_csv(
            io.BytesIO(text.encode()),
            read_options=pc.ReadOptions(column_names=names, use_threads=False, block_size=1 << 26),
            parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note),
            convert_options=pc.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as problem:
        raise FileProblem(str(problem)) from problem
    if ragged:
        raise FileProblem(_few(ragged))
    return table


def _few(lines: Sequence[str]) -> str:
    rest = len(lines) - SHOWN
    return "; ".join(lines[:SHOWN]) + (f"; and {rest} more" if rest > 0 else "")


def _places(columns: Mapping[str, str] | None, table: pa.Table, header: list[str]) -> tuple[dict[str, int], bool]:
    """Field → column number from 0, and whether the first row is a header (Parquet has none among its rows)."""
    typed = table.column_names == header  # names are of the file, not of ours
    if columns is None:
        lower = [name.lower().replace(" ", "_") for name in header]
        found = {field: next((lower.index(n) for n in names if n in lower), None) for field, names in FIELDS.items()}
        return {field: place for field, place in found.items() if place is not None}, not typed
    places = {field: _place(str(column), header) for field, column in columns.items()}
    by_name = any(not str(column).isdigit() for column in columns.values())
    return places, not typed and (by_name or _is_header(header, places))


def _place(column: str, header: list[str]) -> int:
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


_PLAIN = "translate({}, '０１２３４５６７８９．，－／：　', '0123456789.,-/: ')"
_NUMBER = "try_cast(regexp_replace(" + _PLAIN + ", '[¥￥$€£,元\\s]', '', 'g') AS DOUBLE)"


def _converted(table: pa.Table, places: Mapping[str, int], first_row: int, date_format: str | None) -> Loaded:
    con = ibis.duckdb.connect()
    raw = con.con
    picked = {field: table.column(place) for field, place in places.items()}
    cells = pa.table({**picked, "_row": pa.array(np.arange(first_row, first_row + table.num_rows))})
    raw.register("cells", cells)
    raw.execute(f"CREATE TEMP TABLE typed AS SELECT {', '.join(_typed(cells, date_format))} FROM cells").fetchall()  # noqa: S608
    raw.unregister("cells")
    reasons = {
        "no customer": "no_customer",
        "no date": "NOT no_customer AND no_date",
        "no amount": "NOT (no_customer OR no_date) AND no_amount",
    }
    left_out = {reason: n for reason, condition in reasons.items() if (n := _count(raw, condition))}
    complete = "NOT (no_customer OR no_date OR no_amount)"
    _refuse_unreadable(raw, complete)
    extra = [f"{n}" for n in ("quantity", "margin", "order_id") if n in _columns(raw)]
    raw.execute(
        f"CREATE TEMP TABLE transactions AS SELECT {', '.join(['customer_id', 'date', 'amount', *extra])} "  # noqa: S608
        f"FROM typed WHERE {complete}"
    ).fetchall()
    raw.execute("DROP TABLE typed").fetchall()
    rows = table.num_rows
    usable = _count(raw, "true", "transactions")
    if not usable:
        raise FileProblem("no row has a customer, a date and an amount")
    return Loaded(con.table("transactions"), rows, left_out)


def _typed(cells: pa.Table, date_format: str | None) -> list[str]:
    def text(name: str) -> str:
        return f"trim(CAST({name} AS VARCHAR))"

    def number(name: str) -> str:
        return _NUMBER.format(text(name))

    formats = [date_format] if date_format else list(DATE_FORMATS)
    listed = "[" + ", ".join("'" + f.replace("'", "''") + "'" for f in formats) + "]"
    has = set(cells.column_names)
    if pa.types.is_temporal(cells.schema.field("date").type):
        day = "CAST(date AS DATE)"
    else:
        day = f"CAST(try_strptime({_PLAIN.format(text('date'))}, {listed}) AS DATE)"
    amount = "amount" if "amount" in has else None
    value = number("amount") if amount else f"{number('quantity')} * {number('unit_price')}"
    raw_amount = text("amount") if amount else f"({text('quantity')} || {text('unit_price')})"
    found = [
        "_row",
        f"regexp_replace({text('customer')}, '^([0-9]+)\\.0$', '\\1') AS customer_id",
        f"{day} AS date",
        f"{value} AS amount",
        f"{text('date')} AS raw_date",
        f"{raw_amount} AS raw_amount",
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
    return found


def _columns(raw: Any) -> set[str]:
    return {row[0] for row in raw.execute("SELECT column_name FROM (DESCRIBE typed)").fetchall()}


def _count(raw: Any, condition: str, table: str = "typed") -> int:
    return int(raw.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchall()[0][0])  # noqa: S608


def _refuse_unreadable(raw: Any, complete: str) -> None:
    checks = (
        ("date IS NULL OR year(date) NOT BETWEEN 1900 AND 2200", "raw_date", "is not a date (year first, or give --date-format)"),
        ("amount IS NULL OR NOT isfinite(amount) OR abs(amount) > 1e15", "raw_amount", "is not an amount"),
    )
    for wrong, shown, what in checks:
        found = raw.execute(f"SELECT _row + 0, {shown} FROM typed WHERE {complete} AND ({wrong}) ORDER BY _row").fetchall()  # noqa: S608
        if found:
            raise FileProblem(_few([f"row {row}: {str(cell)[:40]!r} {what}" for row, cell in found]))
