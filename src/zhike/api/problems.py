"""Every refusal in one shape: `{"error", "message", "fields", "reference"}`, in the caller's language."""

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _, gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError as BadInput

from zhike.core import outages
from zhike.customers.actions import Conflict
from zhike.customers.imports.problems import FileProblem

log = logging.getLogger("zhike.api")
Fields = Mapping[str, list[str]]


class Refused(Exception):
    """A refusal that the interface itself speaks."""

    def __init__(
        self, status: int, error: str, message: str, *, fields: Fields | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message
        self.fields, self.headers = fields or {}, headers or {}


def problem(
    request: HttpRequest,
    status: int,
    error: str,
    message: str,
    fields: Fields | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    reference = secrets.token_hex(4)
    log.info("reference %s: %s %s gave %s %s", reference, request.method, request.path, status, error)
    body = {"error": error, "message": message, "fields": dict(fields or {}), "reference": reference}
    return JsonResponse(body, status=status, headers=dict(headers or {}))


def bad_field(field: str, message: str) -> Refused:
    return Refused(422, "invalid", message, fields={field: [message]})


def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any path that is no route."""
    return problem(request, 404, "not_found", _("There is no such address."))


nowhere.csrf_exempt = True  # type: ignore[attr-defined]

BAD_SIGNS = gettext_lazy("It contains characters that cannot be kept.")

# Our words for what pydantic found; the names are its error types.
MESSAGES = {
    "missing": gettext_lazy("Please fill this in."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters."),
    "string_type": gettext_lazy("This must be a text."),
    "bool_type": gettext_lazy("This must be true or false."),
    "bool_parsing": gettext_lazy("This must be true or false."),
    "int_type": gettext_lazy("This must be a whole number."),
    "int_parsing": gettext_lazy("This must be a whole number."),
    "int_from_float": gettext_lazy("This must be a whole number."),
    "decimal_type": gettext_lazy("This must be a number."),
    "decimal_parsing": gettext_lazy("This must be a number."),
    "decimal_max_digits": gettext_lazy("This number is too long."),
    "decimal_max_places": gettext_lazy("At most %(decimal_places)s decimal places."),
    "decimal_whole_digits": gettext_lazy("This number is too large."),
    "float_type": gettext_lazy("This must be a number."),
    "float_parsing": gettext_lazy("This must be a number."),
    "finite_number": gettext_lazy("This must be a number."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "greater_than": gettext_lazy("More than %(gt)s."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "less_than": gettext_lazy("Less than %(lt)s."),
    "enum": gettext_lazy("Choose one of: %(expected)s."),
    "literal_error": gettext_lazy("Choose one of: %(expected)s."),
    "date_from_datetime_parsing": gettext_lazy("This is no date; write it like 2026-03-08."),
    "date_parsing": gettext_lazy("This is no date; write it like 2026-03-08."),
    "date_type": gettext_lazy("This is no date; write it like 2026-03-08."),
    "datetime_parsing": gettext_lazy("This is no time; write it like 2026-03-08T09:30:00+08:00."),
    "datetime_from_date_parsing": gettext_lazy("This is no time; write it like 2026-03-08T09:30:00+08:00."),
    "datetime_type": gettext_lazy("This is no time; write it like 2026-03-08T09:30:00+08:00."),
    "list_type": gettext_lazy("This must be a list."),
    "too_long": gettext_lazy("At most %(max_length)s entries."),
    "too_short": gettext_lazy("At least %(min_length)s entries."),
    "dict_type": gettext_lazy("This must be an object."),
    "model_type": gettext_lazy("This must be an object."),
    "model_attributes_type": gettext_lazy("This must be an object."),
}


def _input_fields(problem: BadInput) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for error in problem.errors:
        place = [str(part) for part in error["loc"]]
        names = place[2:] if place[0] in ("body", "form") and len(place) > 2 else place[1:]
        fields.setdefault(".".join(names)[:200] or "body", []).append(_said(error))
    return fields


def _said(error: Mapping[str, Any]) -> str:
    text = str(MESSAGES.get(error["type"], "")) or _("This is not a valid value.")
    try:
        return str(text % error.get("ctx", {}))
    except KeyError:
        return text


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = error.message_dict if hasattr(error, "error_dict") else {}
    general = fields.pop("__all__", []) if fields else error.messages
    message = " ".join(general) or _("Some fields need another look.")
    return problem(request, 422, "invalid", message, fields)


def _bad_input(request: HttpRequest, error: BadInput) -> HttpResponse:
    return problem(request, 422, "invalid", _("Some fields need another look."), _input_fields(error))


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problem(request, error.status, error.error, error.message, error.fields, error.headers)


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refused):
        return refused(request, error.__cause__)
    if error.status_code == 400:
        return problem(request, 400, "unreadable", _("The body is not the JSON that this address expects."))
    return problem(request, error.status_code, "refused", error.message)


def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(request, 403, "forbidden", str(error) or _("You may not do this."))


def _missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(request, 404, "not_found", _("It does not exist, or you may not see it."))


def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(request, 413, "too_large", _("This request is too large."))


def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return problem(request, 400, "unreadable", _("This request cannot be understood"))


def _taken(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    log.warning("the database refused %s %s: %s", request.method, request.path, error.__class__.__name__)
    return problem(request, 409, "conflict", _("This clashes with something that was saved meanwhile. Read it again."))


def _stale(request: HttpRequest, error: Conflict) -> HttpResponse:
    return problem(request, 409, "conflict", str(error), {"version": [str(error.customer.version)]})


def _file(request: HttpRequest, error: FileProblem) -> HttpResponse:
    return problem(request, 422, "invalid", str(error), {"file": [str(error)]})


def _out_of_range(request: HttpRequest, error: DataError) -> HttpResponse:
    return problem(request, 422, "invalid", _("A value is out of range."))


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    if outages.is_disk_full(error):
        log.error("%s %s: the disk is full", request.method, request.path)
        return problem(request, 507, "disk_full", _("There is no room left on the disk. Nothing was changed."))
    if outages.is_database_away(error):
        log.exception("%s %s: the database does not answer", request.method, request.path, exc_info=error)
        message = _("The database does not answer at the moment. Try again in a minute.")
        return problem(request, 503, "unavailable", message, headers={"Retry-After": "10"})
    log.exception("%s %s broke", request.method, request.path, exc_info=error)
    return problem(request, 500, "broken", _("Something broke. Nothing was changed."))


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Refused: refused,
    Conflict: _stale,
    FileProblem: _file,
    ValidationError: _invalid,
    BadInput: _bad_input,
    HttpError: _http,
    PermissionDenied: _forbidden,
    ObjectDoesNotExist: _missing,
    Http404: _missing,
    RequestDataTooBig: _too_big,
    SuspiciousOperation: _suspicious,
    IntegrityError: _taken,
    DataError: _out_of_range,
    Exception: _broken,
}


def register(api: NinjaAPI) -> None:
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
