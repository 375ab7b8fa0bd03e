"""The door by which tables leave: few rows at once, more of them by the worker; of too many the question what they are for."""

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.teams.actions import export_files
from zhike.teams.actions.export_files import Taken
from zhike.teams.actions.exports import ApprovalNeeded, ask_for_export
from zhike.teams.models import ExportRequest
from zhike.teams.sheets import Place, Sheet, Wanted, place, sheet
from zhike.web.lists.posts import picked
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person

KINDS = ("csv", "xlsx")


@require_POST
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file, or the page that says how far it is; or the question what so many rows are for."""
    user, now, kind = signed_in_person(request), timezone.now(), request.POST.get("kind", "")
    chosen = () if request.POST.get("all") else tuple(sorted({*picked(request)}))
    wanted = Wanted(name, kind, request.POST.get("query", ""), chosen)
    stands = place(name, wanted.query)
    if kind not in KINDS or stands is None:
        raise Http404
    try:
        if not chosen and not request.POST.get("all"):
            raise ValidationError(_("Nothing is selected."))
        found = sheet(user, wanted, now)
        return _sent(export_files.leave(actor=user, wanted=found, at=now))
    except ApprovalNeeded as problem:
        return _ask(request, found, problem) if "reason" in request.POST else _asking(request, stands, problem)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(stands.address)


@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is ready; or what was approved or has failed, by the rights that its reader has now."""
    user, now = signed_in_person(request), timezone.now()
    row = get_object_or_404(ExportRequest.objects.filter(asked_by=user), pk=pk)
    try:
        if row.has_file(now):
            return _sent(export_files.take_file(actor=user, request_id=pk, at=now))
        return _sent(export_files.leave_again(actor=user, request_id=pk, at=now))
    except ApprovalNeeded as problem:
        return _asking(request, place(row.screen, row.query) or Place(row.screen), problem)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(reverse("exports"))


def _sent(taken: Taken | ExportRequest) -> HttpResponseBase:
    if isinstance(taken, ExportRequest):
        return HttpResponseRedirect(reverse("export", args=[taken.pk]))
    return FileResponse(taken.file, as_attachment=True, filename=taken.name, content_type=taken.content_type)


def _ask(request: HttpRequest, found: Sheet, needed: ApprovalNeeded) -> HttpResponse:
    user = signed_in_person(request)
    try:
        ask_for_export(actor=user, right=found.right, export=needed.export, reason=request.POST["reason"], at=timezone.now())
    except ValidationError as problem:
        stands = place(needed.export.screen, needed.export.query) or Place(found.title)
        return _asking(request, stands, needed, problem.message_dict)
    say(request, _("Asked. You are told here when somebody has decided."))
    return HttpResponseRedirect(reverse("exports"))


def _asking(
    request: HttpRequest, stands: Place, needed: ApprovalNeeded, errors: dict[str, list[str]] | None = None
) -> HttpResponse:
    context = {"place": stands, "needed": needed, "export": needed.export, "errors": errors or {}}
    return page(request, "lists/export_ask.html", context, status=422)
