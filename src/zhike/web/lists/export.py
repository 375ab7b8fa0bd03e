"""A list as a file: the columns shown, in the order shown, of the selection or of all results."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.core import spreadsheet
from zhike.teams.actions.exports import ApprovalNeeded, Export, ask_for_export, record_export
from zhike.teams.choices import Permission
from zhike.teams.models import ExportRequest
from zhike.web.lists.paging import whole_order
from zhike.web.lists.posts import chosen_rows, posted_state, state_of
from zhike.web.lists.screen import State
from zhike.web.lists.views import may_export
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person

CHUNK = 2000
KINDS = ("csv", "xlsx")


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file; or, of more rows than this person may take along without asking, the question what they are for."""
    state = posted_state(request, name)
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404
    if not may_export(state.screen, state.look):
        raise PermissionDenied(_("You may not export this list."))
    try:
        rows = chosen_rows(request, state)
        chosen = () if request.POST.get("all") else tuple(sorted(rows.values_list("pk", flat=True)))
        return _file(state, rows, _leaving(state, rows, kind, chosen))
    except ApprovalNeeded as problem:
        return _ask(request, state, problem)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(state.address())


@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What was approved, by the rights that its reader has now."""
    user = signed_in_person(request)
    approval = get_object_or_404(ExportRequest.objects.filter(asked_by=user), pk=pk)
    state = state_of(request, approval.screen, approval.query)
    if not may_export(state.screen, state.look):
        raise PermissionDenied(_("You may not export this list."))
    chosen = tuple(approval.chosen)
    rows = state.screen.rows(state.look).filter(pk__in=chosen).order_by() if chosen else state.matching[1].order_by()
    try:
        return _file(state, rows, _leaving(state, rows, approval.kind, chosen), approval)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("exports"))


def _leaving(state: State, rows: "QuerySet[Any]", kind: str, chosen: tuple[int, ...]) -> Export:
    number = rows.count()
    if kind == "xlsx" and number > spreadsheet.MOST_XLSX_ROWS:
        raise ValidationError(_("An XLSX file holds at most 1,048,575 rows; choose CSV."))
    query = state.query(without=("show",)).lstrip("?")
    return Export(state.screen.name, kind, number, query, chosen, state.screen.export_class(state))


def _ask(request: HttpRequest, state: State, needed: ApprovalNeeded) -> HttpResponse:
    """With a reason the request is made; without one it is asked for."""
    errors = {}
    if "reason" in request.POST:
        try:
            ask_for_export(
                actor=state.look.user, right=_right(state), export=needed.export, reason=request.POST["reason"], at=timezone.now()
            )
        except ValidationError as problem:
            errors = problem.message_dict
        else:
            say(request, _("Asked. You are told here when somebody has decided."))
            return HttpResponseRedirect(reverse("exports"))
    context = {
        "state": state, "screen": state.screen, "needed": needed, "query": request.POST.get("query", ""), "errors": errors,
        "all": bool(request.POST.get("all")), "ids": needed.export.chosen, "kind": needed.export.kind,
    }  # fmt: skip
    return page(request, "lists/export_ask.html", context, status=422)


def _right(state: State) -> Permission:
    assert state.screen.export_right is not None
    return state.screen.export_right


def _file(state: State, rows: "QuerySet[Any]", export: Export, approval: ExportRequest | None = None) -> HttpResponseBase:
    """Named after who took it along, and when."""
    user = state.look.user
    record_export(actor=user, right=_right(state), export=export, at=timezone.now(), approval=approval)
    number = f"-{approval.pk}" if approval else ""
    file_name = f"{state.screen.title}-{state.look.today}-{user.username}{number}.{export.kind}"
    header = [str(column.label) for column in state.columns]
    sheet = f"{state.screen.title} {user.name} {state.look.today}"
    file = spreadsheet.whole_file(export.kind, sheet, header, _plain(state, rows))
    return FileResponse(
        file, as_attachment=True, filename=file_name, content_type=None if export.kind == "xlsx" else "text/csv; charset=utf-8"
    )


def _plain(state: State, rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """Read from the database as they are written, in the order shown."""
    ordered = rows.order_by(*whole_order(state.keys))
    fields = [*dict.fromkeys([*state.fields, "pk"])]
    for row in ordered.values(*fields).iterator(chunk_size=CHUNK):
        yield [column.drawn.plain(row, state.look) for column in state.columns]
