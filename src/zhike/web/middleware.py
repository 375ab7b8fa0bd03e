"""What happens around every request, in the order of `settings.MIDDLEWARE`."""

import gzip
import re
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from zhike.core import origin
from zhike.teams.models import User
from zhike.teams.queries import anybody
from zhike.teams.session_store import SessionStore
from zhike.web.pages import wanted_part

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

WORTH_COMPRESSING = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?(?![.\d]))").search
SHORT = 1000  # bytes: what fits into one packet anyhow


class SecurityHeaders:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if settings.HTTPS:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


class Compressed:
    """Pages and answers of the API, for a client that takes gzip; what is streamed (files, exports) goes as it is.

    Whoever can make a browser ask and see how long the answer is could guess at secrets beside a text of their own (BREACH). No
    other site can: cookies are `SameSite=Lax`. The token of forms is masked anew in every page, and up to 100 bytes of padding,
    in the place of a file's name, hide the length.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(WORTH_COMPRESSING) or len(response.content) < SHORT:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if TAKES_GZIP(request.headers.get("Accept-Encoding", "")) and "Content-Encoding" not in response.headers:
            response.content = _packed(response.content)
            response.headers["Content-Encoding"] = "gzip"
        return response


def _packed(content: bytes) -> bytes:
    """At a level that takes 0.4 ms for a list of 80 kB, which leaves 11; the highest takes three times as long and leaves 9."""
    packed = gzip.compress(content, compresslevel=3, mtime=0)
    name_follows = 8
    return packed[:3] + bytes([name_follows]) + packed[4:10] + b"a" * secrets.randbelow(100) + b"\0" + packed[10:]


class Person:
    """Who asks, out of the session: `request.user`. Django's own way costs a query more: for what is odd."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = _person(request) or auth.get_user(request)
        return self.get_response(request)


def _person(request: HttpRequest) -> User | None:
    session = request.session
    person = session.person if isinstance(session, SessionStore) and session.session_key else None
    if person is None or not person.is_active or session.get(auth.SESSION_KEY) != str(person.pk):
        return None
    known = session.get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    same = constant_time_compare(session.get(auth.HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    return person if known and same else None


class Locale:
    """The language: the person's own, else the one chosen on the sign-in page, else what the browser prefers, else Chinese."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if isinstance(user, User) else translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class Origin:
    """Tells the audit trail where the request came from."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        channel = "api" if request.path.startswith("/api/") else "web"
        with origin.coming_from(channel, request.META.get("REMOTE_ADDR") or None):
            return self.get_response(request)


class SignedIn:
    """Every page is for people who signed in, unless its view says otherwise by `public`; nothing of theirs is cached.

    Who owes an own password or a second factor reaches nothing but the page for it. (Who owes the code of a second factor is
    not signed in at all yet.)
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        if isinstance(request.session, SessionStore) and wanted_part(request) != "progress":  # asked for by nobody's hand
            request.session.seen()
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object) -> HttpResponse | None:
        if getattr(view, "is_public", False):
            return None
        user = request.user
        is_api = request.path.startswith("/api/")
        if not isinstance(user, User):
            return None if is_api else _go(request, _door(request))
        debt = _debt(request, user)
        if debt and is_api:
            return HttpResponseForbidden()
        here = request.resolver_match.url_name if request.resolver_match else ""
        return _go(request, reverse(debt)) if debt and here != debt else None


def _door(request: HttpRequest) -> str:
    if not anybody():
        return reverse("setup")
    wanted = request.get_full_path() if request.method == "GET" else urlsplit(request.headers.get("Referer", "")).path or "/"
    told = {"next": wanted} if wanted != "/" else {}
    if ended := getattr(request.session, "ended", ""):
        told["ended"] = ended
    return reverse("sign-in") + (f"?{urlencode(told)}" if told else "")


def _debt(request: HttpRequest, user: User) -> str | None:
    """The page on which the person must do something before any other."""
    if user.must_change_password:
        return "me-password"
    return "me-second-factor" if request.session.get("must_enrol") else None


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """For a part of a page the whole page must change."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that people see before they sign in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
