"""A list as a file: the columns shown, in the order shown, of the selection or of all results."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.core import spreadsheet
from zhike.teams.actions.exports import record_export
from zhike.web.lists.paging import whole_order
from zhike.web.lists.posts import chosen_rows, posted_state
from zhike.web.lists.screen import State
from zhike.web.lists.views import may_export
from zhike.web.pages import say

CHUNK = 2000
KINDS = ("csv", "xlsx")


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    state = posted_state(request, name)
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404
    if not may_export(state.screen, state.look):
        raise PermissionDenied(_("You may not export this list."))
    assert state.screen.export_right is not None
    try:
        rows = chosen_rows(request, state)
        number = rows.count()
        if kind == "xlsx" and number > spreadsheet.MOST_XLSX_ROWS:
            raise ValidationError(_("An XLSX file holds at most 1,048,575 rows; choose CSV."))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(state.address())
    record_export(actor=state.look.user, right=state.screen.export_right, screen=name, rows=number, kind=kind, query=state.query())
    file_name = f"{state.screen.title}-{state.look.today}.{kind}"
    header = [str(column.label) for column in state.columns]
    file = spreadsheet.whole_file(kind, str(state.screen.title), header, _plain(state, rows))
    return FileResponse(
        file, as_attachment=True, filename=file_name, content_type=None if kind == "xlsx" else "text/csv; charset=utf-8"
    )


def _plain(state: State, rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """Read from the database as they are written, in the order shown."""
    ordered = rows.order_by(*whole_order(state.keys))
    fields = [*dict.fromkeys([*state.fields, "pk"])]
    for row in ordered.values(*fields).iterator(chunk_size=CHUNK):
        yield [column.drawn.plain(row, state.look) for column in state.columns]
