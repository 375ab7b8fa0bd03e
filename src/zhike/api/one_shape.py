"""Refusals that never reach a view of ours (a wrong method, a door closed before the API) in the API's own shape."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.api.problems import problem

Handler = Callable[[HttpRequest], HttpResponse]
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class OneShape:
    """Around all that may refuse: see `settings.MIDDLEWARE`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_ours = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_ours or not request.path.startswith("/api/"):
            return response
        headers = {name: response.headers[name] for name in KEPT if name in response.headers}
        return problem(request, response.status_code, *_said(response.status_code), headers=headers)


def _said(status: int) -> tuple[str, str]:
    if status == 405:
        return "method_not_allowed", _("This address does not know that method.")
    if status == 403:
        return "forbidden", _("You may not do this. Sign in on the screens first, if something is asked of you there.")
    if status == 404:
        return "not_found", _("There is no such address.")
    if status < 500:
        return "unreadable", _("This request cannot be understood")
    return "broken", _("Something broke. Nothing was changed.")
