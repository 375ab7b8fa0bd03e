"""Rows and heads of a list as HTML."""

from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.web.lists.paging import Row
from zhike.web.lists.screen import Column, State


def body(state: State, rows: list[Row], *, pick: bool) -> Markup:
    """The table's rows. Cells give safe HTML; this only joins it, all in one go: formatting would ask each piece what it is."""
    look, start = state.look, "<tr>"
    columns: list[Iterable[str]] = []
    if pick:
        label = escape(_("Select this row"))
        box = f'<td class="pick"><input class="form-check-input" type="checkbox" name="id" aria-label="{label}" value="'
        columns += [repeat(f"{start}{box}"), [str(row["pk"]) for row in rows]]
        start = '"></td>'
    for column in state.columns:
        cell = column.drawn.cell
        columns += [repeat(f'{start}<td class="{_classes(column)}">'), [cell(row, look) for row in rows]]
        start = "</td>"
    columns.append(repeat("</td></tr>\n"))
    pieces = chain.from_iterable(zip(*columns, strict=False))  # as long as there are rows
    return Markup("".join(pieces))  # noqa: S704  made of safe cells


def heads(state: State) -> list[dict[str, Any]]:
    """For each column its label and, where one can sort by it, what a click does: the other way, or down first for figures."""
    order = {sort.lstrip("-"): sort for sort in (state.sorts or (state.screen.order,))}
    sorted_by = state.addresses("sort")
    found = []
    for column in state.columns:
        may_edit = column.edit is not None and state.look.rights.allows(column.edit)
        head: dict[str, Any] = {
            "label": column.label, "classes": _classes(column), "sort": "", "also": "", "way": "", "edit": may_edit and column.key,
        }  # fmt: skip
        if column.sort:
            now = order.get(column.key, "")
            down_first = column.drawn.numeric or column.sort.nullable or column.key.endswith(("_at", "updated", "created"))
            next_way = column.key if now.startswith("-") else f"-{column.key}" if now or down_first else column.key
            others = [sort for name, sort in order.items() if name != column.key]
            head |= {
                "sort": sorted_by(next_way),
                "also": sorted_by(",".join([*others, next_way])),
                "way": "" if not now else "descending" if now.startswith("-") else "ascending",
            }
        found.append(head)
    return found


def _classes(column: Column) -> str:
    names = ["num"] if column.drawn.numeric else []
    names.append(f"p-{column.phone or 'none'}")
    if column.phone == "title":
        names.append("name")
    return " ".join(names)
