"""A form that is sent twice is done once: a double click, the page gone back to, its answer loaded again.

The token in a form is masked anew whenever the form is drawn. So the same token with the same words is the same form again; who
means it twice has a fresh form before them, or has changed something.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from zhike.core import idempotency
from zhike.web.people import signed_in_person

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of the field
NOT_KEPT = 422
View = Callable[..., HttpResponse]


def once(view: View) -> View:
    """For views that make something and then lead on. The second of two at the same time waits, and is led to the same place."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.POST.get(TOKEN):
            return view(request, *args, **kwargs)
        fresh: list[HttpResponse] = []

        def answer() -> idempotency.Answer:
            response = view(request, *args, **kwargs)
            fresh.append(response)
            if not isinstance(response, HttpResponseRedirect):  # asked again: nothing was done
                transaction.set_rollback(True)
                return idempotency.Answer(NOT_KEPT, b"")
            return idempotency.Answer(response.status_code, response.url.encode())

        digest = _digest(request)
        kept = idempotency.once(
            user=signed_in_person(request), key=f"form:{digest}", digest=digest, at=timezone.now(), run=answer, wait=True
        )
        return fresh[0] if fresh else HttpResponseRedirect(kept.body.decode())

    return guarded


def _digest(request: HttpRequest) -> str:
    said = [request.get_full_path(), *(f"{name}={value}" for name, value in sorted(request.POST.lists()))]
    said += [f"{name}={file.name}:{file.size}" for name in sorted(request.FILES) for file in request.FILES.getlist(name)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
