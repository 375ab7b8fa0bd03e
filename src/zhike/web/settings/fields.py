"""The information model: which fields there are, what they are for, and whether they are filled."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.customers import actions
from zhike.customers.models import FieldDefinition
from zhike.customers.queries.model import FieldFigures, field_figures
from zhike.teams.choices import Permission
from zhike.web.accounts.beginnings import industries
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.field_forms import USES, FieldForm, NewFieldForm, TemplateForm
from zhike.web.settings.room import room

KEPT: dict[str, tuple[object, Callable[[FieldFigures], bool]]] = {
    "": (gettext_lazy("All"), lambda one: True),
    "direct": (gettext_lazy("Used in front of the customer"), lambda one: one.is_direct),
    "value": (gettext_lazy("Produce value"), lambda one: one.produces_value),
    "nothing": (gettext_lazy("Used by nothing"), lambda one: one.is_used_by_nothing),
    "empty": (gettext_lazy("Needed and mostly empty"), lambda one: one.is_needed_and_empty),
}


@require_GET
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def fields(request: HttpRequest) -> HttpResponse:
    figures = field_figures()
    shown = request.GET.get("show", "")
    keep = KEPT.get(shown, KEPT[""])[1]
    counts = [(code, label, sum(test(one) for one in figures)) for code, (label, test) in KEPT.items()]
    context = {
        "uses": dict(USES), "figures": [one for one in figures if keep(one)], "counts": counts, "shown": shown,
        "retired": FieldDefinition.objects.filter(is_active=False), "template": TemplateForm(offered=industries()),
    }  # fmt: skip
    return room(request, "fields.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def field_new(request: HttpRequest) -> HttpResponse:
    form = NewFieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_field(actor=signed_in_person(request), **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-fields"))
    return room(request, "field.html", {"form": form, "field": None}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def field(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(FieldDefinition, pk=pk)
    form = FieldForm(request.POST or None, field=found, initial=model_to_dict(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_field(actor=signed_in_person(request), field=pk, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-fields"))
    return room(request, "field.html", {"form": form, "field": found}, 422 if form.errors else 200)


@require_POST
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def field_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a field out of use, or (`active`) back into it."""
    get_object_or_404(FieldDefinition, pk=pk)
    try:
        actions.retire_field(actor=signed_in_person(request), field=pk, active="active" in request.POST)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    return HttpResponseRedirect(reverse("settings-fields"))


@require_POST
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def field_template(request: HttpRequest) -> HttpResponse:
    try:
        added = actions.apply_template(actor=signed_in_person(request), template=request.POST.get("template", ""))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        say(request, ngettext("%(n)d field added.", "%(n)d fields added.", added) % {"n": added})
    return HttpResponseRedirect(reverse("settings-fields"))
