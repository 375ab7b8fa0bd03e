"""Exports that needed an approval or are made in the background: one's own, and for who may approve those of everybody."""

import datetime

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.teams import actions
from zhike.teams.actions import export_files
from zhike.teams.choices import ExportState, Permission
from zhike.teams.models import ExportRequest
from zhike.teams.queries import export_requests, is_over
from zhike.teams.sheets import Place, place
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

SHOWN = 200


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    return _shown(request)


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the file is, and where it can be had."""
    row, part, now = _own(request, pk), wanted_part(request), timezone.now()
    if part and not row.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the whole page has changed
    context = {"row": row, "place": _place(row), "is_there": row.has_file(now), "again": _may_be_made(row, now)}
    return page(request, "notices/export.html", context, part=part)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    export_files.cancel_file(actor=signed_in_person(request), request_id=_own(request, pk).pk)
    return HttpResponseRedirect(reverse("export", args=[pk]))


@require_POST
@needs(Permission.EXPORT_APPROVE, everywhere=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in_person(request)
    get_object_or_404(export_requests(user), pk=pk)
    approve = request.POST.get("decision") == "approve"
    try:
        actions.decide_export(actor=user, request_id=pk, approve=approve, answer=request.POST.get("answer", ""), at=timezone.now())
    except ValidationError as problem:
        return _shown(request, wrong={pk: " ".join(problem.messages)})
    say(request, _("Approved.") if approve else _("Refused."))
    return HttpResponseRedirect(reverse("exports"))


def _shown(request: HttpRequest, wrong: dict[int, str] | None = None) -> HttpResponse:
    user, now = signed_in_person(request), timezone.now()
    rows = list(export_requests(user)[:SHOWN])
    context = {
        "waiting": [row for row in rows if row.state == ExportState.WAITING and row.asked_by_id != user.pk],
        "others": [row for row in rows if row.state != ExportState.WAITING or row.asked_by_id == user.pk],
        "ready": {row.pk for row in rows if row.asked_by_id == user.pk and row.has_file(now)},
        "again": {row.pk for row in rows if row.asked_by_id == user.pk and _may_be_made(row, now)},
        "places": {row.pk: _place(row) for row in rows}, "me": user, "wrong": wrong or {},
    }  # fmt: skip
    return page(request, "notices/exports.html", context, status=422 if wrong else 200)


def _own(request: HttpRequest, pk: int) -> ExportRequest:
    return get_object_or_404(ExportRequest.objects.filter(asked_by=signed_in_person(request)), pk=pk)


def _may_be_made(row: ExportRequest, now: datetime.datetime) -> bool:
    """For the first time or anew."""
    allowed = row.state == ExportState.FREE or (row.state == ExportState.APPROVED and not is_over(row, now))
    return allowed and not row.is_under_way and not row.has_file(now) and place(row.screen) is not None


def _place(row: ExportRequest) -> Place:
    return place(row.screen, row.query) or Place(row.screen)
