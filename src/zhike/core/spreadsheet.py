"""Files for spreadsheet programs that cannot run as formulas there."""

import csv
import datetime
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import IO, Any

import rustpy_xlsxwriter
from django.db import transaction

from zhike.core import home, outages

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MOST_XLSX_ROWS = 1_048_575  # the format's own limit, less the header


class _Line:
    """What csv.writer writes to: gives the line back."""

    def write(self, text: str) -> str:
        return text


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it."""
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow([harmless(label) for label in header]).encode()
    for row in rows:
        yield writer.writerow([_csv_value(value) for value in row]).encode()


def whole_file(kind: str, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]], mark: str = "") -> IO[bytes]:
    """A list of any length as an open file, `csv` or `xlsx`: made before the first byte is sent. What fails on the way is an answer
    of its own; a stream that breaks off looks like a shorter list. Its name is gone already, so that nothing of it stays."""
    with transaction.atomic(), tempfile.TemporaryDirectory(dir=home.folder("incoming")) as folder:
        file = Path(folder) / f"list.{kind}"
        write_file(file, sheet, header, rows, mark)
        return file.open("rb")


def write_file(file: Path, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]], mark: str = "") -> None:
    """Of the kind that its ending says. `mark`: the title of an empty column at the end, where sorting and a new name leave it."""
    if mark:
        header, rows = [*header, mark], ([*row, ""] for row in rows)
    if file.suffix == ".xlsx":
        write_xlsx(file, sheet, header, rows)
    else:
        with file.open("wb") as out:
            out.writelines(csv_lines(header, rows))


def write_xlsx(file: Path, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Text stays text, so nothing runs; rows are taken as they come. A full disk is an `OSError` with its number."""
    labels = _unlike([str(label) for label in header])
    records = (dict(zip(labels, map(_xlsx_value, row), strict=True)) for row in rows)
    first = next(records, dict.fromkeys(labels, ""))  # a file without rows has its header all the same
    with _disk_full_said():
        rustpy_xlsxwriter.write_worksheet(
            chain([first], records),
            str(file),
            sheet_name=sheet[:31],
            freeze_row=1,
            bold_headers=True,
            autofit=False,
            datetime_format="yyyy-mm-dd hh:mm",
        )


@contextmanager
def _disk_full_said() -> Iterator[None]:
    """The writer has only words for it, or panics, which is no `Exception` and would pass every handler."""
    try:
        yield
    except BaseException as problem:
        if outages.says_disk_full(str(problem)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from problem
        if type(problem).__name__ == "PanicException":
            raise RuntimeError(str(problem)) from problem
        raise


def _csv_value(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else harmless(value)


def _xlsx_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return harmless(value)


def _unlike(labels: list[str]) -> list[str]:
    """Columns of one name are told apart by a number."""
    seen: dict[str, int] = {}
    for at, label in enumerate(labels):
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            labels[at] = f"{label} ({seen[label]})"
    return labels
