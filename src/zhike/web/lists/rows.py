"""Rows and heads of a list as HTML."""

from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.web.lists.paging import Row
from zhike.web.lists.screen import Column, State


def body(state: State, rows: list[Row], *, pick: bool) -> Markup:
    """The table's rows. Cells give safe HTML; this only joins it, all in one go: formatting would ask each piece what it is."""
    look = state.look
    cells = [(f'<td class="{_classes(column)}">', column.drawn.cell) for column in state.columns]
    label = escape(_("Select this row"))
    start_of_box = f'<td class="pick"><input class="form-check-input" type="checkbox" name="id" aria-label="{label}" value="'
    pieces: list[str] = []
    for row in rows:
        pieces.append(f'<tr>{start_of_box}{row["pk"]}"></td>' if pick else "<tr>")
        for start, cell in cells:
            pieces += (start, cell(row, look), "</td>")
        pieces.append("</tr>\n")
    return Markup("".join(pieces))  # noqa: S704  made of safe cells


def heads(state: State) -> list[dict[str, Any]]:
    """For each column its label and, where one can sort by it, what a click does: the other way, or down first for figures."""
    order = {sort.lstrip("-"): sort for sort in (state.sorts or (state.screen.order,))}
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
                "sort": state.address(sort=next_way),
                "also": state.address(sort=",".join([*others, next_way])),
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
