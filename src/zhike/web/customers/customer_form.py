"""The form for a whole customer: the columns, and the fields of the information model that apply."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext as _

from zhike.customers import masking
from zhike.customers.choices import Channel, CustomerKind, FieldType
from zhike.customers.models import Customer, FieldDefinition, Source
from zhike.customers.queries.completeness import value
from zhike.customers.rules.values import UNKNOWN_YEAR
from zhike.teams.models import User
from zhike.web.customers import words
from zhike.web.customers.forms import NOTHING, day_input

BASIC = ("kind", "name", "phone", "number", "tags", "source_id")
REACHING = (
    "preferred_channel", "preferred_time", "quiet_from", "quiet_until", "do_not_disturb",
)  # fmt: skip
CHECKED = ("name", "phone", "email", "credit_code", "wechat", "member_no", "number")  # looked up while one types


class CustomerForm(forms.Form):
    """Gathers texts; `actions.create_customer` and `change_customer` judge. Masked fields are shown, not offered."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, user: User, fields: list[FieldDefinition], customer: Customer | None = None, kind: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.user = customer, user
        self.kind = kind or (customer.kind if customer else CustomerKind.PERSON)
        self.definitions = {field.code: field for field in fields}
        self.classes = masking.COLUMN_CLASSES | {field.code: field.confidentiality for field in fields}
        self.hidden_facts: list[tuple[str, str]] = []
        applying = [field for field in fields if field.applies_to in ("", self.kind)]
        for code, field in _columns().items():
            self._add(code, field)
        self.by_ring: dict[str, list[str]] = {"visible": [], "related": [], "extended": []}
        for definition in applying:
            if definition.code not in self.fields and self._add(definition.code, _of_model(definition), definition):
                self.by_ring[definition.ring].append(definition.code)
        if "birthday" in self.fields:
            self._add("birthday_is_lunar", forms.BooleanField(label=_("Lunar birthday"), required=False))
        self._add("note", forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})))
        for code in CHECKED:
            if code in self.fields:
                self.fields[code].widget.attrs |= {"data-check": ""}

    def ring(self, name: str) -> list[forms.BoundField]:
        codes = [code for code in self.by_ring[name] if code not in REACHING]
        after = ["birthday_is_lunar"] if "birthday" in codes else []
        return [self[code] for one in codes for code in ([one, *after] if one == "birthday" else [one])]

    def group(self, codes: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[code] for code in codes if code in self.fields]

    @property
    def basic(self) -> list[forms.BoundField]:
        return self.group(BASIC)

    @property
    def reaching(self) -> list[forms.BoundField]:
        return self.group(REACHING)

    def values(self) -> dict[str, Any]:
        """What the actions take: every field of the form, also the emptied ones."""
        cleaned = {code: value for code, value in self.cleaned_data.items() if code != "version"}
        return {code: "" if value is None else value for code, value in cleaned.items()}

    def _add(self, code: str, field: forms.Field, definition: FieldDefinition | None = None) -> bool:
        kept = value(self.customer, code) if self.customer else None
        field_class = masking.class_of(self.classes, code)
        if kept not in (None, "", []) and masking.is_masked(self.user, field_class):
            self.hidden_facts.append((str(field.label), masking.shown(self.user, field_class, code, kept)))
            return False
        field.initial = _as_typed(code, kept, definition) if self.customer else self.initial.get(code, field.initial)
        self.fields[code] = field
        return True


def _columns() -> dict[str, forms.Field]:
    tel = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    name = forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    clock = forms.TextInput(attrs={"type": "time"})
    return {
        "kind": forms.ChoiceField(label=_("Kind"), choices=CustomerKind, widget=forms.RadioSelect, initial=CustomerKind.PERSON),
        "name": forms.CharField(label=_("Name"), max_length=120, widget=name),
        "phone": forms.CharField(label=_("Phone"), required=False, max_length=40, widget=tel),
        "number": forms.CharField(label=_("Customer no."), required=False, max_length=60),
        "tags": forms.CharField(label=_("Tags"), required=False, help_text=_("Divided by spaces or commas")),
        "source_id": forms.ChoiceField(
            label=_("Source"), required=False, choices=[*NOTHING, *Source.objects.filter(is_active=True).values_list("pk", "name")]
        ),
        "preferred_channel": forms.ChoiceField(label=_("Preferred channel"), required=False, choices=[*NOTHING, *Channel.choices]),
        "preferred_time": forms.CharField(label=_("Preferred time"), required=False, max_length=40),
        "quiet_from": forms.CharField(label=_("Quiet from"), required=False, widget=clock),
        "quiet_until": forms.CharField(label=_("Quiet until"), required=False, widget=forms.TextInput(attrs={"type": "time"})),
        "do_not_disturb": forms.BooleanField(label=_("Do not disturb"), required=False),
    }  # fmt: skip


def _of_model(definition: FieldDefinition) -> forms.Field:
    """One input by the field's type."""
    language = get_language() or "zh-hans"
    shared: dict[str, Any] = {"label": definition.title(language), "required": False, "help_text": definition.question(language)}
    options = [(choice["code"], words.choices_in_words(definition, [choice["code"]])) for choice in definition.choices]
    match definition.type:
        case FieldType.CHOICE:
            return forms.ChoiceField(choices=[*NOTHING, *options], **shared)
        case FieldType.MULTI_CHOICE:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **shared)
        case FieldType.YES_NO:
            return forms.ChoiceField(choices=[*NOTHING, ("yes", _("yes")), ("no", _("no"))], **shared)
        case FieldType.DATE if definition.code != "birthday":
            return forms.CharField(widget=day_input(), **shared)
        case FieldType.NUMBER | FieldType.MONEY:
            return forms.CharField(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **shared)
        case _:
            if definition.code == "birthday":
                shared["help_text"] = _("1980-03-08, or 3-8 without the year")
            return forms.CharField(max_length=500, **shared)


def one_field(user: User, definition: FieldDefinition, customer: Customer) -> forms.Field:
    """The input for filling a single fact in place."""
    field = _columns().get(definition.code) or _of_model(definition)
    field.initial = _as_typed(definition.code, value(customer, definition.code), definition)
    return field


def _as_typed(code: str, kept: Any, definition: FieldDefinition | None) -> Any:
    """A kept value as one would type it."""
    if kept is None:
        return ""
    if isinstance(kept, bool) and definition is not None:
        return "yes" if kept else "no"
    if code == "birthday":
        return f"{kept:%m-%d}" if kept.year == UNKNOWN_YEAR else f"{kept:%Y-%m-%d}"
    if code == "phone":
        return masking.readable("phone", kept)
    if code == "tags":
        return " ".join(kept)
    return f"{kept:%H:%M}" if code.startswith("quiet_") else kept
