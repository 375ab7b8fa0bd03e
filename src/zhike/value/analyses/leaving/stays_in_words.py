"""What makes customers leave sooner, as the model of how long they stay found it, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.customers.choices import CustomerKind
from zhike.value.analyses import wording

KNOWN_AT_FIRST = {
    "amount": gettext_lazy("First order twice as large"), "year": gettext_lazy("First order a year later"),
    "kind": gettext_lazy("Kind of customer"), "region": gettext_lazy("Region"), "source": gettext_lazy("Source"),
    "channel": gettext_lazy("Channel of the first order"),
}  # fmt: skip
SURE = 0.05
NOT_ALIKE = 0.01  # below it a factor does not hold alike at all times


def known(one: Mapping[str, Any], usual: Mapping[str, str]) -> str:
    """What was known at the first order, and what it is compared with."""
    label = str(KNOWN_AT_FIRST[one["field"]])
    if not one["value"]:
        return label
    told = {"field": label, "value": _value(one["field"], one["value"]), "usual": _value(one["field"], usual[one["field"]])}
    return _("%(field)s: %(value)s, against %(usual)s") % told


def meaning(one: Mapping[str, Any]) -> str:
    """The factor and its interval as a sentence."""
    if one["p"] >= SURE:
        return _("no difference that could be told from chance")
    ends = sorted((abs(one["low"] - 1), abs(one["high"] - 1)))
    told = {"n": wording.percent(abs(one["factor"] - 1)), "low": wording.percent(ends[0]), "high": wording.percent(ends[1])}
    if one["factor"] > 1:
        text = _("leaves sooner: at any time %(n)s more of them go (%(low)s to %(high)s)") % told
    else:
        text = _("stays longer: at any time %(n)s fewer of them go (%(low)s to %(high)s)") % told
    if one["alike_p"] is not None and one["alike_p"] < NOT_ALIKE:
        text += _("; on the whole, for it does not act alike early and late")
    return text


def trusted(concordance: float | None) -> str:
    """How much what is known at the start says at all."""
    if concordance is None:
        return ""
    told = {"c": wording.percent(concordance)}
    if concordance < 0.55:
        return _("Of two customers it names the one who leaves first in %(c)s of the cases: little more than chance.") % told
    if concordance < 0.65:
        return _("Of two customers it names the one who leaves first in %(c)s of the cases: a hint, no certainty.") % told
    return _("Of two customers it names the one who leaves first in %(c)s of the cases.") % told


def _value(field: str, value: str) -> str:
    return str(CustomerKind(value).label) if field == "kind" and value in CustomerKind.values else value
