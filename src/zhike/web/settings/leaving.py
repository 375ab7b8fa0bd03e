"""Leaving the company: what moves, to whom, in one step."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.care.choices import SuggestionState
from zhike.care.models import Suggestion
from zhike.customers.choices import InteractionState
from zhike.customers.models import Customer, Interaction
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.queries import people_editable_by
from zhike.web.accounts.forms import AbsenceForm
from zhike.web.layout import address
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.people_forms import LeavingForm
from zhike.web.settings.room import room


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT)
def person_leave(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    person = get_object_or_404(people_editable_by(actor), pk=pk, is_active=True)
    form = LeavingForm(request.POST or None, person=person, initial={"left_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        values, work = form.cleaned_data, _work_of(person)
        try:
            actions.end_employment(actor=actor, person_id=pk, successors=list(values["successors"]), left_on=values["left_on"])
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            said = _("%(name)s has left. Handed over: %(customers)s customers, %(promises)s promises, %(suggestions)s suggestions.")
            say(request, said % {"name": person.name, **work})
            return HttpResponseRedirect(reverse("settings-people"))
    return room(
        request,
        "leave.html",
        {"person": person, "form": form, "work": _work_of(person), "list": address("customers")},
        422 if form.errors else 200,
    )


def _work_of(person: User) -> dict[str, int]:
    """What would stay without anybody."""
    planned = Interaction.objects.filter(staff=person, state=InteractionState.PLANNED)
    suggested = Suggestion.objects.filter(assignee=person, state__in=[SuggestionState.OPEN, SuggestionState.POSTPONED])
    customers = Customer.objects.living().filter(owner=person).count()
    return {"customers": customers, "promises": planned.count(), "suggestions": suggested.count()}


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT)
def person_absence(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    person = get_object_or_404(people_editable_by(actor), pk=pk, is_active=True)
    shown = {"away_from": person.away_from, "away_until": person.away_until, "deputy": person.deputy_id}
    form = AbsenceForm(request.POST or None, initial=shown, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            actions.plan_absence(actor=actor, person_id=pk, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-person", args=[pk]))
    return room(request, "absence.html", {"person": person, "form": form}, 422 if form.errors else 200)
