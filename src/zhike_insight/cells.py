"""The cells of a file, batch after batch: no file is in memory as a whole."""

import codecs
import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

SHOWN = 5  # how many wrong rows a message names
BLOCK = 1 << 20  # bytes of a batch; the longest row has less
PIECE = 1 << 20  # read at once
UTF8 = "utf-8-sig"  # with or without its mark


class FileProblem(ValueError):
    """The file cannot be used; the message says what, in which row (from 1, the header counts), and what to do."""


@dataclass(frozen=True)
class ParquetCells:
    """A Parquet file: its columns have their own types, and its names are not among the rows."""

    path: Path
    header: list[str]
    typed: bool = True

    def batches(self, places: Sequence[int]) -> Iterator[pa.RecordBatch]:
        names = [self.header[place] for place in places]
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BLOCK // 64, columns=list(dict.fromkeys(names))):
                yield batch.select(names)

    def schema(self, places: Sequence[int]) -> pa.Schema:
        schema = pq.read_schema(self.path)
        return pa.schema([schema.field(self.header[place]) for place in places])


@dataclass(frozen=True)
class TextCells:
    """CSV, TSV or white-space columns: all cells are text, the header (if any) is still the first row."""

    path: Path
    header: list[str]
    encoding: str
    delimiter: str | None  # None: white space
    typed: bool = False

    def batches(self, places: Sequence[int]) -> Iterator[pa.RecordBatch]:
        names = [f"c{i + 1}" for i in range(len(self.header))]
        with self._plain() as plain:
            try:
                with pc.open_csv(
                    str(plain),
                    read_options=pc.ReadOptions(column_names=names, use_threads=False, block_size=BLOCK),
                    parse_options=pc.ParseOptions(delimiter=self.delimiter or "\t", newlines_in_values=True),
                    convert_options=pc.ConvertOptions(
                        column_types=dict.fromkeys(names, pa.string()),
                        strings_can_be_null=False,
                        include_columns=list(dict.fromkeys(names[place] for place in places)),
                    ),
                ) as reader:
                    for batch in reader:
                        yield batch.select([names[place] for place in places])
            except pa.ArrowInvalid as problem:
                raise FileProblem(self._uneven(plain) or f"{self.path.name}: {problem}") from problem

    def schema(self, places: Sequence[int]) -> pa.Schema:
        return pa.schema([(f"c{place + 1}", pa.string()) for place in places])

    @contextmanager
    def _plain(self) -> Iterator[Path]:
        """A file in UTF-8 without blank space before the first row, white space between columns as tabs: this one or a copy.
        Arrow reads ahead on threads of its own, which may outlive its reader. It gets a path and no function, because one of those
        threads that lets go of something of Python while the process ends aborts the process."""
        if self.encoding == UTF8 and self.delimiter and not self._starts_blank():
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="zhike-insight-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / "plain"
            with copy.open("wb") as file:
                file.writelines(self._utf8())
            yield copy

    def _starts_blank(self) -> bool:
        with self.path.open(encoding=self.encoding) as file:
            return file.read(1).isspace()

    def _utf8(self) -> Iterator[bytes]:
        began = False
        with self.path.open(encoding=self.encoding, newline="" if self.delimiter else None) as file:
            while text := file.read(PIECE) if self.delimiter else _tabbed(file.readlines(PIECE)):
                piece = text if began else text.lstrip()
                began = began or bool(piece)
                yield piece.encode()

    def _uneven(self, plain: Path) -> str:
        """The rows that are shorter or longer than the first, counted as Arrow counts them: without empty ones."""
        width = len(self.header)
        with plain.open(encoding=UTF8, newline="") as file:
            rows = enumerate(filter(None, csv.reader(file, delimiter=self.delimiter or "\t")), 1)
            wrong = (f"row {n}: {len(row)} columns instead of {width}" for n, row in rows if len(row) != width)
            try:
                shown = list(islice(wrong, SHOWN))
                return few(shown, len(shown) + sum(1 for _ in wrong))
            except csv.Error:
                return ""


def _tabbed(lines: list[str]) -> str:
    return "".join("\t".join(line.split()) + "\n" for line in lines)


def cells(path: Path) -> ParquetCells | TextCells:
    """Open a file: what kind it is, and what its columns are called (or its first row says).

    Raises
    ------
    FileProblem
        The file cannot be read, is empty, or is neither text nor Parquet.
    """
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return ParquetCells(path, pq.read_schema(path).names)
        encoding = encoding_of(path)
        with path.open(encoding=encoding) as file:
            first = next((line for line in iter(lambda: file.readline(BLOCK), "") if line.strip()), None)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as problem:
        raise FileProblem(f"{path}: {problem.strerror}") from problem
    except (pa.ArrowInvalid, OSError) as problem:
        raise FileProblem(f"{path.name} is not a readable Parquet file: {problem}") from problem
    if first is None:
        raise FileProblem(f"{path.name} is empty")
    delimiter: str | None = max(",\t;|", key=first.count)
    if first.count(str(delimiter)) == 0:
        delimiter, first = None, "\t".join(first.split())
    header = next(csv.reader([first.strip("\r\n")], delimiter=delimiter or "\t"))
    return TextCells(path, [name.strip() for name in header], encoding, delimiter)


def encoding_of(path: Path) -> str:
    """UTF-8 (with or without its mark), UTF-16 or GBK: whatever the whole file can be read as.

    Raises
    ------
    FileProblem
        It is a spreadsheet, contains NUL, or is in no such encoding; the message names the row.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"PK" or start == b"\xd0\xcf\x11\xe0":
        raise FileProblem(f"{path.name} is a spreadsheet or archive; save it as CSV first")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    farthest = 0
    for encoding in (UTF8, "gb18030"):
        row = _undecodable(path, encoding)
        if not row:
            return encoding
        farthest = max(farthest, row)
    raise FileProblem(f"{path.name}, row {farthest}: the text is neither UTF-8 nor GBK")


def _undecodable(path: Path, encoding: str) -> int:
    """The first row that is not in this encoding, from 1; 0 if all are."""
    decoder, row = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            if (at := piece.find(b"\x00")) >= 0:
                row += piece.count(b"\n", 0, at)
                raise FileProblem(f"{path.name}, row {row}: there is a NUL byte; this is no text file, or a damaged one")
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as problem:
                return row + problem.object[: problem.start].count(b"\n")
            if not piece:
                return 0
            row += piece.count(b"\n")


def numbered(source: ParquetCells | TextCells, places: dict[str, int], first: int, ended: list[Exception]) -> pa.RecordBatchReader:
    """The columns by name, from row `first` (0 or 1) on, with the number of the row in the file as `_row`. A problem of the file
    that shows on the way ends the rows and is put into `ended`: the engine that reads them would hide it."""
    schema = pa.schema(
        [
            *(field.with_name(name) for name, field in zip(places, source.schema([*places.values()]), strict=True)),
            pa.field("_row", pa.int64()),
        ]
    )

    def rows() -> Iterator[pa.RecordBatch]:
        skip, row = first, first + 1
        try:
            for batch in source.batches([*places.values()]):
                kept = batch.slice(skip)
                skip = max(skip - batch.num_rows, 0)
                numbers = pa.array(np.arange(row, row + kept.num_rows))
                row += kept.num_rows
                yield pa.RecordBatch.from_arrays([*kept.columns, numbers], schema=schema)
        except FileProblem as problem:
            ended.append(problem)

    return pa.RecordBatchReader.from_batches(schema, rows())


def few(lines: Sequence[str], count: int) -> str:
    """The first wrong rows, and how many more there are."""
    return "; ".join(lines[:SHOWN]) + (f"; and {count - SHOWN} more" if count > SHOWN else "")
