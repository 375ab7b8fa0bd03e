"""The file of rows left out: the columns as they came, the row's number and the reason. It can be corrected and sent again.

It is kept with the reason in each language, and given out in that of who fetches it (`left_out`)."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.customers.imports import tables
from zhike.customers.imports.columns import NO_COLUMN, Problem
from zhike.customers.imports.left_out import safe, titles
from zhike.customers.imports.problems import LONGEST_VALUE, row_problem
from zhike.customers.imports.staging import Staging
from zhike.customers.imports.tables import Reading

PAGE = 20_000


def write(target: Path, *, source: Path, reading: Reading, mapping: Mapping[str, int], stage: Staging) -> int:
    """Second reading of the file, row by row beside the sorted list of problems: memory does not grow with either."""
    problems = _by_row(stage, reading)
    row, reasons = next(problems, (0, []))
    written = 0
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        named = [safe(title) for title in titles(reading, mapping)]
        writer.writerow([*named, _("Row"), *_in_each_language(lambda: _("Reason"))])
        for chunk in tables.chunks(source, reading):
            for number, cells in zip(chunk.numbers, chunk.rows, strict=True):
                if number == row:
                    writer.writerow([*(safe(cell.replace("\0", "")) for cell in cells), number, *reasons])
                    written += 1
                    row, reasons = next(problems, (0, []))
            if not row:
                break
    return written


def _in_each_language(say: Callable[[], str]) -> list[str]:
    said = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said.append(say())
    return said


def _by_row(stage: Staging, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """(row, all its reasons in each language), sorted."""
    for row, problems in groupby(_sorted(stage), key=lambda problem: problem.row):
        found = [*problems]
        yield row, _in_each_language(lambda found=found: "; ".join(describe(one, reading) for one in found))  # type: ignore[misc]


def describe(problem: Problem, reading: Reading) -> str:
    column = "" if problem.column == NO_COLUMN else reading.columns[problem.column]
    return row_problem(column, problem.reason, problem.value or "", problem.limit or 0)


def first(problems: Iterable[Problem], reading: Reading) -> list[dict[str, Any]]:
    """For the report: where and why, as it is kept."""
    return [
        {"row": one.row, "column": "" if one.column == NO_COLUMN else reading.columns[one.column], "code": one.reason,
         "value": (one.value or "")[:LONGEST_VALUE], "limit": one.limit or 0}
        for one in problems
    ]  # fmt: skip


def _sorted(stage: Staging) -> Iterator[Problem]:
    stage.run("CREATE INDEX ON rejected (rowno, col, reason)")
    last = (0, NO_COLUMN - 1, "")
    while True:
        stage.run(
            "SELECT * FROM rejected WHERE (rowno, col, reason) > (%s, %s, %s) ORDER BY rowno, col, reason LIMIT %s", [*last, PAGE]
        )
        page = [Problem(*row) for row in stage.cursor.fetchall()]
        if not page:
            return
        yield from page
        last = page[-1][:3]
