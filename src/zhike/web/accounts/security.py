"""One's own password, second factor, sessions and tokens."""

import datetime
from base64 import b32encode
from typing import Any

import segno
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhike.core import settings_store
from zhike.teams import actions
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, User, UserSession
from zhike.teams.queries import has_second_factor, pending_factor, recovery_codes_left, sessions_of, tokens_of
from zhike.teams.rules import SignInRules
from zhike.web.accounts.browsers import browser_name
from zhike.web.accounts.entering import MUST_ENROL
from zhike.web.accounts.forms import CodeForm, PasswordForm, ProofForm, TokenForm
from zhike.web.accounts.me import my_page
from zhike.web.formats import minutes_in_words
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    me = signed_in_person(request)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        try:
            changed = actions.change_password(actor=me, old=old, new=new, session_key=request.session.session_key)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            update_session_auth_hash(request, changed)
            say(request, _("Your password is changed. Other sessions were ended."))
            return HttpResponseRedirect(reverse("me"))
    return my_page(request, "me-password", "password.html", {"form": form, "me": me}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Without one: a secret as a picture, and the first code turns it on."""
    me = signed_in_person(request)
    if has_second_factor(me):
        return my_page(request, "me-second-factor", "second_factor_on.html", {"form": ProofForm(), "left": recovery_codes_left(me)})
    if "begin" in request.POST:
        actions.begin_second_factor(actor=me)
        return HttpResponseRedirect(reverse("me-second-factor"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.confirm_second_factor(actor=me, code=form.cleaned_data["code"], session_key=request.session.session_key)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            request.session.pop(MUST_ENROL, None)
            return my_page(request, "me-second-factor", "recovery_codes.html", {"codes": codes})
    device = pending_factor(me)
    context = {"form": form, "picture": _picture(device) if device else None, "required": MUST_ENROL in request.session}
    return my_page(request, "me-second-factor", "second_factor_off.html", context, 422 if form.errors else 200)


@require_POST
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    me = signed_in_person(request)
    form = ProofForm(request.POST)
    if form.is_valid():
        try:
            actions.remove_second_factor(actor=me, person_id=me.pk, password=form.cleaned_data["password"])
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("The second factor is off."))
            return HttpResponseRedirect(reverse("me-second-factor"))
    return my_page(request, "me-second-factor", "second_factor_on.html", {"form": form, "left": recovery_codes_left(me)}, 422)


@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    me = signed_in_person(request)
    form = ProofForm(request.POST)
    if form.is_valid():
        try:
            codes = actions.renew_recovery_codes(actor=me, password=form.cleaned_data["password"])
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            return my_page(request, "me-second-factor", "recovery_codes.html", {"codes": codes})
    return my_page(request, "me-second-factor", "second_factor_on.html", {"form": form, "left": recovery_codes_left(me)}, 422)


@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    me, now = signed_in_person(request), timezone.now()
    form = TokenForm(request.POST or None, allowed=rights_of(me).permissions)
    secret, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.cleaned_data
            end = now + datetime.timedelta(days=values["days"])
            _token, secret = actions.create_token(
                actor=me, name=values["name"], permissions=values["permissions"], expires_at=end, at=now
            )
            form, status = TokenForm(allowed=rights_of(me).permissions), 200
    context = {"form": form, "tokens": tokens_of(me), "secret": secret, "now": now, "labels": dict(Permission.choices)}
    return my_page(request, "me-tokens", "tokens.html", context, status)


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    me = signed_in_person(request)
    token = get_object_or_404(ApiToken, pk=pk, user=me, revoked_at=None)
    actions.revoke_token(actor=me, token_id=token.pk, at=timezone.now())
    say(request, _("The token no longer works."))
    return HttpResponseRedirect(reverse("me-tokens"))


@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """POST ends one of them (`session`), or all others."""
    me, here = signed_in_person(request), request.session.session_key
    if request.method == "POST":
        _end(me, request.POST.get("session", ""), here)
        say(request, _("Signed out there."))
        return HttpResponseRedirect(reverse("me-sessions"))
    listed = [(session, browser_name(session.agent)) for session in sessions_of(me, timezone.now())]
    rules = settings_store.read(SignInRules)
    context = {"sessions": listed, "here": here, "idle": minutes_in_words(rules.idle_minutes), "days": rules.session_days}
    return my_page(request, "me-sessions", "sessions.html", context)


def _end(me: User, mark: str, here: str | None) -> None:
    if not mark:
        actions.end_sessions(actor=me, person=me, but=here)
        return
    for session in UserSession.objects.filter(user=me).exclude(pk=here or ""):
        if session.mark == mark:
            actions.end_session(actor=me, session_key=session.pk)


def _picture(device: TOTPDevice) -> dict[str, Any]:
    """The secret for the phone's camera, and for typing."""
    image: str = segno.make(device.config_url, error="m").png_data_uri(scale=5, border=2)
    secret = b32encode(device.bin_key).decode()
    return {"image": image, "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))}
