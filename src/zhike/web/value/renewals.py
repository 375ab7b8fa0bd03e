"""Contracts on the calculator: from how many of one year's customers renewed, how many will, and what one who stays is worth."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _, gettext_lazy

START = {"still": "1000 631 468 382 326", "contract_margin": 100, "contract_discount": 10}  # the published example
AHEAD = 5  # renewals foretold


class RenewalsForm(forms.Form):
    still = forms.CharField(
        label=gettext_lazy("Customers who began together, then those still there after each renewal"), max_length=400,
        help_text=gettext_lazy("such as 1000 631 468 382 326"),
    )  # fmt: skip
    contract_margin = forms.FloatField(label=gettext_lazy("Margin of one period, ¥"), min_value=0, max_value=1e9)
    contract_discount = forms.FloatField(label=gettext_lazy("Discount rate a period, %"), min_value=0.1, max_value=100)

    def clean_still(self) -> list[float]:
        parts = [part for part in re.split(r"[\s,，;；、]+", self.cleaned_data["still"]) if part]
        if len(parts) < 3 or not all(re.fullmatch(r"\d{1,9}", part) for part in parts):
            raise forms.ValidationError(_("At least three whole numbers are needed, none above the one before."))
        return [float(part) for part in parts]


def renewals(request: HttpRequest) -> tuple[RenewalsForm, dict[str, Any]]:
    """The form as asked, and what follows from it."""
    form = RenewalsForm({name: request.GET.get(name, value) for name, value in START.items()})
    return form, _worked_out(form) if form.is_valid() else {}


def _worked_out(form: RenewalsForm) -> dict[str, Any]:
    from zhike_insight import BadInput, NotEnoughData, ShiftedBetaGeometric

    active, discount = form.cleaned_data["still"], form.cleaned_data["contract_discount"] / 100
    try:
        model = ShiftedBetaGeometric().fit(active)
    except BadInput:
        form.add_error("still", _("At least three whole numbers are needed, none above the one before."))
        return {}
    except NotEnoughData:
        form.add_error("still", _("Nobody left: there is nothing to learn from yet."))
        return {}
    times = range(len(active) + AHEAD)
    share, kept = model.survival(list(times)).tolist(), model.retention(list(times)).tolist()
    rows = [
        {
            "renewal": t,
            "seen": active[t] if t < len(active) else None,
            "expected": share[t] * active[0],
            "kept": kept[t] if t else None,
        }
        for t in times
    ]
    done = len(active) - 1
    worth = [
        (label, float(model.expected_residual_periods(n, discount=discount)) * form.cleaned_data["contract_margin"])
        for label, n in ((_("a new one, before the first renewal"), 0), (_("one who is still there now"), done))
    ]
    return {"rows": rows, "worth": worth, "alpha": model.alpha_, "beta": model.beta_, "errors": model.standard_errors_,
            "constant": (active[-1] / active[0]) ** (1 / done)}  # fmt: skip
