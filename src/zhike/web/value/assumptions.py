"""What the runs go by: margin and discount, prices of contacts, RFM cuts, rules of the stages. Each group is a form of its own."""

from dataclasses import fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.core import settings_store
from zhike.customers.choices import InteractionKind
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.choices import RfmMethod, Stage
from zhike.value.rules import Assumptions, CostRules, CreditRules, RfmRules, StageRules
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.room import room

PERCENTS = {"default_margin", "discount_rate", "lost_alive", "declining_alive", "declining_trend", "alarm_probability"}
CUTS = ("recency_cuts", "frequency_cuts", "monetary_cuts", "terms")


class AssumptionsForm(forms.Form):
    default_margin = forms.FloatField(
        label=gettext_lazy("Margin where the cost is unknown, % of the amount"), min_value=0, max_value=100
    )
    discount_rate = forms.FloatField(label=gettext_lazy("Discount rate, % a year"), min_value=0, max_value=100)
    horizon_months = forms.IntegerField(label=gettext_lazy("Horizon of the lifetime value, months"), min_value=1, max_value=60)
    runs_kept = forms.IntegerField(label=gettext_lazy("Runs whose scores are kept"), min_value=2, max_value=50)


def _price(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=0, max_value=1_000_000)


class CostsForm(forms.Form):
    winning = _price(gettext_lazy("winning a new customer"))
    order = _price(gettext_lazy("an order"))
    giving_back = _price(gettext_lazy("a return"))

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        known = {field.name for field in fields(CostRules)}
        self.fields.update({code: _price(label) for code, label in InteractionKind.choices if code in known})


class NumbersField(forms.CharField):
    """Four rising numbers, as people write them: 30, 90, 180, 365."""

    count, example = 4, "30, 90, 180, 365"

    def clean(self, value: Any) -> tuple[float, ...]:
        pieces = super().clean(value).replace("，", ",").replace(";", ",").split(",")
        try:
            numbers = tuple(float(piece) for piece in pieces)
        except ValueError:
            numbers = ()
        if len(numbers) != self.count or not all(abs(number) < 1e12 for number in numbers):
            words = {"n": self.count, "example": self.example}
            raise ValidationError(_("Write %(n)s numbers with commas between them, for example %(example)s.") % words)
        return numbers


class RfmForm(forms.Form):
    method = forms.ChoiceField(label=gettext_lazy("Scores are given"), choices=RfmMethod.choices)
    window_days = forms.IntegerField(
        label=gettext_lazy("Purchases of the last so many days count (0: all)"), min_value=0, max_value=3650
    )
    monetary = forms.ChoiceField(
        label=gettext_lazy("Money is"), choices=[("revenue", gettext_lazy("Revenue")), ("margin", gettext_lazy("Margin"))]
    )
    recency_cuts = NumbersField(label=gettext_lazy("Fixed cuts of recency, days"))
    frequency_cuts = NumbersField(label=gettext_lazy("Fixed cuts of frequency, purchase days"))
    monetary_cuts = NumbersField(label=gettext_lazy("Fixed cuts of money, ¥"))


class StagesForm(forms.Form):
    lost_silence = forms.FloatField(label=gettext_lazy("Lost: silent for so many own rhythms"), min_value=1, max_value=100)
    lost_alive = forms.FloatField(label=gettext_lazy("Lost: less than % likely to be active"), min_value=0, max_value=100)
    declining_silence = forms.FloatField(
        label=gettext_lazy("Declining: silent for so many own rhythms"), min_value=1, max_value=100
    )
    declining_alive = forms.FloatField(label=gettext_lazy("Declining: less than % likely to be active"), min_value=0, max_value=100)
    declining_trend = forms.FloatField(
        label=gettext_lazy("Declining: spend of half a year against the one before, %"), min_value=-100, max_value=0
    )
    forming_purchases = forms.IntegerField(label=gettext_lazy("Forming: fewer purchase days than"), min_value=2, max_value=100)
    forming_days = forms.FloatField(label=gettext_lazy("Forming: younger than so many days"), min_value=0, max_value=3650)
    alarm_probability = forms.FloatField(label=gettext_lazy("Alarm: a silence less probable than, %"), min_value=0, max_value=50)


class SharesField(NumbersField):
    """Five, falling, as per cent."""

    count, example = 5, "30, 20, 10, 5, 0"


class CreditForm(forms.Form):
    basis = forms.ChoiceField(
        label=gettext_lazy("The limit is a share of"),
        choices=[("revenue", gettext_lazy("Revenue of 52 weeks")), ("margin", gettext_lazy("Margin of 52 weeks"))],
    )
    shares = SharesField(label=gettext_lazy("Share for A, B, C, D, E, %"))
    terms = SharesField(label=gettext_lazy("Days to pay for A, B, C, D, E"))
    most = forms.FloatField(label=gettext_lazy("No limit above, ¥"), min_value=0, max_value=1e9)
    overdue_days = forms.IntegerField(
        label=gettext_lazy("One grade down: overdue for more than so many days"), min_value=0, max_value=365
    )
    long_overdue_days = forms.IntegerField(
        label=gettext_lazy("Two grades down: overdue for more than so many days"), min_value=0, max_value=1000
    )


GROUPS: dict[str, tuple[Any, type[forms.Form], Any]] = {
    "assumptions": (Assumptions, AssumptionsForm, gettext_lazy("Money")),
    "costs": (CostRules, CostsForm, gettext_lazy("Cost to win and keep, ¥ each")),
    "rfm": (RfmRules, RfmForm, gettext_lazy("Recency, frequency, money")),
    "stages": (StageRules, StagesForm, gettext_lazy("Stages of the lifecycle")),
    "credit": (CreditRules, CreditForm, gettext_lazy("Credit")),
}


@require_http_methods(["GET", "POST"])
@needs(Permission.VALUE_RUN)
def assumptions(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("group", "assumptions") if request.method == "POST" else ""
    forms_shown = {
        code: kind(request.POST if code == asked else None, initial=_initial(group))
        for code, (group, kind, _label) in GROUPS.items()
    }
    form, preview = forms_shown.get(asked), []
    if form is not None and form.is_valid():
        if "preview" in request.POST and asked == "stages":
            preview = _preview(request, _values(form.cleaned_data))
        elif _saved(request, asked, form):
            return HttpResponseRedirect(reverse("value-assumptions") + f"#{asked}")
    sections = [(code, str(label), forms_shown[code]) for code, (_group, _kind, label) in GROUPS.items()]
    status = 422 if any(one.errors for one in forms_shown.values()) else 200
    return room(request, "assumptions.html", {"sections": sections, "preview": preview}, queries.current_run(), status)


def _saved(request: HttpRequest, asked: str, form: forms.Form) -> bool:
    try:
        actions.change_assumptions(actor=signed_in_person(request), group=GROUPS[asked][0], **_values(form.cleaned_data))
    except ValidationError as wrong:
        for name, messages in wrong.message_dict.items():
            form.add_error(name if name in form.fields else None, messages)
        return False
    say(request, _("Saved. The next run goes by it."), url=reverse("value-runs"), label=_("Start a run"))
    return True


def _initial(group: Any) -> dict[str, Any]:
    now = settings_store.read(group)
    shown = {field.name: getattr(now, field.name) for field in fields(group)}
    percents = {name: round(value * 100, 4) for name, value in shown.items() if name in PERCENTS}
    if "shares" in shown:
        percents["shares"] = ", ".join(f"{round(share * 100, 4):g}" for share in shown["shares"])
    return shown | percents | {name: ", ".join(f"{cut:g}" for cut in shown[name]) for name in CUTS if name in shown}


def _values(given: dict[str, Any]) -> dict[str, Any]:
    shares = {"shares": tuple(share / 100 for share in given["shares"])} if "shares" in given else {}
    return {name: value / 100 if name in PERCENTS else value for name, value in given.items()} | shares


def _preview(request: HttpRequest, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Customers by stage now and under these rules."""
    run = queries.current_run()
    if run is None:
        return []
    now, then = queries.stages_under(signed_in_person(request), run, StageRules(**values))
    return [{"stage": code, "now": now.get(code, 0), "then": then.get(code, 0)} for code in Stage.values]
