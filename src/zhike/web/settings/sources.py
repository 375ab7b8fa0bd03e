"""Sources with what they cost, all in one table that is edited row by row."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.customers import actions
from zhike.customers.models import Source
from zhike.teams.choices import Permission
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.room import room


class SourceForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    cost = forms.DecimalField(label=gettext_lazy("Spent on it"), min_value=0, max_digits=14, decimal_places=2, initial=Decimal(0))


class ChangedSourceForm(SourceForm):
    is_active = forms.BooleanField(label=gettext_lazy("Offered for new customers"), required=False)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def sources(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_source(actor=signed_in_person(request), **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-sources"))
    living = Count("customers", filter=Q(customers__deleted_at=None))
    listed = [
        (source, source.cost / source.living if source.living and source.cost else None)
        for source in Source.objects.annotate(living=living).order_by("-is_active", "name")
    ]
    return room(request, "sources.html", {"sources": listed, "form": form}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def source(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Source, pk=pk)
    form = ChangedSourceForm(request.POST or None, initial={"name": found.name, "cost": found.cost, "is_active": found.is_active})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_source(actor=signed_in_person(request), source=pk, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-sources"))
    return room(request, "source.html", {"source": found, "form": form}, 422 if form.errors else 200)
