"""What the customers are worth, at a glance."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import Grade, Stage
from zhike.value.models import Run
from zhike.web import formats
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run


@require_GET
@with_run
def overview(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    context = {
        "totals": queries.totals(user, run),
        "grades": in_order(queries.breakdown(user, run, "grade"), "grade", Grade.values),
        "stages": in_order(queries.breakdown(user, run, "stage"), "stage", Stage.values),
        "moved": _moved(queries.movement(user, run)),
        "alarms": [_said(alarm) for alarm in run.report.get("alarms", [])] if queries.sees_all(user) else [],
        "rescored": run.report["facts"].get("rescored", 0),
    }
    return room(request, "overview.html", context, run)


def in_order(rows: list[dict[str, Any]], name: str, codes: list[str]) -> list[dict[str, Any]]:
    """One row for each code, also for those that nobody has, with shares of the whole."""
    known = {row[name]: row for row in rows}
    empty = {
        "customers": 0,
        "orders": 0,
        "revenue": 0.0,
        "margin": 0.0,
        "clv": 0.0,
        "expected_orders": 0.0,
        "cost": 0.0,
        "profit": 0.0,
    }
    found = [{name: code, **known.get(code, empty)} for code in codes]
    for measure in ("customers", "revenue", "margin", "clv", "cost", "profit"):
        total = sum(float(row.get(measure, 0)) for row in rows)
        for row in found:
            row[f"{measure}_share"] = float(row.get(measure, 0)) / total if total > 0 else 0.0
    if not any(row.get("clv") for row in rows):  # nobody has one: not known, which is not nothing
        found = [row | {"clv": None, "clv_share": None} for row in found]
    return found


def _moved(movement: dict[str, Any] | None) -> dict[str, Any] | None:
    """How many rose and fell in grade, came, left, and began to decline."""
    if movement is None:
        return None
    order = Grade.values
    pairs = [(a, b, n) for a, line in movement["grade"].items() for b, n in line.items() if a and b]
    return {
        "since": movement["since"],
        "up": sum(n for a, b, n in pairs if order.index(b) < order.index(a)),
        "down": sum(n for a, b, n in pairs if order.index(b) > order.index(a)),
        "new": sum(movement["grade"].get("", {}).values()),
        "left": movement["left"],
        "declining": sum(line.get(Stage.DECLINING, 0) for before, line in movement["stage"].items() if before != Stage.DECLINING),
    }


def _said(alarm: dict[str, Any]) -> str:
    before, now = alarm["before"], alarm["now"]
    if alarm["code"] == "parameter":
        return _("The model's parameter %(name)s moved from %(before)s to %(now)s.") % {
            "name": alarm["name"], "before": f"{before:.4g}", "now": f"{now:.4g}",
        }  # fmt: skip
    if alarm["code"] == "equity":
        return _("Customer equity moved from %(before)s to %(now)s.") % {
            "before": formats.money_short(before), "now": formats.money_short(now),
        }  # fmt: skip
    label = dict([*Grade.choices, *Stage.choices])[alarm["name"]]
    return _("The share of “%(name)s” moved from %(before)s to %(now)s.") % {
        "name": label, "before": formats.percent(before, 1), "now": formats.percent(now, 1),
    }  # fmt: skip
