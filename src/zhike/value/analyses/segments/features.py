"""What customers can be alike in, and what it is called to have much or little of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _

from zhike.customers.choices import FieldType
from zhike.customers.models import FieldDefinition
from zhike.teams.choices import Confidentiality

Label = str | Promise
OPEN_TO_ALL = (Confidentiality.PUBLIC, Confidentiality.INTERNAL)  # who sees segments sees what they are made of
KINDS_OF_FIELD = (FieldType.CHOICE, FieldType.YES_NO, FieldType.NUMBER, FieldType.MONEY)
FIGURES = (FieldType.NUMBER, FieldType.MONEY)


@dataclass(frozen=True)
class Feature:
    label: Label
    more: Label
    less: Label
    unit: str = ""  # "", "days", "money", "percent"


FEATURES = {
    "recency": Feature(_("Days since the last order"), _("long away"), _("here lately"), "days"),
    "frequency": Feature(_("Orders"), _("frequent"), _("rare")),
    "revenue": Feature(_("Revenue"), _("high spend"), _("low spend"), "money"),
    "margin": Feature(_("Margin"), _("high margin"), _("low margin"), "money"),
    "basket": Feature(_("Revenue per order"), _("large orders"), _("small orders"), "money"),
    "trend": Feature(_("Trend of spending"), _("growing"), _("falling"), "percent"),
    "tenure": Feature(_("Days since the first order"), _("long-standing"), _("new"), "days"),
    "rhythm": Feature(_("Own rhythm, days"), _("long intervals"), _("short intervals"), "days"),
    "alive": Feature(_("Chance to be active"), _("active"), _("probably gone"), "percent"),
    "clv": Feature(_("Lifetime value"), _("high future value"), _("low future value"), "money"),
}


def feature_choices() -> list[tuple[str, Label]]:
    return [(code, one.label) for code, one in FEATURES.items()]


def fields() -> list[FieldDefinition]:
    """Of the information model: choices, yes or no, figures; nothing confidential."""
    return open_fields(KINDS_OF_FIELD)


def open_fields(types: Iterable[str]) -> list[FieldDefinition]:
    found = FieldDefinition.objects.filter(is_active=True, is_column=False, type__in=types)
    return list(found.filter(confidentiality__in=OPEN_TO_ALL))


def field_choices() -> Iterator[tuple[str, Label]]:
    return ((one.code, one.label(get_language() or "zh-hans")) for one in fields())
