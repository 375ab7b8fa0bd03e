"""Lifetime value without orders: by the envelope, by margin, retention and discount, and of contracts that are renewed."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET

from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.value import queries
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.renewals import renewals
from zhike.web.value.room import room

RETENTIONS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
DISCOUNTS = (0.05, 0.08, 0.1, 0.12, 0.15)


class SimpleForm(forms.Form):
    spend = forms.FloatField(label=gettext_lazy("Spend per visit, ¥"), min_value=0, max_value=1e9)
    visits = forms.FloatField(label=gettext_lazy("Visits a year"), min_value=0, max_value=10_000)
    years = forms.FloatField(label=gettext_lazy("Years"), min_value=0, max_value=100)


class RetentionForm(forms.Form):
    margin = forms.FloatField(label=gettext_lazy("Margin a year, ¥"), min_value=-1e9, max_value=1e9)
    retention = forms.FloatField(label=gettext_lazy("Retention a year, %"), min_value=0, max_value=100)
    discount = forms.FloatField(label=gettext_lazy("Discount rate a year, %"), min_value=0, max_value=100)
    periods = forms.IntegerField(label=gettext_lazy("Years (empty: without end)"), min_value=1, max_value=100, required=False)
    cost = forms.FloatField(label=gettext_lazy("Cost of acquisition, ¥"), min_value=0, max_value=1e9)


@require_GET
@needs(Permission.VALUE_VIEW)
def calculator(request: HttpRequest) -> HttpResponse:
    customer = _customer(request)
    start = _start(customer)
    simple, retention = SimpleForm(_asked(request, start)), RetentionForm(_asked(request, start))
    context: dict[str, Any] = {
        "customer": customer,
        "simple": simple,
        "retention": retention,
        "loss": None,
        "value": None,
        "table": [],
    }
    if simple.is_valid():
        from zhike_insight import simple_value

        context["loss"] = simple_value(*(simple.cleaned_data[name] for name in ("spend", "visits", "years")))
    if retention.is_valid():
        context |= _by_retention(retention)
    contracts, renewed = renewals(request)
    context |= {"contracts": contracts, "renewed": renewed}
    wrong = simple.errors or retention.errors or contracts.errors
    return room(request, "calculator.html", context | {"discounts": DISCOUNTS}, None, 422 if wrong else 200)


def _by_retention(form: RetentionForm) -> dict[str, Any]:
    from zhike_insight import retention_sensitivity, retention_value

    given = form.cleaned_data
    r, d, periods = given["retention"] / 100, given["discount"] / 100, given["periods"]
    try:
        value = retention_value(given["margin"], r, d, periods=periods, acquisition_cost=given["cost"])
    except ValueError:
        form.add_error("periods", _("Without an end this sum is infinite: give a number of years, or a lower retention."))
        return {}
    table = retention_sensitivity(given["margin"], RETENTIONS, DISCOUNTS, periods=periods, acquisition_cost=given["cost"])
    return {"value": value, "table": list(zip(RETENTIONS, table.tolist(), strict=True))}


def _customer(request: HttpRequest) -> Customer | None:
    number = request.GET.get("customer", "")
    visible = Customer.objects.visible_to(signed_in_person(request))
    return get_object_or_404(visible, pk=int(number)) if number.isdecimal() and len(number) < 19 else None


def _start(customer: Customer | None) -> dict[str, Any]:
    """What is known of the customer, or the example of the textbooks: 40 × 52 × 30 = 62,400."""
    score = queries.score_of(customer.pk) if customer else None
    if score is None or score.orders == 0:
        return {"spend": 40, "visits": 52, "years": 30, "margin": 1000, "retention": 80, "discount": 10, "periods": "", "cost": 0}
    years = max(score.age / 365.25, 0.25)
    return {
        "spend": round(float(score.revenue) / score.orders, 2), "visits": round(score.orders / years, 1), "years": 10,
        "margin": round(float(score.margin) / years, 2), "retention": round((score.p_alive or 0.8) * 100), "discount": 10,
        "periods": "", "cost": 0,
    }  # fmt: skip


def _asked(request: HttpRequest, start: dict[str, Any]) -> dict[str, Any]:
    return {name: request.GET.get(name, value) for name, value in start.items()}
