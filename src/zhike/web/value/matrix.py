"""What customers cost, bring now and will bring: eight cells, their treatment, and what was decided."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhike.customers.choices import InteractionKind
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.choices import Treatment
from zhike.value.models import Run
from zhike.value.rules import CostRules, restored
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.grades import half_of
from zhike.web.value.overview import in_order
from zhike.web.value.room import room, with_run

MEANT = {
    Treatment.KEEP: gettext_lazy("Cheap, bring much and will: the best service, no experiments."),
    Treatment.INVEST: gettext_lazy("Worth their cost: grow with them, find what makes them dear."),
    Treatment.HARVEST: gettext_lazy("Bring much now, little to come: serve well, promise nothing new."),
    Treatment.ECONOMISE: gettext_lazy("Bring much now at a high cost and little to come: same service by cheaper ways."),
    Treatment.DEVELOP: gettext_lazy("Little now, much to come, cheap: the second purchase, the next product."),
    Treatment.WATCH: gettext_lazy("Little now, much to come, dear: step by step, look again in three months."),
    Treatment.AUTOMATE: gettext_lazy("Little of everything: self-service and mass channels."),
    Treatment.LET_GO: gettext_lazy("A high cost, little now and little to come: stop what is spent beyond the ordinary."),
}
# rows: present and future profit (high, low); columns: low and high cost
LAYOUT = (
    (Treatment.KEEP, Treatment.INVEST), (Treatment.HARVEST, Treatment.ECONOMISE),
    (Treatment.DEVELOP, Treatment.WATCH), (Treatment.AUTOMATE, Treatment.LET_GO),
)  # fmt: skip


def row_names() -> list[str]:
    return [
        _("present high, future high"), _("present high, future low"), _("present low, future high"), _("present low, future low"),
    ]  # fmt: skip


@require_GET
@with_run
def matrix(request: HttpRequest, run: Run) -> HttpResponse:
    return _shown(request, run, {}, 200)


@require_POST
@needs(Permission.VALUE_RUN)
def decide(request: HttpRequest) -> HttpResponse:
    run = queries.current_run()
    if run is None:
        return HttpResponseRedirect(reverse("value"))
    text = request.POST.get("text", "")
    try:
        actions.record_decision(actor=signed_in_person(request), text=text)
    except ValidationError as wrong:
        return _shown(request, run, {"decision_error": " ".join(wrong.messages)}, 422)
    say(request, _("Written down."))
    return HttpResponseRedirect(reverse("value-matrix") + "#decisions")


def _shown(request: HttpRequest, run: Run, more: dict[str, Any], status: int) -> HttpResponse:
    user = signed_in_person(request)
    rows = in_order(queries.breakdown(user, run, "treatment"), "treatment", Treatment.values)
    known = {row["treatment"]: row for row in rows}
    curve = queries.whale(user, run)
    context = {
        "rows": rows if any(row["customers"] for row in rows) else [], "labels": dict(Treatment.choices), "meant": MEANT,
        "grid": [(name, [known[cell] for cell in cells]) for name, cells in zip(row_names(), LAYOUT, strict=True)],
        "cuts": run.models_fitted.get("matrix"), "prices": _prices(restored(CostRules, run.assumptions)), "half": half_of(curve),
        "decisions": queries.decisions(), "decision_error": None, "old": "treatment" not in run.report.get("breakdowns", {}),
    }  # fmt: skip
    return room(request, "matrix.html", context | more, run, status)


def _prices(rules: CostRules) -> list[tuple[str, float]]:
    words = {"winning": _("winning a new customer"), "order": _("an order"), "giving_back": _("a return")}
    words |= {code: str(label) for code, label in InteractionKind.choices}
    return [(words[name], price) for name, price in asdict(rules).items()]
