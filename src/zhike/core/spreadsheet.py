"""Files for spreadsheet programs that cannot run as formulas there."""

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import rustpy_xlsxwriter

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


def write_xlsx(file: Path, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Text stays text, so nothing runs; rows are taken as they come."""
    labels = _unlike([str(label) for label in header])
    records = (dict(zip(labels, map(_xlsx_value, row), strict=True)) for row in rows)
    first = next(records, dict.fromkeys(labels, ""))  # a file without rows has its header all the same
    rustpy_xlsxwriter.write_worksheet(
        chain([first], records),
        str(file),
        sheet_name=sheet[:31],
        freeze_row=1,
        bold_headers=True,
        autofit=False,
        datetime_format="yyyy-mm-dd hh:mm",
    )


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
