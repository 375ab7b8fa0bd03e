"""What the current analyses found about customers, as columns and filters of the customer list."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import escape

from zhike.teams.choices import Permission
from zhike.value import queries
from zhike.value.analyses.kind import Kind, Values
from zhike.value.analyses.kinds import KINDS
from zhike.value.models import Analysis
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.filters import Filter
from zhike.web.lists.paging import Key, Row
from zhike.web.lists.screen import Column

PREFIX = "a_"
RIGHT = Permission.VALUE_VIEW


def columns(look: Look) -> list[Column]:
    return [column for kind, analysis in shown(look) for column in _columns(kind, analysis)]


def finding_filters(look: Look) -> list[Filter]:
    return [made for kind, analysis in shown(look) for made in _filters(kind, analysis)]


def shown(look: Look) -> list[tuple[Kind, Analysis]]:
    """Asked for once a page; none for who may not see value analysis."""
    found: list[tuple[Kind, Analysis]] | None = look.prepared.get("analyses")
    if found is None:
        known = queries.current_analyses(look.user)
        found = look.prepared["analyses"] = [
            (KINDS[name], one) for name, one in known.items() if KINDS[name].groups or KINDS[name].values
        ]
    return found


def classes(look: Look, keys: list[str]) -> list[str]:
    """Of the findings in these columns."""
    known = {PREFIX + kind.name: kind.confidentiality for kind, _analysis in shown(look)}
    return [known[key] for key in (one.removesuffix("_value") for one in keys) if key in known]


def path(kind: Kind, name: str) -> str:
    return f"finding_{kind.name}__{name}"


def _columns(kind: Kind, analysis: Analysis) -> Iterator[Column]:
    key, group, value = PREFIX + kind.name, path(kind, "group"), path(kind, "value")
    if kind.groups:
        drawn = _group(group, kind.labels(analysis.report))
        yield Column(key, kind.groups.title, drawn, Key(group, nullable=True), shown=False, right=RIGHT)
    if kind.values:
        yield Column(f"{key}_value", _title(kind, kind.values), _value(value, kind.values), Key(value, nullable=True), False, RIGHT)


def _title(kind: Kind, values: Values) -> str:
    """Beside a group of the same kind, the value says whose it is."""
    return _("%(kind)s: %(value)s") % {"kind": kind.title, "value": values.title} if kind.groups else str(values.title)


def _group(group: str, labels: dict[str, str]) -> Drawn:
    def plain(row: Row, look: Look) -> str:
        code: str = row[group] or ""
        return labels.get(code, code)

    return Drawn((group,), lambda row, look: escape(plain(row, look)) or cells.NOTHING, plain)


def _value(value: str, values: Values) -> Drawn:
    if values.unit == "percent":
        return cells.percent(value)
    return cells.money(value) if values.unit == "money" else cells.number(value, values.digits)


def _filters(kind: Kind, analysis: Analysis) -> Iterator[Filter]:
    key = PREFIX + kind.name
    if kind.groups:
        options = list(kind.labels(analysis.report).items())
        group = path(kind, "group")
        yield filters.Choice(key, kind.groups.title, group, RIGHT, options=lambda look, options=options: options)  # type: ignore[misc]
    if kind.values:
        unit, is_share = "¥" if kind.values.unit == "money" else "", kind.values.unit == "percent"
        title = _title(kind, kind.values)
        yield Real(f"{key}_value", title, path(kind, "value"), RIGHT, unit=unit, percent=is_share)


@dataclass(frozen=True)
class Real(filters.Numbers):
    """A range of a column in floating point."""

    def where(self, value: Any, look: Look) -> Any:
        return super().where(tuple(None if end is None else float(end) for end in value), look)

    def shown(self, end: Any) -> str:
        return super().shown(Decimal(str(end)))
