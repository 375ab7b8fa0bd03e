"""Exports that needed somebody's approval: one's own, and for who may approve those of everybody."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.teams import actions
from zhike.teams.choices import ExportState, Permission
from zhike.teams.models import ExportRequest
from zhike.teams.queries import export_requests, is_over
from zhike.web.lists.screen import registered
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

SHOWN = 200


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    return _shown(request)


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
        "usable": {row.pk for row in rows if _is_usable(row, user.pk) and not is_over(row, now)},
        "titles": {row.pk: _title(row) for row in rows}, "me": user, "wrong": wrong or {},
    }  # fmt: skip
    return page(request, "notices/exports.html", context, status=422 if wrong else 200)


def _is_usable(row: ExportRequest, user: int) -> bool:
    return row.state == ExportState.APPROVED and row.asked_by_id == user and registered(row.screen) is not None


def _title(row: ExportRequest) -> str:
    screen = registered(row.screen)
    return str(screen.title) if screen else row.screen
