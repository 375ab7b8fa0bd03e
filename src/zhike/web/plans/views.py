"""My plans: as an agenda, a week, a month; moved to another day; taken along into another calendar."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhike.customers.actions import change_interaction
from zhike.customers.models import Interaction
from zhike.customers.queries.plans import calendar_of, planned_by
from zhike.teams.access import rights_of
from zhike.teams.actions.exports import ApprovalNeeded, record_export
from zhike.teams.choices import Permission
from zhike.teams.sheets import Export
from zhike.web.customers.sheets import press
from zhike.web.layout import record_address
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.plans.icalendar import calendar_file
from zhike.web.plans.spans import Span, span_of
from zhike.web.rights import needs

MOST = 300


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The agenda of all that is planned, or the calendar of a week or month with what was done in it."""
    user, now = signed_in_person(request), timezone.now()
    span = span_of(request.GET.get("view", ""), request.GET.get("on", ""), timezone.localdate(now))
    found = calendar_of(user, span.first, span.last, now) if span.days else planned_by(user)
    rows = list(found[: MOST + 1])
    late = [row for row in rows if row.state == "planned" and row.at < now]
    context = {
        "span": span, "late": late, "now": now, "today": timezone.localdate(now), "is_cut": len(rows) > MOST,
        "days": _by_day(span, [row for row in rows[:MOST] if span.days or row not in late]),
        "count": sum(row.state == "planned" for row in rows), "chosen": _chosen(request, rows),
        "here": request.get_full_path(), "may_take": rights_of(user).allows(Permission.CUSTOMER_EXPORT),
        "can_record": rights_of(user).allows(Permission.INTERACTION_RECORD),
    }  # fmt: skip
    return page(request, "plans/plans.html", context)


def _by_day(span: Span, rows: list[Interaction]) -> dict[datetime.date, list[Interaction]]:
    days: dict[datetime.date, list[Interaction]] = {day: [] for day in span.days}
    for row in rows:
        day = timezone.localdate(row.at)
        if not span.days or day in days:
            days.setdefault(day, []).append(row)
    return days


def _chosen(request: HttpRequest, rows: list[Interaction]) -> Interaction | None:
    wanted = request.GET.get("plan", "")
    return next((row for row in rows if str(row.pk) == wanted and row.state == "planned"), None)


class MoveForm(forms.Form):
    on = forms.DateField()


@require_POST
@needs(Permission.INTERACTION_RECORD)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another day, at the same time of day."""
    user = signed_in_person(request)
    row = get_object_or_404(Interaction.objects.visible_to(user).planned(), pk=pk)
    form = MoveForm(request.POST)

    def act() -> None:
        if not form.is_valid() or form.cleaned_data["on"] < timezone.localdate():
            raise ValidationError(_("Choose a day from today on."))
        time = timezone.localtime(row.at).time()
        change_interaction(
            actor=user, interaction=row, at=timezone.make_aware(datetime.datetime.combine(form.cleaned_data["on"], time))
        )

    return press(request, row.customer_id, act, said=_("Moved."))


@require_safe
@needs(Permission.CUSTOMER_EXPORT)
def take_along(request: HttpRequest) -> HttpResponse:
    """As an iCalendar file, for the calendar on the phone. It names customers, so it is an export like any other."""
    user = signed_in_person(request)
    rows = list(planned_by(user)[:MOST])
    try:
        record_export(actor=user, right=Permission.CUSTOMER_EXPORT, export=Export("plans", "ics", len(rows)), at=timezone.now())
    except ApprovalNeeded as problem:
        say(request, problem.messages[0], tone="bad")
        return HttpResponseRedirect(reverse("plans"))
    root = request.build_absolute_uri("/").rstrip("/")
    text = calendar_file(rows, now=timezone.now(), link=lambda row: root + record_address("customer") % row.customer_id)
    disposition = 'attachment; filename="zhike-plans.ics"'
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": disposition})
