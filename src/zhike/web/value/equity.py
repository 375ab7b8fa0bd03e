"""Customer equity, and what it would be under other assumptions."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import Grade, RfmClass, RfmSegment, Stage
from zhike.value.models import Run
from zhike.value.rules import Assumptions, restored
from zhike.value.what_if import WhatIf, by_group
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run

GROUPINGS: dict[str, tuple[Any, Any]] = {  # what it is called, its groups
    "grade": (_("Grade"), Grade), "stage": (_("Stage"), Stage), "rfm_class": (_("RFM class"), RfmClass),
    "segment": (_("RFM segment"), RfmSegment),
}  # fmt: skip
LEVERS = (  # what could be had: code, words, and what of the assumptions it changes
    ("retention", _("5 % more of the business is left after a year"), {"retention": 0.05}),
    ("margin", _("5 % more margin"), {"margin": 0.05}),
    ("horizon", _("the same for half a year longer"), {"horizon_months": 6}),
    ("discount", _("money costs one point less a year"), {"discount_rate": -0.01}),
)


def _slider(low: float, high: float, step: float) -> forms.NumberInput:
    return forms.NumberInput(attrs={"min": low, "max": high, "step": step, "class": "num"})


class WhatIfForm(forms.Form):
    """In per cent and months; what is left out or wrong is as the run had it."""

    discount = forms.FloatField(label=_("Discount rate, % a year"), min_value=0, max_value=100, widget=_slider(0, 50, 0.5))
    retention = forms.FloatField(
        label=_("Retention, ± % a year"), min_value=-90, max_value=100, widget=_slider(-50, 50, 1),
        help_text=_("How much more or less of the expected business is left after a year."),
    )  # fmt: skip
    margin = forms.FloatField(label=_("Margin, ± %"), min_value=-100, max_value=300, widget=_slider(-50, 100, 1))
    horizon = forms.IntegerField(label=_("Horizon, months"), min_value=1, max_value=60, widget=_slider(3, 60, 3))


@require_GET
@with_run
def equity(request: HttpRequest, run: Run) -> HttpResponse:
    assumed = restored(Assumptions, run.assumptions)
    base = WhatIf(assumed.discount_rate, assumed.horizon_months)
    start = {"discount": round(base.discount_rate * 100, 3), "retention": 0, "margin": 0, "horizon": base.horizon_months}
    asked = {name: request.GET[name] for name in start if request.GET.get(name)}
    form = WhatIfForm(start | asked)
    wanted = _wanted(form, base)
    by = request.GET.get("by", "grade")
    by = by if by in GROUPINGS else "grade"
    rows = _rows(request, run, base, wanted, by)
    query = request.GET.copy()
    context = {
        "form": form, "rows": rows, "changed": wanted != base, "assumed": assumed, "spread_of": _sensitivity(request, run, base),
        "now": sum(row["now"] for row in rows), "then": sum(row["then"] for row in rows), "levers": _levers(request, run, base),
        "by": by, "by_label": str(GROUPINGS[by][0]), "labels": dict(GROUPINGS[by][1].choices),
        "groupings": [(str(label), f"?{_with(query, by=name)}", name == by) for name, (label, _kind) in GROUPINGS.items()],
    }  # fmt: skip
    return room(request, "equity.html", context, run, 422 if form.errors else 200)


def _with(query: QueryDict, **more: str) -> str:
    for name, value in more.items():
        query[name] = value
    return query.urlencode()


def _levers(request: HttpRequest, run: Run, base: WhatIf) -> list[dict[str, Any]]:
    """What each lever alone would bring, the strongest first."""
    user = signed_in_person(request)
    curves = queries.curves(user, run)
    exact = {row["grade"]: float(row["clv"]) for row in queries.breakdown(user, run, "grade")}
    found = []
    for code, words, change in LEVERS:
        wanted = replace(base, **{name: getattr(base, name) + by for name, by in change.items()})
        gains = {group: then - now for group, (now, then) in by_group(curves, base, exact, wanted).items()}
        if gains:
            most = max(gains, key=lambda group: gains[group])
            found.append({"code": code, "words": words, "gain": sum(gains.values()), "most": most, "of_most": gains[most]})
    return sorted(found, key=lambda one: -one["gain"])


def _wanted(form: WhatIfForm, base: WhatIf) -> WhatIf:
    if not form.is_valid():
        return base
    given = form.cleaned_data
    return WhatIf(given["discount"] / 100, given["horizon"], given["retention"] / 100, given["margin"] / 100)


def _rows(request: HttpRequest, run: Run, base: WhatIf, wanted: WhatIf, by: str) -> list[dict[str, Any]]:
    user = signed_in_person(request)
    known = {row[by]: row for row in queries.breakdown(user, run, by) if row[by]}
    exact = {group: float(row["clv"]) for group, row in known.items()}
    curves, by_grade = queries.curves(user, run, by), queries.curves(user, run)
    if not by_grade:
        return []
    whole = [sum(quarter) for quarter in zip(*by_grade.values(), strict=True)]  # an older run knows curves by grade only
    values = by_group({group: curves.get(group) or whole for group in exact}, base, exact, wanted)
    return [
        {"group": group, "now": values[group][0], "then": values[group][1], "customers": known[group]["customers"]}
        for group in GROUPINGS[by][1].values
        if group in values
    ]


def _sensitivity(request: HttpRequest, run: Run, base: WhatIf) -> dict[str, Any]:
    """Equity by retention (rows) and discount rate (columns)."""
    user = signed_in_person(request)
    curves = queries.curves(user, run)
    exact = {row["grade"]: float(row["clv"]) for row in queries.breakdown(user, run, "grade")}
    discounts, retentions = (0.05, 0.08, 0.1, 0.12, 0.15, 0.2), (-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2)

    def total(retention: float, discount: float) -> float:
        wanted = WhatIf(discount, base.horizon_months, retention)
        return sum(then for _now, then in by_group(curves, base, exact, wanted).values())

    table = [(retention, [total(retention, discount) for discount in discounts]) for retention in retentions]
    return {"discounts": discounts, "table": table if curves else []}
