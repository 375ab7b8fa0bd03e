"""Workbooks through calamine, which reads no external entity and runs no formula: it gives the values last computed."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from zhike.customers.imports import amounts
from zhike.customers.imports.problems import FileProblem

SHORTEST_NUMBER = 10**10  # a phone, a number of an order; what is less may be an amount
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
        joined = _Joined(found)
        for number, cells in enumerate(found.iter_rows(), 1):
            row = before + [cell if type(cell) is str else as_text(cell) for cell in cells]
            joined.repeat(number - 1, row)
            yield number, row


class _Joined:
    """Cells joined downwards: the workbook keeps what they say in the top one alone, and a row below means it too."""

    def __init__(self, sheet: CalamineSheet) -> None:
        ranges = ((top, column, bottom) for (top, column), (bottom, _right) in sheet.merged_cell_ranges or () if bottom > top)
        self.to_come = sorted(ranges, reverse=True)
        self.open: dict[int, tuple[int, str]] = {}  # {column: (last row, what it says)}

    def repeat(self, number: int, row: list[str]) -> None:
        """Words, days and long numbers. Never an amount: it would count again."""
        for column, (bottom, said) in [*self.open.items()]:
            if number > bottom:
                del self.open[column]
            elif column < len(row):
                row[column] = said
        while self.to_come and self.to_come[-1][0] <= number:
            _top, column, bottom = self.to_come.pop()
            said = row[column] if column < len(row) else ""
            amount = amounts.parse(said)
            self.open[column] = (bottom, said if isinstance(amount, str) or amount >= SHORTEST_NUMBER else "")


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
