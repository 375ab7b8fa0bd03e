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
from zhike.web.lists.screen import registered
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
    row, part = _own(request, pk), wanted_part(request)
    if part and not row.is_under_way:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the whole page has changed
    context = {"row": row, "title": _title(row), "is_there": _has_file(row, timezone.now())}
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
        "usable": {row.pk for row in rows if _is_usable(row, user.pk, now)},
        "titles": {row.pk: _title(row) for row in rows}, "me": user, "wrong": wrong or {},
    }  # fmt: skip
    return page(request, "notices/exports.html", context, status=422 if wrong else 200)


def _own(request: HttpRequest, pk: int) -> ExportRequest:
    return get_object_or_404(ExportRequest.objects.filter(asked_by=signed_in_person(request)), pk=pk)


def _has_file(row: ExportRequest, now: datetime.datetime) -> bool:
    return row.kept_until is not None and now < row.kept_until


def _is_usable(row: ExportRequest, user: int, now: datetime.datetime) -> bool:
    """Its file is there, or may be made."""
    approved = row.state == ExportState.APPROVED and registered(row.screen) is not None and not is_over(row, now)
    return row.asked_by_id == user and not row.is_under_way and (_has_file(row, now) or approved)


def _title(row: ExportRequest) -> str:
    screen = registered(row.screen)
    return str(screen.title) if screen else row.screen
