"""Runs: start, watch, cancel, look back, compare."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.choices import RunState, Step
from zhike.value.models import Run
from zhike.value.rules import told_parameters
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.ended import problem_in_words
from zhike.web.value.room import room

SHOWN = 30


class RunForm(forms.Form):
    as_of = forms.DateField(label=gettext_lazy("As of"), widget=forms.DateInput(attrs={"type": "date"}))


@require_http_methods(["GET", "POST"])
@needs(Permission.VALUE_VIEW)
def runs(request: HttpRequest) -> HttpResponse:
    today, last_on = timezone.localdate(), queries.last_order_on()
    suggested = queries.suggested_as_of(today)
    if request.method == "POST":
        access.require(signed_in_person(request), Permission.VALUE_RUN)
    form = RunForm(request.POST if request.method == "POST" else None, initial={"as_of": suggested.isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            queries.expect_past(form.cleaned_data["as_of"], today)
            run = actions.request_run(actor=signed_in_person(request), as_of=form.cleaned_data["as_of"])
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        else:
            return HttpResponseRedirect(reverse("value-run", args=[run.pk]))
    context = {
        "form": form, "history": Run.objects.select_related("started_by").defer("report", "models_fitted", "assumptions")[:SHOWN],
        "last_on": last_on, "old": last_on is not None and suggested != today, "under_way": queries.under_way(),
    }  # fmt: skip
    return room(request, "runs.html", context, queries.current_run(), 422 if form.errors else 200)


@require_GET
@needs(Permission.VALUE_VIEW)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Run.objects.select_related("started_by"), pk=pk)
    longest = max(found.seconds.values(), default=0) or 1
    steps = [
        (Step(code).label, found.seconds[code], found.seconds[code] / longest) for code in Step.values if code in found.seconds
    ]
    context = {
        "shown": found, "steps": steps, "total": sum(found.seconds.values()), "problem": problem_in_words(found.problem),
        "busy": found.state in (RunState.WAITING, RunState.RUNNING), "step": Step(found.step).label if found.step else "",
        "facts": found.report.get("facts"),
    }  # fmt: skip
    return room(request, "run.html", context, queries.current_run())


@require_POST
@needs(Permission.VALUE_RUN)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.request_cancel(actor=signed_in_person(request), run_id=get_object_or_404(Run, pk=pk).pk)
    except ValidationError as wrong:
        say(request, " ".join(wrong.messages), tone="bad")
    else:
        say(request, _("The run stops. The scores stay as they were."))
    return HttpResponseRedirect(reverse("value-run", args=[pk]))


@require_GET
@needs(Permission.VALUE_VIEW)
def compare(request: HttpRequest) -> HttpResponse:
    done = list(Run.objects.filter(state=RunState.DONE)[:SHOWN])
    chosen = [_chosen(done, request.GET.get(name, ""), place) for name, place in (("a", 1), ("b", 0))]
    first, second = chosen
    context = {
        "done": [(one.pk, f"#{one.pk} · {one.as_of}") for one in done], "first": first, "second": second,
        "lines": _lines(first, second) if first and second else [],
    }  # fmt: skip
    return room(request, "compare.html", context, queries.current_run())


def _chosen(done: list[Run], text: str, place: int) -> Run | None:
    known = {str(one.pk): one for one in done}
    return known.get(text) or (done[place] if len(done) > place else None)


def _lines(first: Run, second: Run) -> list[tuple[str, float | None, float | None]]:
    """What to lay side by side: label, value in the first, in the second."""

    def both(label: str, find: Any) -> tuple[str, float | None, float | None]:
        return label, find(first), find(second)

    def parameter(model: str, name: str) -> Any:
        return lambda run: told_parameters(run.models_fitted.get(model, {})).get(name)

    def of_grade(code: str) -> Any:
        return lambda run: run.report.get("grades", {}).get(code)

    from zhike.value.choices import Grade

    return [
        both(_("Customers"), lambda run: run.customers),
        both(_("Orders"), lambda run: run.orders),
        both(_("Customer equity, ¥"), lambda run: None if run.customer_equity is None else float(run.customer_equity)),
        *(both(str(label), of_grade(code)) for code, label in Grade.choices),
        *(both(f"BG/NBD {name}", parameter("bgnbd", name)) for name in ("r", "alpha", "a", "b")),
        *(both(f"Gamma-Gamma {name}", parameter("gamma_gamma", name)) for name in ("p", "q", "v")),
        both(_("Seconds"), lambda run: sum(run.seconds.values())),
    ]
