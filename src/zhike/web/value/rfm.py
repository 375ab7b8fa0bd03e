"""Recency, frequency, money: the grid, the eight classes, the finer segments."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import RfmClass, RfmMethod, RfmSegment
from zhike.value.models import Run
from zhike.value.rules import NEVER, RfmRules, restored
from zhike.web import formats
from zhike.web.people import signed_in_person
from zhike.web.value.charts import came_and_went
from zhike.web.value.overview import in_order
from zhike.web.value.room import room, with_run

MEASURES = {"customers": gettext_lazy("Customers"), "revenue": gettext_lazy("Revenue"), "clv": gettext_lazy("Lifetime value")}
TREATMENTS = {
    RfmClass.IMPORTANT_VALUE: gettext_lazy("Keep close: the best service, first to know what is new."),
    RfmClass.IMPORTANT_DEVELOP: gettext_lazy("Bring back sooner: reasons to come again, a second product."),
    RfmClass.IMPORTANT_KEEP: gettext_lazy("Call now: they bought much and often, and went quiet."),
    RfmClass.IMPORTANT_RETAIN: gettext_lazy("Win back in person, with what they bought in mind."),
    RfmClass.GENERAL_VALUE: gettext_lazy("Raise the basket: bundles, the next price step."),
    RfmClass.GENERAL_DEVELOP: gettext_lazy("Make a good second purchase easy."),
    RfmClass.GENERAL_KEEP: gettext_lazy("Remind at low cost."),
    RfmClass.GENERAL_RETAIN: gettext_lazy("Let go, or reach by mass channels only."),
}


@require_GET
@with_run
def rfm(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    measure = request.GET.get("by", "customers")
    measure = measure if measure in MEASURES else "customers"
    rules = restored(RfmRules, run.assumptions)
    cells = {(row["r_score"], row["f_score"]): row for row in queries.breakdown(user, run, "grid") if row["r_score"]}
    movement = queries.movement(user, run)
    context = {
        "measure": measure,
        "measures": [(str(label), f"?by={code}", code == measure) for code, label in MEASURES.items()],
        "grid": [[_cell(cells, r, f, measure) for f in range(1, 6)] for r in range(5, 0, -1)],
        "classes": _classes(in_order(queries.breakdown(user, run, "rfm_class"), "rfm_class", RfmClass.values), movement),
        "segments": in_order(queries.breakdown(user, run, "segment"), "segment", RfmSegment.values),
        "labels": dict(RfmClass.choices), "segment_labels": dict(RfmSegment.choices), "treatments": TREATMENTS,
        "cuts": run.models_fitted["rfm"], "fives": list(_fives(run.models_fitted["rfm"])), "movement": movement,
        "method": RfmMethod(rules.method).label, "window": rules.window_days,
    }  # fmt: skip
    return room(request, "rfm.html", context, run)


def _fives(cuts: dict[str, Any]) -> Iterator[str]:
    """What the highest scores mean, of those that anybody has."""
    recency, frequency, monetary = map(float, (cuts["recency"][0], cuts["frequency"][-1], cuts["monetary"][-1]))
    if abs(recency) < NEVER:
        yield _("Recency 5 means at most %(days)s days without a purchase.") % {"days": formats.number(recency)}
    if abs(frequency) < NEVER:
        yield _("Frequency 5 means at least %(days)s purchase days.") % {"days": formats.number(frequency)}
    if abs(monetary) < NEVER:
        yield _("Money 5 means at least %(amount)s.") % {"amount": formats.money(monetary)}


def _cell(cells: dict[tuple[int, int], dict[str, Any]], r: int, f: int, measure: str) -> dict[str, Any]:
    most = max((float(row[measure]) for row in cells.values()), default=0.0)
    row = cells.get((r, f))
    value = float(row[measure]) if row else 0.0
    return {"r": r, "f": f, "value": value, "customers": row["customers"] if row else 0, "depth": _depth(value, most)}


def _depth(value: float, most: float) -> int:
    """0 to 5: how dark a cell is; by the square root, so that small ones differ too."""
    return 0 if value <= 0 or most <= 0 else max(1, round(5 * (value / most) ** 0.5))


def _classes(rows: list[dict[str, Any]], movement: dict[str, Any] | None) -> list[dict[str, Any]]:
    matrix = (movement or {}).get("rfm_class", {})
    for row in rows:
        code = row["rfm_class"]
        row["came"], row["went"] = came_and_went(matrix, code)
    return rows
