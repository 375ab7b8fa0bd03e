"""One's own account: what others see, language and theme, absence."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.teams import actions
from zhike.web.accounts.forms import AbsenceForm, AccountForm
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem


def my_page(request: HttpRequest, name: str, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    tabs = [
        ("me", _("Account")), ("me-password", _("Password")), ("me-second-factor", _("Second factor")),
        ("me-sessions", _("Sessions")), ("me-tokens", _("API tokens")), ("me-absence", _("Absence")),
    ]  # fmt: skip
    lines = [(label, reverse(tab), tab == name) for tab, label in tabs]
    return page(request, f"accounts/{template}", {**context, "tabs": lines}, status=status)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    me = signed_in_person(request)
    shown = {"email": me.email, "phone": me.phone, "language": me.language, "theme": me.theme}
    form = AccountForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_account(actor=me, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("me"))
    return my_page(request, "me", "me.html", {"form": form, "me": me}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    me = signed_in_person(request)
    shown = {"away_from": me.away_from, "away_until": me.away_until, "deputy": me.deputy_id}
    form = AbsenceForm(request.POST or None, initial=shown, person=me)
    if request.method == "POST" and form.is_valid():
        try:
            actions.plan_absence(actor=me, person_id=me.pk, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("me-absence"))
    return my_page(request, "me-absence", "absence.html", {"form": form}, 422 if form.errors else 200)
