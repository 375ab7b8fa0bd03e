"""Stages, how customers moved between them, and valued customers who are turning down."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import Stage
from zhike.value.models import Run
from zhike.value.rules import StageRules, restored
from zhike.web.people import signed_in_person
from zhike.web.value.overview import in_order
from zhike.web.value.room import room, with_run

SHOWN = 50


@require_GET
@with_run
def lifecycle(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    movement = queries.movement(user, run)
    context = {
        "stages": in_order(queries.breakdown(user, run, "stage"), "stage", Stage.values),
        "turning": queries.turning_down(user, run)[:SHOWN], "rules": restored(StageRules, run.assumptions),
        "matrix": _matrix(movement, run), "since": datetime.date.fromisoformat(movement["since"]) if movement else None,
        "typical": run.models_fitted["typical_rhythm"],
    }  # fmt: skip
    return room(request, "lifecycle.html", context, run)


def _matrix(movement: dict[str, Any] | None, run: Run) -> list[dict[str, Any]]:
    """Rows: stage before (first those who were not there), cells: stage after with its share of the row."""
    if movement is None:
        return []
    stays = _stays(movement, run)
    rows = []
    for before in ["", *Stage.values]:
        line = movement["stage"].get(before, {})
        total = sum(line.values())
        cells = [
            {"count": line.get(after, 0), "share": line.get(after, 0) / total if total else 0.0, "same": before == after}
            for after in Stage.values
        ]
        rows.append(
            {
                "code": before,
                "label": Stage(before).label if before else _("new"),
                "total": total,
                "cells": cells,
                "stay": stays.get(before),
            }
        )
    return rows


def _stays(movement: dict[str, Any], run: Run) -> dict[str, float | None]:
    """Expected days in each stage if customers go on moving as they did since the run before."""
    period = (run.as_of - datetime.date.fromisoformat(movement["since"])).days
    found: dict[str, float | None] = {}
    for code in Stage.values:
        line = movement["stage"].get(code, {})
        leaving = 1 - line.get(code, 0) / sum(line.values()) if line else 0.0
        found[code] = period / leaving if leaving > 0 and period else None
    return found
