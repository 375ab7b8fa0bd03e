"""Rows out of a text file or a workbook: delimiter and header recognised, rows streamed in chunks with their numbers."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from zhike.customers.imports import decode, header, sheets
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.sniff import MAX_COLUMNS, check_is_text, kind_of

CHUNK = 50_000
SAMPLE_ROWS = 200
DELIMITERS = (",", "\t", ";", "|", "，", "^")
SPACES = " "  # any run of white space
Row = list[str]


@dataclass(frozen=True)
class Reading:
    """How a file is read. Kept with the batch, so that the run reads exactly what the preview showed."""

    kind: str  # text, gzip, xlsx, xls
    encoding: str = ""
    mixed: bool = False
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 0  # its number, counted from 1; 0: there is none
    columns: list[str] = field(default_factory=list)
    sample: list[Row] = field(default_factory=list)
    sha256: str = ""
    rows: int = 0  # rows of data, where the format tells; else 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reading":
        return cls(**stored)


@dataclass
class Chunk:
    """Some rows of data. All have the width of the header; `long` had more cells and lost them."""

    numbers: list[int]  # as a spreadsheet counts them: the first row of the file is 1
    rows: list[Row]
    long: list[int] = field(default_factory=list)  # indexes into `rows`


def recognise(path: Path, *, encoding: str = "", delimiter: str = "", header_row: int | None = None, sheet: str = "") -> Reading:
    """Look at a file and say how to read it; what the caller states is not guessed. Raises `FileProblem`."""
    kind = kind_of(path)
    if kind in ("xlsx", "xls"):
        if sheet and sheet not in (known := sheets.names(path)):
            raise FileProblem("sheet_missing", sheet=sheet, sheets=", ".join(known)[:300])
        reading = Reading(kind, sheet=sheet or sheets.first_sheet(path), sha256=decode.digest(path))
    else:
        reading = _recognise_text(path, kind, encoding, delimiter)
    top = [(number, row) for number, row in islice(numbered_rows(path, reading), SAMPLE_ROWS + 12) if _stripped(row)]
    if not top:
        raise FileProblem("empty")
    at = header.find([row for _, row in top]) if header_row is None else _index_of(top, header_row)
    return _with_columns(path, reading, top, at)


def _index_of(top: list[tuple[int, Row]], header_row: int) -> int:
    return next((index for index, (number, _) in enumerate(top) if number == header_row), -1)


def _with_columns(path: Path, reading: Reading, top: list[tuple[int, Row]], at: int) -> Reading:
    body = [row for _, row in top[at + 1 :]]
    if not body:
        raise FileProblem("only_header")
    titles = top[at][1] if at >= 0 else []
    usual = Counter(len(_stripped(row)) for row in body).most_common(1)[0][0]
    width = _used_width(body) if at < 0 else max(len(_stripped(titles)), usual)
    if width > MAX_COLUMNS:
        raise FileProblem("too_many_columns", columns=width, limit=MAX_COLUMNS)
    names = header.distinct([*titles, *[""] * (width - len(titles))][:width])
    number = top[at][0] if at >= 0 else 0
    sample = [[cell[:200].replace("\0", "␀") for cell in [*row, *[""] * width][:width]] for row in body[:SAMPLE_ROWS]]
    rows = sheets.height(path, reading.sheet) - number if reading.sheet else 0
    return replace(reading, header_row=number, columns=names, sample=sample, rows=rows)


def _used_width(rows: list[Row]) -> int:
    return max(len(_stripped(row)) for row in rows)


def _stripped(row: Row) -> Row:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _recognise_text(path: Path, kind: str, encoding: str, delimiter: str) -> Reading:
    packed = kind == "gzip"
    found = decode.survey(path, packed=packed)
    if encoding and encoding not in decode.ENCODINGS:
        raise FileProblem("encoding", encoding=encoding)
    codec = encoding or found.encoding
    start = "".join(islice(decode.lines(path, encoding=codec, packed=packed, mixed=found.mixed), 100))[: decode.SAMPLE]
    if not start.strip():
        raise FileProblem("empty")
    check_is_text(start)
    if start.count(decode.DAMAGED) > len(start) * 0.3:
        raise FileProblem("encoding", encoding=decode.ENCODINGS[codec])
    delimiter = delimiter or find_delimiter(start)
    return Reading(kind, encoding=codec, mixed=found.mixed, delimiter=delimiter, sha256=found.sha256)


def find_delimiter(start: str) -> str:
    """The delimiter that cuts the first lines into the same number of cells, the more the better; else white space."""
    whole = start.splitlines()[:60]
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        widths = [len(row) for row in _try(whole, candidate) if row]
        score = _evenness(widths)
        if score > best_score:
            best, best_score = candidate, score
    if best_score < 1.5:
        widths = [len(line.split()) for line in whole if line.strip()]
        if len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1:
            return SPACES
    return best


def _try(whole: list[str], delimiter: str) -> list[Row]:
    try:
        return list(csv.reader(whole, delimiter=delimiter))
    except csv.Error:
        return []


def _evenness(widths: list[int]) -> float:
    if not widths:
        return 0.0
    width, times = Counter(widths).most_common(1)[0]
    return min(width, 30) * times / len(widths) if width > 1 else 0.0


def numbered_rows(path: Path, reading: Reading) -> Iterator[tuple[int, Row]]:
    """Every row of the file, header and blank ones too, with its number."""
    if reading.kind in ("xlsx", "xls"):
        yield from sheets.rows(path, reading.sheet)
    else:
        yield from enumerate(_text_rows(path, reading), 1)


def _text_rows(path: Path, reading: Reading) -> Iterator[Row]:
    source = decode.lines(path, encoding=reading.encoding, packed=reading.kind == "gzip", mixed=reading.mixed)
    if reading.delimiter == SPACES:
        for line in source:
            yield line.split()
        return
    last = [""]
    reader = csv.reader(_remembered(source, last), delimiter=reading.delimiter)
    row, start, end = 0, 0, 0
    try:
        for cells in reader:
            row, start, end = row + 1, end, reader.line_num
            yield cells
    except csv.Error as problem:
        if reader.line_num > end + 1:
            raise FileProblem("open_quote", row=row + 1) from problem
        raise FileProblem("line_too_long", row=row + 1, limit=f"{csv.field_size_limit():,}") from problem
    if end > start + 1 and last[0].count('"') % 2 == 0:  # the last record goes over several lines, and no mark closes it
        raise FileProblem("open_quote", row=row)


def _remembered(source: Iterator[str], last: list[str]) -> Iterator[str]:
    for line in source:
        last[0] = line
        yield line


def chunks(path: Path, reading: Reading, *, size: int = CHUNK) -> Iterator[Chunk]:
    """The rows below the header, blank ones left out."""
    width = len(reading.columns)
    source = numbered_rows(path, reading)
    for _ in range(reading.header_row):
        next(source, None)
    while batch := list(islice(source, size)):
        yield _squared(batch, width)


def _squared(batch: list[tuple[int, Row]], width: int) -> Chunk:
    numbers = [number for number, _ in batch]
    rows = [row for _, row in batch]
    if set(map(len, rows)) == {width}:
        blank = [index for index, row in enumerate(rows) if not row[0].strip() and not _stripped(row)]
        return Chunk(numbers, rows) if not blank else _without(numbers, rows, set(blank))
    kept = Chunk([], [])
    for number, row in batch:
        if not _stripped(row):
            continue
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            kept.long.append(len(kept.rows))
        kept.numbers.append(number)
        kept.rows.append(row[:width] if len(row) >= width else row + [""] * (width - len(row)))
    return kept


def _without(numbers: list[int], rows: list[Row], blank: set[int]) -> Chunk:
    keep = [index for index in range(len(rows)) if index not in blank]
    return Chunk([numbers[index] for index in keep], [rows[index] for index in keep])
