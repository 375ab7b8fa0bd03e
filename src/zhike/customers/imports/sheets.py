"""Workbooks through calamine, which reads no external entity and runs no formula: it gives the values last computed."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from zhike.customers.imports.problems import FileProblem

MOST_EXACT = 10**15  # beyond it a spreadsheet number has lost digits


@contextmanager
def _workbook(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except PasswordError as problem:
        raise FileProblem("password") from problem
    except FileProblem:
        raise
    except (CalamineError, OSError, ValueError) as problem:
        raise FileProblem("damaged") from problem
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # the reader's own crash on a damaged file is no Exception
            raise
        raise FileProblem("damaged") from problem


def names(path: Path) -> list[str]:
    with _workbook(path) as book:
        return list(book.sheet_names)


def first_sheet(path: Path) -> str:
    """The first sheet that has rows."""
    with _workbook(path) as book:
        for name in book.sheet_names:
            if book.get_sheet_by_name(name).height:
                return name
    raise FileProblem("no_sheet")


def height(path: Path, sheet: str) -> int:
    """The number of its last row."""
    with _workbook(path) as book:
        end = book.get_sheet_by_name(sheet).end
        return end[0] + 1 if end else 0


def rows(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """From the first row of the sheet on, also where the table begins lower; the reader leaves out columns before the table."""
    with _workbook(path) as book:
        found: CalamineSheet = book.get_sheet_by_name(sheet)
        before = [""] * (found.start or (0, 0))[1]
        for number, cells in enumerate(found.iter_rows(), 1):
            yield number, before + [cell if type(cell) is str else as_text(cell) for cell in cells]


def as_text(cell: Any) -> str:
    """A cell as somebody would have typed it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _number(cell: float) -> str:
    if cell.is_integer() and abs(cell) < MOST_EXACT:
        return str(int(cell))
    return f"{cell:.15g}" if abs(cell) < MOST_EXACT else f"{cell:E}"
