"""Rendering: one URL is one full page, and the same view gives a named part of it when asked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from zhike.web.jinja import templates
from zhike.web.layout import SAID, frame


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str | None = None, status: int = 200
) -> HttpResponse:
    """The template, or only its block `part`, if it has one. Context always has `request`, `user`, `csrf_token` and the `frame`."""
    jinja_template = templates().get_template(template)
    everything = {"request": request, "user": request.user, "csrf_token": get_token(request), **(context or {})}
    if part not in jinja_template.blocks:
        html = jinja_template.render(everything | {"frame": frame(request)})
    else:
        html = "".join(jinja_template.blocks[part](jinja_template.new_context(everything)))
    return HttpResponse(html, status=status, headers={"Vary": "X-Part"})


def wanted_part(request: HttpRequest) -> str | None:
    """The named part that the browser asks for: the header `X-Part`, which htmx elements send by `hx-headers`."""
    return request.headers.get("X-Part")


def say(request: HttpRequest, text: str, *, tone: str = "", url: str = "", label: str = "", posts: bool = False) -> None:
    """A line shown once, on the next full page: what was done, with a link beside it, or with a button (such as undo) that
    `posts` to that address. `tone="bad"` for a failure."""
    line = {"text": text, "tone": tone, "url": url, "label": label, "posts": posts}
    request.session[SAID] = [*request.session.get(SAID, []), line][-5:]
