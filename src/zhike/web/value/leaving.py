"""Leaving: the value at risk, and whom to keep first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import Stage
from zhike.value.models import Run
from zhike.value.rules import StageRules, restored
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run


@require_GET
@with_run
def leaving(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    found = queries.value_at_risk(user, run)
    rows: list[dict[str, Any]] = [{"stage": code, **found[code]} for code in Stage.values if code in found]
    context = {
        "stages": rows, "risk": sum(row["risk"] for row in rows), "value": sum(row["value"] for row in rows),
        "people": queries.leaving(user, run), "alarm": restored(StageRules, run.assumptions).alarm_probability,
    }  # fmt: skip
    return room(request, "leaving.html", context, run)
