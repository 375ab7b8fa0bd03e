"""Today: whom to contact and why, and what became of it."""

import datetime
import json
from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.care.actions import complete_suggestion, postpone_suggestion, refuse_suggestion, reopen_suggestion
from zhike.care.choices import Refusal
from zhike.care.models import Suggestion
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.today.forms import ContactForm, LaterForm, NoForm
from zhike.web.today.listing import listing


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    return page(request, "today/today.html", listing(request), part=wanted_part(request))


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The call, visit or message that was suggested."""
    suggestion = _seen(request, pk)
    form = ContactForm(request.POST or None, channel=suggestion.channel, id_prefix=f"s{pk}")

    def act(user: User, now: datetime.datetime) -> str:
        said = form.cleaned_data
        complete_suggestion(actor=user, suggestion_id=pk, at=now, **said)
        if said["outcome"] == "not_reached":
            return _("Recorded. It comes back tomorrow.")
        return _("Recorded.")

    return _answer(request, suggestion, form, "record", act)


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def postpone(request: HttpRequest, pk: int) -> HttpResponse:
    suggestion = _seen(request, pk)
    form = LaterForm(request.POST or None, auto_id=f"s{pk}_%s")

    def act(user: User, now: datetime.datetime) -> str:
        until = form.cleaned_data["until"]
        postpone_suggestion(actor=user, suggestion_id=pk, until=until, at=timezone.localtime(now))
        return _("Postponed until %(day)s.") % {"day": until.isoformat()}

    return _answer(request, suggestion, form, "later", act)


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    suggestion = _seen(request, pk)
    form = NoForm(request.POST or None, auto_id=f"s{pk}_%s", initial={"refusal": Refusal.WRONG_TIME})

    def act(user: User, now: datetime.datetime) -> str:
        refuse_suggestion(actor=user, suggestion_id=pk, at=now, **form.cleaned_data)
        return _("Taken off the list.")

    return _answer(request, suggestion, form, "no", act)


@require_POST
@needs(Permission.INTERACTION_RECORD)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    suggestion = _seen(request, pk)
    try:
        reopen_suggestion(actor=signed_in_person(request), suggestion_id=pk)
    except ValidationError as problem:
        return _done(request, " ".join(problem.messages), suggestion, tone="bad")
    return _done(request, _("It is on the list again."), suggestion)


def _seen(request: HttpRequest, pk: int) -> Suggestion:
    visible = Suggestion.objects.visible_to(signed_in_person(request)).select_related("customer")
    return get_object_or_404(visible, pk=pk)


def _answer(
    request: HttpRequest, suggestion: Suggestion, form: forms.Form, act: str, do: Callable[[User, datetime.datetime], str]
) -> HttpResponse:
    """Shows the form; does it; an answer that came too late shows the list as it is now."""
    if request.method == "POST" and form.is_valid():
        try:
            return _done(request, do(signed_in_person(request), timezone.now()), suggestion)
        except ValidationError as problem:
            if not hasattr(problem, "error_dict"):
                return _done(request, " ".join(problem.messages), suggestion, tone="bad")
            show_problem(form, problem)
    context = {
        "form": form, "act": act, "suggestion": suggestion, "query": request.GET.urlencode(), "back": _back(request, suggestion),
        "ahead": [timezone.localdate() + datetime.timedelta(days=days) for days in (1, 3, 7, 30)],
    }  # fmt: skip
    return page(request, "today/answer.html", context, part=wanted_part(request), status=422 if form.errors else 200)


def _done(request: HttpRequest, text: str, suggestion: Suggestion, tone: str = "") -> HttpResponse:
    """Back to where the answer was given: the list, with what follows on it, or the customer's record."""
    if wanted_part(request) is None:
        say(request, text, tone=tone)
        return HttpResponseRedirect(_back(request, suggestion))
    response = page(request, "today/today.html", listing(request), part="today")
    response.headers["HX-Trigger"] = json.dumps({"say": {"text": text, "tone": tone}})
    response.headers["HX-Retarget"] = "#today"
    return response


def _back(request: HttpRequest, suggestion: Suggestion) -> str:
    if request.GET.get("from") == "record":
        return reverse("customer", args=[suggestion.customer_id])
    return f"{reverse('today')}?{request.GET.urlencode()}".rstrip("?")
