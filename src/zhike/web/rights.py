"""The right that a page needs, written on its view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.web.people import signed_in_person

View = Callable[..., HttpResponseBase]


def needs(permission: Permission, *, everywhere: bool = False) -> Callable[[View], View]:
    """Refuses with 403 before the view does anything. The action behind it asks again."""
    check = access.require_everywhere if everywhere else access.require

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            check(signed_in_person(request), permission)
            return view(request, *args, **kwargs)

        return guarded

    return guard
