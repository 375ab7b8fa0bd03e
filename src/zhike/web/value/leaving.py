"""Leaving: the value at risk, and whom to keep first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from zhike.teams.models import User
from zhike.value import queries
from zhike.value.analyses.leaving import KIND
from zhike.value.choices import Stage
from zhike.value.models import Analysis, Run
from zhike.value.rules import StageRules, restored
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run

SHOWN = 50


@require_GET
@with_run
def leaving(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    found = queries.value_at_risk(user, run)
    rows: list[dict[str, Any]] = [{"stage": code, **found[code]} for code in Stage.values if code in found]
    learned = queries.current_analyses(user).get("leaving")
    people = list(queries.leaving(user, run, learned)[:SHOWN])
    said = _said(user, learned, [score.customer_id for score in people])
    context = {
        "stages": rows, "risk": sum(row["risk"] for row in rows), "value": sum(row["value"] for row in rows), "learned": learned,
        "people": people, "said": said, "alarm": restored(StageRules, run.assumptions).alarm_probability,
        "winback": queries.whom_to_win_back(user),
    }  # fmt: skip
    return room(request, "leaving.html", context, run)


def _said(user: User, learned: Analysis | None, customers: list[int]) -> dict[int, tuple[float | None, str]]:
    """What the learned model says of these customers: chance and sentence."""
    if learned is None:
        return {}
    rows = queries.findings(user, learned).filter(customer_id__in=customers)
    return {row.customer_id: (row.value, KIND.sentence(row, learned.report)) for row in rows}
