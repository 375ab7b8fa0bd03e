"""How many rows there are. Beyond the cap it costs seconds at a million rows, so it is asked for."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from zhike.web.lists.filters import Text
from zhike.web.lists.paging import Slice
from zhike.web.lists.screen import Group, State

CAP = 10_000


@dataclass(frozen=True)
class Total:
    number: int
    is_exact: bool

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"{CAP:,}+"


def total(rows: "QuerySet[Any]", *, exact: bool = False) -> Total:
    if exact:
        return Total(rows.order_by().count(), True)
    found = rows.order_by().values("pk")[: CAP + 1].count()
    return Total(min(found, CAP), found <= CAP)


def known_total(page: Slice) -> Total | None:
    """The number without asking: of what was searched for, or when everything fits on the page."""
    if page.total is not None:
        return Total(page.total, True)
    return None if page.previous or page.next else Total(len(page.rows), True)


def grouped(state: State, group: Group, rows: "QuerySet[Any]") -> list[dict[str, Any]]:
    """Lines of `group`: how many rows, their sums, and the address of the list narrowed to them."""
    sums = [one for one in state.screen.sums if one.right is None or state.look.rights.allows(one.right)]
    totals = {f"sum_{at}": Sum(one.path) for at, one in enumerate(sums)}
    lines = rows.order_by().values(group.path).annotate(rows_in_group=Count("pk"), **totals).order_by("-rows_in_group", group.path)
    is_text = any(isinstance(one, Text) for one in state.filters if one.key == group.filter)
    found = []
    for line in lines[:200]:
        value = line[group.path]
        code = "none" if value is None else f"={value}" if is_text else str(value)
        found.append({
            "words": group.words(value, state.look),
            "number": line["rows_in_group"],
            "sums": [one.shown(line[f"sum_{at}"]) for at, one in enumerate(sums)],
            "address": state.address(without=("group",), **{group.filter: code}),
        })  # fmt: skip
    return found
