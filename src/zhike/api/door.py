"""The one door of the API: who asks, in which language, may they, how often; writes all or nothing, each key once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.operation import Operation
from ninja.params.models import QueryModel
from ninja.utils import check_csrf, contribute_operation_callback

from zhike.api import limits
from zhike.api.problems import Refused
from zhike.core import idempotency
from zhike.teams import access
from zhike.teams.actions import person_of_token
from zhike.teams.choices import Permission
from zhike.teams.models import User

F = TypeVar("F", bound=Callable[..., Any])
SAFE = ("GET", "HEAD", "OPTIONS")
KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255


class Run(Protocol):
    __self__: Operation

    def __call__(self, request: HttpRequest, **path: Any) -> HttpResponse: ...


def needs(*any_of: Permission) -> Callable[[F], F]:
    """The permission without which the route answers 403 before it reads anything else; one of them is enough."""
    return _marked("needs", any_of, {"x-permission": [str(one) for one in any_of]})


def needs_everywhere(permission: Permission) -> Callable[[F], F]:
    """The same for what concerns the whole company: with all rows as its scope."""

    def mark(view: F) -> F:
        return _marked("is_for_all", True, {"x-everywhere": True})(needs(permission)(view))

    return mark


def signed_in(view: F) -> F:
    """For everybody who signed in: their own affairs, or what everybody may know."""
    return _marked("needs", (), {"x-permission": []})(view)


def costly(view: F) -> F:
    """Counted against the smaller allowance."""
    return _marked("is_costly", True, {"x-costly": True})(view)


def browser_only(view: F) -> F:
    """Not for tokens: a stolen token must not reach the password, the second factor or further tokens."""
    return _marked("is_browser_only", True, {"x-browser-only": True})(view)


def without_key(view: F) -> F:
    """Its answer holds a secret that is not kept, or it changes nothing: no idempotency key."""
    return _marked("takes_key", False, {"x-idempotent": False})(view)


def _marked(name: str, value: Any, extra: dict[str, Any]) -> Callable[[F], F]:
    def mark(view: F) -> F:
        def contribute(operation: Operation) -> None:
            operation.openapi_extra = (operation.openapi_extra or {}) | extra

        setattr(view, name, value)
        contribute_operation_callback(view, contribute)
        return view

    return mark


def caller(request: HttpRequest) -> User:
    return cast(User, request.user)


def door(run: Run) -> Callable[..., HttpResponse]:
    """Wraps the running of an operation; ninja's own authentication is not used."""
    operation = run.__self__

    @wraps(run)
    def through(request: HttpRequest, **path: Any) -> HttpResponse:
        with translation.override(translation.get_language()):
            try:
                _admit(request, operation.view_func)
                _check_names(request, operation)
                if request.method in SAFE:
                    return run(request, **path)
                return _write(request, operation.view_func, lambda: run(request, **path))
            except Exception as problem:  # noqa: BLE001  every refusal is answered in the one shape
                return operation.api.on_exception(request, problem)

    return through


def _admit(request: HttpRequest, view: Callable[..., Any]) -> None:
    user = identify(request)
    if getattr(view, "is_browser_only", False) and hasattr(request, "api_token"):
        raise Refused(403, "forbidden", _("Tokens may not do this; sign in with a browser."))
    limiter = limits.costly if getattr(view, "is_costly", False) else limits.usual
    if wait := limiter.wait(user.pk):
        seconds = str(int(wait) + 1)
        raise Refused(429, "too_many", _("Too many requests; wait a moment."), headers={"Retry-After": seconds})
    wanted: tuple[Permission, ...] = view.__dict__["needs"]  # a route without it must not work
    if wanted and not any(access.rights_of(user).allows(one) for one in wanted):
        access.require(user, wanted[0])
    if getattr(view, "is_for_all", False):
        access.require_everywhere(user, wanted[0])


def _check_names(request: HttpRequest, operation: Operation) -> None:
    """A filter with a slip of the pen must not answer with everything."""
    known = {name for model in operation.models if issubclass(model, QueryModel) for name in model.__ninja_flatten_map__}
    if unknown := sorted(request.GET.keys() - known):
        fields = {name: [_("There is no such field.")] for name in unknown}
        raise Refused(422, "invalid", _("Some fields need another look."), fields=fields)


def identify(request: HttpRequest) -> User:
    """By the token when one is sent, else by the signed-in browser, which must also prove that the request is its own."""
    header = request.headers.get("Authorization", "")
    if header:
        user = _by_token(header)
        request.user = user
        request.api_token = True  # type: ignore[attr-defined]
        wanted = translation.get_language_from_request(request) if "Accept-Language" in request.headers else user.language
        translation.activate(wanted)
        return user
    if not isinstance(request.user, User):
        raise Refused(401, "unauthenticated", _("Send a token or sign in."), headers={"WWW-Authenticate": "Bearer"})
    if request.method not in SAFE and check_csrf(request):
        raise Refused(403, "csrf", _("Send the CSRF token in the header X-CSRFToken."))
    return request.user


def _by_token(header: str) -> User:
    scheme, _space, secret = header.partition(" ")
    user = person_of_token(secret=secret.strip(), at=timezone.now()) if scheme.lower() == "bearer" else None
    if user is None or user.must_change_password:
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Refused(401, "unauthenticated", _("This token is unknown, expired or revoked."), headers=headers)
    return user


def _write(request: HttpRequest, view: Callable[..., Any], run: Callable[[], HttpResponse]) -> HttpResponse:
    key = request.headers.get(KEY_HEADER, "")
    if not key or request.method != "POST":
        return _whole(run)
    if not getattr(view, "takes_key", True):
        raise Refused(422, "invalid", _("This address takes no Idempotency-Key."))
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused(422, "invalid", _("The Idempotency-Key is too long or has characters that cannot be kept."))
    return _once(request, key, run)


def _once(request: HttpRequest, key: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    fresh: list[HttpResponse] = []

    def answer() -> idempotency.Answer:
        fresh.append(_whole(run))
        return idempotency.Answer(fresh[0].status_code, fresh[0].content)

    try:
        kept = idempotency.once(user=caller(request), key=key, digest=_digest(request), at=timezone.now(), run=answer)
    except idempotency.StillRunning as problem:
        raise Refused(409, "still_running", _("The first request with this key is still running.")) from problem
    except idempotency.OtherRequest as problem:
        raise Refused(422, "key_reused", _("This Idempotency-Key was used for another request.")) from problem
    if fresh:
        return fresh[0]
    return HttpResponse(kept.body, status=kept.status, content_type="application/json", headers={"Idempotent-Replayed": "true"})


def _whole(run: Callable[[], HttpResponse]) -> HttpResponse:
    """All of it or, when it is refused, nothing."""
    with transaction.atomic():
        response = run()
        if response.status_code >= 400:
            transaction.set_rollback(True)
    return response


def _digest(request: HttpRequest) -> str:
    """Of everything that says what is wanted."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    for name, value in sorted(request.POST.lists()):
        digest.update(f"{name}={value}\n".encode())
    for name in sorted(request.FILES):
        for file in cast("list[UploadedFile[Any]]", request.FILES.getlist(name)):
            digest.update(f"{name}={file.name}\n".encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()
