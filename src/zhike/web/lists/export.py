"""A list as a file: few rows at once, more of them by the worker; of too many the question what they are for."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.core import files, spreadsheet
from zhike.teams.actions import export_files
from zhike.teams.actions.exports import ApprovalNeeded, ask_for_export, record_export
from zhike.teams.choices import ExportState, FileState
from zhike.teams.models import ExportRequest, User
from zhike.teams.sheets import Sheet, Wanted, mark, sheet
from zhike.web.lists.posts import chosen_rows, posted_state
from zhike.web.lists.screen import State
from zhike.web.lists.sheets import of_rows
from zhike.web.lists.views import may_export
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person

KINDS = ("csv", "xlsx")


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file, or the page that says how far it is; or the question what so many rows are for."""
    state = posted_state(request, name)
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404
    if not may_export(state.screen, state.look):
        raise PermissionDenied(_("You may not export this list."))
    try:
        rows = chosen_rows(request, state)
        chosen = () if request.POST.get("all") else tuple(sorted(rows.values_list("pk", flat=True)))
        found = of_rows(state, rows, Wanted(name, kind, chosen=chosen))
        return _leaving(state.look.user, found)
    except ApprovalNeeded as problem:
        return _ask(request, state, found, problem)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(state.address())


@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is ready; or what was approved, by the rights that its reader has now."""
    user, now = signed_in_person(request), timezone.now()
    row = get_object_or_404(ExportRequest.objects.filter(asked_by=user), pk=pk)
    try:
        if row.file_state == FileState.READY:
            return stored_file(export_files.take_file(actor=user, request_id=pk, at=now))
        return _leaving(user, sheet(user, Wanted.by(row), now), None if row.state == ExportState.FREE else row)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("exports"))


def stored_file(row: ExportRequest) -> FileResponse:
    assert row.stored is not None
    return FileResponse(
        files.location(row.stored).open("rb"), as_attachment=True, filename=row.stored.name, content_type=row.stored.content_type
    )


def _leaving(user: User, found: Sheet, approval: ExportRequest | None = None) -> HttpResponseBase:
    """Named after who took it along, and when."""
    now, export = timezone.now(), found.export
    if export.rows > export_files.AT_ONCE:
        row = export_files.order_file(actor=user, wanted=found, at=now, approval=approval)
        return HttpResponseRedirect(reverse("export", args=[row.pk]))
    entry = record_export(actor=user, right=found.right, export=export, at=now, approval=approval)
    sheet_name = f"{found.title} {user.name} {timezone.localdate(now)}"
    stamp = mark(user, entry.pk, export.rows, now)
    file = spreadsheet.whole_file(export.kind, sheet_name, found.header, found.lines, stamp)
    name = found.file_name(user, entry.pk, timezone.localdate(now))
    return FileResponse(file, as_attachment=True, filename=name, content_type=export_files.TYPES[export.kind])


def _ask(request: HttpRequest, state: State, found: Sheet, needed: ApprovalNeeded) -> HttpResponse:
    """With a reason the request is made; without one it is asked for."""
    errors = {}
    if "reason" in request.POST:
        try:
            ask_for_export(
                actor=state.look.user, right=found.right, export=needed.export, reason=request.POST["reason"], at=timezone.now()
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
