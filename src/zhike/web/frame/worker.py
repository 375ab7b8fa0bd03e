"""What keeps the product usable on a bad line: the service worker, and the page that it shows in the place of a lost one."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhike.web.middleware import public
from zhike.web.pages import page

SOURCE = Path(__file__).parents[1] / "static/js/worker.js"
FILES = ("vendor/tabler.css", "css/zhike.css", "js/theme.js", "js/lost.js", "icons/zhike.svg")  # of the page for a lost line


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """At the root, because a worker may only look after what is below its own address."""
    return HttpResponse(_script(settings.DEBUG), content_type="text/javascript; charset=utf-8")


@cache
def _script(debug: bool) -> str:
    """Its kept files are named by their content, so that a new release brings a new script, and that new files."""
    code = SOURCE.read_text(encoding="utf-8")
    files = [static(name) for name in FILES]
    version = hashlib.sha256("".join([code, *files]).encode()).hexdigest()[:12]
    told = {"page": reverse("lost"), "files": files, "version": f"zhike-{version}"}
    return f"const told = {json.dumps(told)};\n{code}"


@public
@require_safe
def lost(request: HttpRequest) -> HttpResponse:
    """No connection: in both languages, because it is fetched once, before anybody knows who will read it."""
    return page(request, "layout/lost.html")
