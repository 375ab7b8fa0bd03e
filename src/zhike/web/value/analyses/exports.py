"""The findings and the tables of an analysis as files."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.teams.choices import Permission
from zhike.value import queries
from zhike.value.analyses.kind import Kind
from zhike.value.models import Analysis
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.exports import sent

FINDINGS = "findings"


@require_GET
@needs(Permission.VALUE_VIEW)
@needs(Permission.CUSTOMER_EXPORT)
def export(request: HttpRequest, kind: str, name: str) -> HttpResponseBase:
    """Of the current analysis."""
    user, current = signed_in_person(request), queries.current_analysis(kind)
    one = queries.known_kinds(user).get(kind)
    if one is None or current is None:
        raise Http404
    if name == FINDINGS and (one.groups or one.values):
        rows = queries.findings(user, current).order_by("customer_id")
        header, lines, count = _header(one), _findings(one, current, rows), rows.count()
    else:
        sheet = one.tables(current.report).get(name)
        if sheet is None or not (queries.sees_all(user) or one.for_everybody):
            raise Http404
        header, lines, count = sheet.header, iter(sheet.rows), len(sheet.rows)
    return sent(request, f"{kind}-{name}", str(current.as_of), header, lines, count, highest=one.confidentiality)


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
