"""Whale curve, grades, and what other cuts would give."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.core import settings_store
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.choices import Grade, GradeBasis, GradeMethod
from zhike.value.models import Run
from zhike.value.rules import GradeRules, restored
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.value.overview import in_order
from zhike.web.value.room import room, with_run


class CutsForm(forms.Form):
    """Shares in per cent, as people say them."""

    method = forms.ChoiceField(label=gettext_lazy("Grades are given"), choices=GradeMethod.choices)
    basis = forms.ChoiceField(label=gettext_lazy("For"), choices=GradeBasis.choices)
    key = forms.FloatField(label=gettext_lazy("Key: up to % of the contribution"), min_value=1, max_value=100)
    important = forms.FloatField(label=gettext_lazy("Important: up to %"), min_value=1, max_value=100)
    regular = forms.FloatField(label=gettext_lazy("Regular: up to %"), min_value=1, max_value=100)
    key_from = forms.FloatField(label=gettext_lazy("Key: from ¥"), min_value=0)
    important_from = forms.FloatField(label=gettext_lazy("Important: from ¥"), min_value=0)
    regular_from = forms.FloatField(label=gettext_lazy("Regular: from ¥"), min_value=0)
    grace_days = forms.IntegerField(label=gettext_lazy("Days a grade lasts after it was last earned"), min_value=0, max_value=1000)

    def rules(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "method": given["method"], "basis": given["basis"], "grace_days": given["grace_days"],
            "shares": tuple(given[name] / 100 for name in ("key", "important", "regular")),
            "thresholds": tuple(given[f"{name}_from"] for name in ("key", "important", "regular")),
        }  # fmt: skip


@require_http_methods(["GET", "POST"])
@with_run
def grades(request: HttpRequest, run: Run) -> HttpResponse:
    user = signed_in_person(request)
    if request.method == "POST":
        access.require(signed_in_person(request), Permission.VALUE_RUN)
    form = CutsForm(request.POST if request.method == "POST" else None, initial=_initial(settings_store.read(GradeRules)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_assumptions(actor=user, group=GradeRules, **form.rules())
        except ValidationError as wrong:
            form.add_error(None, [message for messages in wrong.message_dict.values() for message in messages])
        else:
            say(request, _("Saved. The next run goes by it."), url=reverse("value-runs"), label=_("Start a run"))
            return HttpResponseRedirect(reverse("value-grades"))
    curve = queries.whale(user, run)
    rules = restored(GradeRules, run.assumptions)
    context = {
        "form": form, "curve": curve, "rules": rules, "basis": GradeBasis(rules.basis).label,
        "grades": in_order(queries.breakdown(user, run, "grade"), "grade", Grade.values),
        "half": half_of(curve), "tops": [(share, at(curve, share)) for share in (1, 5, 10, 20, 50)],
        "what_if": _what_if(request, curve, int(queries.totals(user, run)["customers"])),
    }  # fmt: skip
    return room(request, "grades.html", context, run, 422 if form.errors else 200)


def at(curve: list[list[float]], per_cent: int) -> float | None:
    """Share of the contribution that the best so many per cent of the customers bring."""
    return curve[per_cent][1] if curve else None


def half_of(curve: list[list[float]]) -> float | None:
    """What the lower half of the customers brings."""
    return 1 - curve[50][1] if curve else None


def _initial(rules: GradeRules) -> dict[str, Any]:
    names = ("key", "important", "regular")
    shares = {name: round(share * 100, 4) for name, share in zip(names, rules.shares, strict=True)}
    thresholds = {f"{name}_from": value for name, value in zip(names, rules.thresholds, strict=True)}
    return {"method": rules.method, "basis": rules.basis, "grace_days": rules.grace_days} | shares | thresholds


def _what_if(request: HttpRequest, curve: list[list[float]], customers: int) -> list[dict[str, Any]]:
    """How many customers each grade would have with the shares in the address; read off the curve, so to the per cent."""
    ends = [_share(request.GET.get(name, ""), default) for name, default in (("k", 50.0), ("i", 80.0), ("r", 95.0))]
    if not curve or sorted(ends) != ends:
        return []
    places = [next((point[0] for point in curve if point[1] >= end / 100), 100.0) for end in ends]
    begins, stops = [0.0, *places], [*places, 100.0]
    return [
        {"grade": grade, "end": ends[k] if k < len(ends) else 100.0, "customers": round(customers * (stop - begin) / 100),
         "share": (stop - begin) / 100, "name": name}
        for k, (grade, begin, stop, name) in enumerate(zip(Grade.values, begins, stops, ("k", "i", "r", ""), strict=True))
    ]  # fmt: skip


def _share(text: str, default: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return default
    return value if 0 < value <= 100 else default
