"""The gallery of components, for those who build screens: what there is, how it looks in both themes, how it is called."""

import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhike.web.pages import page


class SampleForm(forms.Form):
    name = forms.CharField(label=_("Name"), help_text=_("As it stands on the card"))
    phone = forms.CharField(label=_("Phone"), required=False)
    grade = forms.ChoiceField(label=_("Grade"), choices=[("key", _("key")), ("important", _("important"))], required=False)
    birthday = forms.DateField(label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    quiet = forms.BooleanField(label=_("Do not disturb"), required=False)


def design(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    dates = [now, now - datetime.timedelta(days=1), now - datetime.timedelta(days=40), now + datetime.timedelta(days=3)]
    form = SampleForm({"name": "", "phone": "138 0013 8000"}, auto_id="sample_%s")
    return page(request, "design/design.html", {"form": form, "dates": dates})


def chart(request: HttpRequest) -> JsonResponse:
    months = [f"2026-{month:02}" for month in range(1, 11)]
    new, old = [42, 51, 38, 60, 72, 65, 80, 77, 90, 88], [120, 118, 131, 140, 136, 150, 149, 161, 158, 170]
    return JsonResponse({
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": months},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [
                {"type": "bar", "name": str(_("New customers")), "data": new, "stack": "all"},
                {"type": "bar", "name": str(_("Repeat customers")), "data": old, "stack": "all"},
            ],
        },
        "table": {
            "columns": [str(_("Month")), str(_("New customers")), str(_("Repeat customers"))],
            "rows": [list(row) for row in zip(months, new, old, strict=True)],
        },
    })  # fmt: skip
