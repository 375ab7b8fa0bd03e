"""The page that lets people read and try the API. Its scripts and styles are our own files, and none stands in the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from zhike.api.door import identify
from zhike.api.problems import Refused, refused


class DocsPage(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **_path: Any) -> HttpResponse:
        settings = {"url": reverse("api:openapi-json"), "layout": "BaseLayout", "deepLinking": True, "docExpansion": "none"}
        return HttpResponse(render_to_string("api/docs.html", {"settings": settings, "title": api.title}, request, using="jinja2"))


def for_insiders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the API can do is for people who signed in. A browser is led to the door, a program is told."""

    @wraps(view)
    def guarded(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            identify(request)
        except Refused as problem:
            if "text/html" in request.headers.get("Accept", ""):
                return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': request.get_full_path()})}")
            return refused(request, problem)
        return view(request, **path)

    return guarded
