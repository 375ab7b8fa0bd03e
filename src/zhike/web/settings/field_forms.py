"""Forms of the information model."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.customers.choices import CustomerKind, FieldType, Ring
from zhike.customers.models import FieldDefinition
from zhike.teams.choices import Confidentiality

USES = (
    ("care", _("care")), ("care.contact", _("reaching the customer")), ("care.channel", _("choosing channel and time")),
    ("care.birthday", _("birthday care")), ("care.anniversary", _("anniversaries")), ("care.family", _("care for the family")),
    ("care.gift", _("gifts")), ("care.maintenance", _("maintenance reminders")), ("care.inspection", _("inspection reminders")),
    ("care.renewal", _("renewal reminders")), ("care.claim", _("help with claims")), ("script", _("what to say")),
    ("reception", _("welcoming")), ("service", _("serving")), ("invoices", _("invoices")),
    ("duplicates", _("recognising duplicates")), ("value", _("value analysis")), ("value.wallet", _("share of wallet")),
    ("value.credit", _("credit rating")), ("value.influence", _("influence")), ("segments", _("segments")),
)  # fmt: skip
WHOM = [("", _("persons and organisations")), *CustomerKind.choices]


class Choices(forms.CharField):
    """One choice a line: code, Chinese, English, with bars between."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{one.get('code', '')} | {one.get('zh', '')} | {one.get('en', '')}" for one in value)

    def clean(self, value: Any) -> list[dict[str, str]]:
        found = []
        for line in super().clean(value).splitlines():
            code, *labels = [part.strip() for part in line.replace("｜", "|").split("|")]
            if code:
                chinese = labels[0] if labels and labels[0] else code
                found.append({"code": code, "zh": chinese, "en": labels[1] if len(labels) > 1 and labels[1] else chinese})
        return found


class FieldForm(forms.Form):
    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=40)
    label_en = forms.CharField(label=_("Name in English"), max_length=60)
    ring = forms.ChoiceField(label=_("Ring"), choices=Ring.choices, initial=Ring.RELATED)
    applies_to = forms.ChoiceField(label=_("Applies to"), choices=WHOM, required=False)
    purpose = forms.CharField(
        label=_("What it is for"), max_length=200, required=False, help_text=_("A fact that nobody needs is not asked for.")
    )
    used_by = forms.MultipleChoiceField(label=_("Used by"), required=False, widget=forms.CheckboxSelectMultiple)
    confidentiality = forms.ChoiceField(
        label=_("Confidentiality"), choices=Confidentiality.choices, initial=Confidentiality.INTERNAL
    )
    weight = forms.IntegerField(
        label=_("Weight in completeness"), min_value=0, max_value=10, initial=1, help_text=_("0: not expected.")
    )
    shelf_life_days = forms.IntegerField(
        label=_("Shelf life in days"), min_value=1, max_value=36500, required=False, help_text=_("Empty: does not age.")
    )
    unit_zh = forms.CharField(label=_("Unit in Chinese"), max_length=20, required=False)
    unit_en = forms.CharField(label=_("Unit in English"), max_length=20, required=False)
    minimum = forms.DecimalField(label=_("At least"), required=False, max_digits=16, decimal_places=2)
    maximum = forms.DecimalField(label=_("At most"), required=False, max_digits=16, decimal_places=2)
    choices = Choices(label=_("Choices"), required=False, help_text=_("One a line: code | Chinese | English"))
    question_zh = forms.CharField(label=_("How to ask, in Chinese"), max_length=120, required=False)
    question_en = forms.CharField(label=_("How to ask, in English"), max_length=160, required=False)

    def __init__(self, *args: Any, field: FieldDefinition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [code for code, _label in USES]
        more = [(use, use) for use in (field.used_by if field else []) if use not in offered]
        used_by: Any = self.fields["used_by"]
        used_by.choices = [*USES, *more]


class NewFieldForm(FieldForm):
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        label=_("Code of the field"),
        max_length=40,
        help_text=_("Small letters, digits and _; cannot be changed later."),
    )
    type = forms.ChoiceField(label=_("Type"), choices=FieldType.choices, help_text=_("Cannot be changed later."))
    field_order = ["label_zh", "label_en", "code", "type"]


class TemplateForm(forms.Form):
    template = forms.ChoiceField(label=_("Industry"))

    def __init__(self, *args: Any, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["template"]
        field.choices = offered
