"""Which row is the header, if any row is."""

import re

from zhike.customers.imports.meanings import by_word, word

VALUE = re.compile(r"^[\s¥￥$€£(（+-]*[\d０-９][\d０-９.,，:：/\-\s年月日Ee+%元)）TZ]*$")
Row = list[str]


def find(rows: list[Row]) -> int:
    """Index of the header among the first rows, or -1. A header is words above values: the first row in which known words
    stand, or that has no value in it while the rows below have."""
    first = rows[:12]
    widest = max((filled(row) for row in rows), default=0)
    for index, row in enumerate(first):
        if filled(row) >= 1 and known(row) >= max(1, min(2, filled(row))) and not _values(row):
            return index + _finer(first[index:])
    for index, row in enumerate(first):
        if filled(row) * 2 > widest:
            below = rows[index + 1 : index + 40]
            return index if _is_header(row, below) else -1
    return -1


def _finer(rows: list[Row]) -> int:
    """How many rows of nothing but known words follow the first: a second line of titles, or the same in another language."""
    return next((at for at, row in enumerate(rows[1:]) if known(row) < max(2, filled(row), filled(rows[0]))), 0)


def _is_header(row: Row, below: list[Row]) -> bool:
    cells = [cell for cell in row if cell.strip()]
    if not cells or _values(row) or len(set(cells)) < len(cells) / 2 or not below:
        return False
    columns = max(len(one) for one in below)
    typed = sum(1 for column in range(columns) if _mostly_values(column, below))
    return typed > 0 or known(row) > 0 or (all(len(cell) <= 12 for cell in cells) and not _repeats(row, below))


def _mostly_values(column: int, rows: list[Row]) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return bool(cells) and sum(bool(VALUE.match(cell)) for cell in cells) > len(cells) * 0.7


def _repeats(row: Row, below: list[Row]) -> bool:
    """Whether a cell of the row comes again below in its own column: then it is data."""
    return any(cell.strip() and any(column < len(one) and one[column] == cell for one in below) for column, cell in enumerate(row))


def _values(row: Row) -> int:
    return sum(bool(VALUE.match(cell)) or "@" in cell for cell in row if cell.strip())


def known(row: Row) -> int:
    return sum(1 for cell in row if word(cell) in by_word())


def filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def distinct(titles: Row) -> Row:
    """Names for the columns: every one has a name and no two the same."""
    names: Row = []
    for index, title in enumerate(titles, 1):
        clean = " ".join(title.replace("\0", "").split())[:80] or f"#{index}"
        copy, name = 2, clean
        while name in names:
            name, copy = f"{clean} ({copy})", copy + 1
        names.append(name)
    return names
