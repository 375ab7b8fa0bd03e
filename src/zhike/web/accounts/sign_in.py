"""In and out."""

import math

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core import settings_store
from zhike.teams import actions
from zhike.teams.actions.sign_in import LockedOut, signed_out
from zhike.teams.models import User
from zhike.teams.queries import anybody, has_second_factor
from zhike.teams.rules import SignInRules
from zhike.web.accounts.entering import PENDING, ask_for_code, enter, next_page, pending_person
from zhike.web.accounts.forms import CodeForm, SignInForm
from zhike.web.formats import minutes_in_words
from zhike.web.middleware import public
from zhike.web.pages import page


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if not anybody():
        return HttpResponseRedirect(reverse("setup"))
    if isinstance(request.user, User):
        return HttpResponseRedirect(next_page(request))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                person = actions.sign_in(**form.cleaned_data, at=timezone.now())
            except LockedOut as locked:
                form.add_error(None, _wait(locked))
                status = 429
            else:
                if person:
                    return _let_in(request, person)
                form.add_error(None, _("Sign-in name or password is wrong."))
    context = {"form": form, "next": next_page(request), "ended": _why_ended(request.GET.get("ended", ""))}
    return page(request, "accounts/sign_in.html", context, status=status)


def _why_ended(word: str) -> str:
    rules = settings_store.read(SignInRules)
    if word == "idle":
        return _("You were signed out after %(time)s without activity. What you had typed into a form is still there.") % {
            "time": minutes_in_words(rules.idle_minutes)
        }
    if word == "age":
        return ngettext(
            "Everybody signs in again after %(n)d day. What you had typed into a form is still there.",
            "Everybody signs in again after %(n)d days. What you had typed into a form is still there.",
            rules.session_days,
        ) % {"n": rules.session_days}
    return ""


def _let_in(request: HttpRequest, person: User) -> HttpResponse:
    if has_second_factor(person):
        ask_for_code(request, person)
        return HttpResponseRedirect(reverse("second-factor"))
    enter(request, person)
    return HttpResponseRedirect(next_page(request))


@public
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    person = pending_person(request)
    if person is None:
        return HttpResponseRedirect(reverse("sign-in"))
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                right = actions.passes_second_factor(person=person, code=form.cleaned_data["code"], at=timezone.now())
            except LockedOut as locked:
                form.add_error(None, _wait(locked))
                status = 429
            else:
                if right:
                    wanted = request.session[PENDING]["next"]
                    enter(request, person)
                    return HttpResponseRedirect(wanted)
                form.add_error("code", _("This code is not right."))
    return page(request, "accounts/second_factor.html", {"form": form}, status=status)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        signed_out(actor=request.user)
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


def _wait(locked: LockedOut) -> str:
    minutes = max(1, math.ceil((locked.until - timezone.now()).total_seconds() / 60))
    return ngettext("Too many attempts. Try again in %(n)d minute.", "Too many attempts. Try again in %(n)d minutes.", minutes) % {
        "n": minutes
    }
