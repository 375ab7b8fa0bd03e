"""Customer equity, and what it would be under other assumptions."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhike.value import queries
from zhike.value.choices import Grade
from zhike.value.models import Run
from zhike.value.rules import Assumptions, restored
from zhike.value.what_if import WhatIf, by_group
from zhike.web.people import signed_in_person
from zhike.web.value.room import room, with_run


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
    rows = _rows(request, run, base, wanted)
    context = {
        "form": form, "rows": rows, "changed": wanted != base, "assumed": assumed, "spread_of": _sensitivity(request, run, base),
        "now": sum(row["now"] for row in rows), "then": sum(row["then"] for row in rows),
    }  # fmt: skip
    return room(request, "equity.html", context, run, 422 if form.errors else 200)


def _wanted(form: WhatIfForm, base: WhatIf) -> WhatIf:
    if not form.is_valid():
        return base
    given = form.cleaned_data
    return WhatIf(given["discount"] / 100, given["horizon"], given["retention"] / 100, given["margin"] / 100)


def _rows(request: HttpRequest, run: Run, base: WhatIf, wanted: WhatIf) -> list[dict[str, Any]]:
    user = signed_in_person(request)
    known = {row["grade"]: row for row in queries.breakdown(user, run, "grade")}
    exact = {grade: float(row["clv"]) for grade, row in known.items()}
    values = by_group(queries.curves(user, run), base, exact, wanted)
    return [
        {"grade": grade, "now": values[grade][0], "then": values[grade][1], "customers": known.get(grade, {}).get("customers", 0)}
        for grade in Grade.values
        if grade in values
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
