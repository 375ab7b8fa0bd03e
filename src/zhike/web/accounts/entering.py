"""From a proven person to a signed-in browser."""

import datetime
from typing import Any

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from zhike.core import settings_store
from zhike.teams.actions.sign_in import signed_in
from zhike.teams.models import User
from zhike.teams.queries import has_second_factor
from zhike.teams.rules import SignInRules
from zhike.teams.session_store import AGENT, STARTED

PENDING = "pending"  # who gave the right password and still owes the code
MUST_ENROL = "must_enrol"
_PENDING_FOR = datetime.timedelta(minutes=10)


def enter(request: HttpRequest, person: User) -> None:
    """Signs in under a new session key, so that a key known before is worth nothing."""
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session.pop(PENDING, None)
    request.session[STARTED] = timezone.now().isoformat()
    request.session[AGENT] = request.headers.get("User-Agent", "")[:200]
    if settings_store.read(SignInRules).second_factor_required and not has_second_factor(person):
        request.session[MUST_ENROL] = True
    signed_in(actor=person)


def ask_for_code(request: HttpRequest, person: User) -> None:
    """The password was right; nothing is open until the code is."""
    request.session.flush()
    request.session[PENDING] = {
        "user": person.pk, "proof": person.get_session_auth_hash(), "at": timezone.now().isoformat(), "next": next_page(request)
    }  # fmt: skip


def pending_person(request: HttpRequest) -> User | None:
    """Who owes a code: for ten minutes, and only while the password stays the same."""
    pending: dict[str, Any] | None = request.session.get(PENDING)
    if not pending or timezone.now() - datetime.datetime.fromisoformat(pending["at"]) > _PENDING_FOR:
        return None
    person: User | None = get_user_model().objects.filter(pk=pending["user"], is_active=True).first()
    return person if person and person.get_session_auth_hash() == pending["proof"] else None


def next_page(request: HttpRequest) -> str:
    """Where the person wanted to go, if it is one of our pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"
