"""The company and how people sign in."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.core import settings_store
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.queries import has_second_factor
from zhike.teams.rules import CompanyRules, SignInRules
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.settings.room import room


class CompanyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Company"), max_length=80)
    failures = forms.IntegerField(label=gettext_lazy("Wrong passwords in a row before a name is locked"), min_value=3, max_value=20)
    address_failures = forms.IntegerField(label=gettext_lazy("The same from one address"), min_value=10, max_value=1000)
    lock_minutes = forms.IntegerField(label=gettext_lazy("Minutes locked"), min_value=1, max_value=1440)
    idle_minutes = forms.IntegerField(label=gettext_lazy("Minutes without activity until sign-out"), min_value=15, max_value=10_080)
    session_days = forms.IntegerField(label=gettext_lazy("Days until everybody signs in again"), min_value=1, max_value=14)
    second_factor_required = forms.BooleanField(label=gettext_lazy("Everybody needs a second factor"), required=False)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def company(request: HttpRequest) -> HttpResponse:
    shown: dict[str, Any] = asdict(settings_store.read(CompanyRules)) | asdict(settings_store.read(SignInRules))
    form = CompanyForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        me = signed_in_person(request)
        if values["second_factor_required"] and not has_second_factor(me):
            form.add_error("second_factor_required", _("Set up your own first."))
        else:
            _save(request, values)
            return HttpResponseRedirect(reverse("settings-company"))
    return room(request, "company.html", {"form": form}, 422 if form.errors else 200)


def _save(request: HttpRequest, values: dict[str, Any]) -> None:
    me = signed_in_person(request)
    with transaction.atomic():
        actions.change_settings(actor=me, values=CompanyRules(name=values.pop("name")))
        actions.change_settings(actor=me, values=SignInRules(**values))
    say(request, _("Saved."))
