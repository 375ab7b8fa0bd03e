"""Pages for what went wrong: what, where, what next, with a reference that the log also has."""

import logging
import secrets
import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.core import outages
from zhike.web.pages import page

log = logging.getLogger("zhike.errors")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403, _("This form has expired"), _("Go back, reload the page and send the form again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 404, _("Not found"), _("It does not exist, or you may not see it."))


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 403, _("Not allowed"), str(exception) or _("You may not do this."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 400, _("This request cannot be understood"), _("Go back and try again."))


def broken(request: HttpRequest) -> HttpResponse:
    problem = sys.exc_info()[1]
    if outages.is_disk_full(problem):
        return _error(
            request, 507, _("The disk is full"), _("Nothing was changed. Somebody must make room on the server; then try again.")
        )
    if outages.is_database_away(problem):
        return _error(request, 503, _("The database does not answer"), _("Nothing was changed. Go back and try again in a minute."))
    return _error(
        request, 500, _("Something broke"), _("Nothing was changed. Try again; if it stays, tell your administrator the reference.")
    )


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    reference = secrets.token_hex(4)
    log.warning("reference %s: %s %s gave %s", reference, request.method, request.path, status)
    try:
        return page(request, "error.html", {"title": title, "text": text, "status": status, "reference": reference}, status=status)
    except DatabaseError:  # the page around it also asks the database
        text = f"{title}\n{text}\n{_('Reference')} {reference}"
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
