"""The findings and the tables of an analysis as tables that leave: always of the current one."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.sheets import Export, Place, Sheet, Wanted
from zhike.value import queries
from zhike.value.analyses.kind import Kind
from zhike.value.analyses.kinds import KINDS
from zhike.value.models import Analysis

FINDINGS = "findings"


def sheet(user: User, wanted: Wanted, at: datetime.datetime) -> Sheet | None:
    kind, name = _known(wanted.screen)
    if kind is None:
        return None
    access.require(user, Permission.VALUE_VIEW)
    current = queries.current_analysis(kind.name)
    if current is None or kind.name not in queries.known_kinds(user):
        raise Http404
    if name == FINDINGS and (kind.groups or kind.values):
        title, header = _("every customer"), _header(kind)
        rows = queries.findings(user, current).order_by("customer_id")
        lines, count = _findings(kind, current, rows), rows.count()
    else:
        table = kind.tables(current.report).get(name)
        if table is None or not (queries.sees_all(user) or kind.for_everybody):
            raise Http404
        title, header, lines, count = table.title, table.header, iter(table.rows), len(table.rows)
    export = Export(wanted.screen, wanted.kind, count, highest=kind.confidentiality)
    return Sheet(export, Permission.CUSTOMER_EXPORT, f"{kind.title}-{title}", header, lines, as_of=current.as_of)


def place(screen: str, query: str) -> Place | None:
    kind, _name = _known(screen)
    return Place(str(kind.title), reverse("value-analysis", args=[kind.name])) if kind else None


def _known(screen: str) -> tuple[Kind | None, str]:
    kind, _dash, name = screen.partition("-")
    return KINDS.get(kind), name


def _header(kind: Kind) -> list[str]:
    asked = [str(one.title) for one in (kind.groups, kind.values) if one]
    return [_("Number"), _("Customer"), *asked]


def _findings(kind: Kind, current: Analysis, rows: Any) -> Iterator[list[Any]]:
    labels = kind.labels(current.report)
    fields = ("customer__number", "customer__name", "group", "value")
    for number, name, group, value in rows.values_list(*fields).iterator(chunk_size=5000):
        line = [number, name]
        line += [labels.get(group or "", "")] if kind.groups else []
        yield line + ([value] if kind.values else [])
