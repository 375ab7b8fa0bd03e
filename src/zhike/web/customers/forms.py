"""Forms of the record's pages. They only gather; the actions judge."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhike.customers.choices import (
    Channel,
    ConsentPurpose,
    CustomerKind,
    Direction,
    IdentifierKind,
    InteractionKind,
    Mood,
    Outcome,
    Purpose,
    RelationshipKind,
)
from zhike.customers.models import Customer
from zhike.teams.models import User

NOTHING = [("", "–")]
LEFT_OPEN = [("", _("leave open"))]


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class TalkForm(forms.Form):
    """What happened: kind, result, a few words, and the next step if there is one."""

    kind = forms.ChoiceField(label=_("Kind"), choices=InteractionKind, widget=forms.RadioSelect, initial=InteractionKind.CALL)
    outcome = forms.ChoiceField(label=_("Result"), choices=[*LEFT_OPEN, *Outcome.choices], widget=forms.RadioSelect, required=False)
    summary = forms.CharField(
        label=_("What was said"), required=False, widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}), max_length=5000
    )
    mood = forms.ChoiceField(label=_("Mood"), choices=[*LEFT_OPEN, *Mood.choices], widget=forms.RadioSelect, required=False)
    next_on = forms.DateField(label=_("Next step on"), required=False, widget=day_input())
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=500)
    contact = forms.TypedChoiceField(label=_("With"), required=False, coerce=int, empty_value=None)
    at = forms.DateTimeField(label=_("When"), required=False, widget=moment_input(), help_text=_("Empty: now"))
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction, initial=Direction.OUT)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose, initial=Purpose.NOT_SELLING)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("as usual")), *Channel.choices], required=False)

    FIRST = ("kind", "outcome", "summary", "mood", "next_on", "next_step")

    def __init__(self, customer: Customer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(customer.contacts.all()) if customer.kind == CustomerKind.ORGANISATION else []
        contact = self.fields["contact"]
        assert isinstance(contact, forms.TypedChoiceField)
        contact.choices = [*NOTHING, *((one.pk, one.name) for one in people)]
        if not people:
            del self.fields["contact"]

    def rest(self) -> list[forms.BoundField]:
        """The seldom needed ones, behind a fold."""
        return [self[name] for name in self.fields if name not in self.FIRST]

    def details(self) -> dict[str, Any]:
        """For the actions; what was left out is left out."""
        names = ("outcome", "summary", "mood", "contact", "minutes", "direction", "purpose", "channel")
        return {name: value for name in names if (value := self.cleaned_data.get(name)) not in (None, "")}


class PlanForm(forms.Form):
    """A promise, once or again and again."""

    kind = forms.ChoiceField(label=_("Kind"), choices=InteractionKind, widget=forms.RadioSelect, initial=InteractionKind.CALL)
    at = forms.DateTimeField(label=_("When"), widget=moment_input())
    summary = forms.CharField(label=_("What for"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=5000)
    staff = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("Me"))
    repeat_days = forms.IntegerField(
        label=_("Repeat every … days"), required=False, min_value=1, max_value=3650, help_text=_("Empty: once")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = self.fields["staff"]
        assert isinstance(staff, forms.ModelChoiceField)
        staff.queryset = User.objects.filter(is_active=True)

    def details(self) -> dict[str, Any]:
        return {
            name: value for name in ("summary", "staff", "repeat_days") if (value := self.cleaned_data.get(name)) not in (None, "")
        }


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    position = forms.CharField(label=_("Position"), required=False, max_length=60)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    wechat = forms.CharField(label=_("WeChat"), required=False, max_length=40)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    birthday = forms.CharField(
        label=_("Birthday"), required=False, max_length=20, help_text=_("1980-03-08, or 3-8 without the year")
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    is_main = forms.BooleanField(label=_("Main contact"), required=False)


class AddressForm(forms.Form):
    label = forms.CharField(label=_("Kind"), required=False, max_length=30, help_text=_("home, office, delivery …"))
    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    detail = forms.CharField(label=_("Address"), max_length=200)
    is_main = forms.BooleanField(label=_("Main address"), required=False)


class IdentifierForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=IdentifierKind)
    value = forms.CharField(label=_("Number or address"), max_length=254)


class RelationForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[*RelationshipKind.choices, ("parent", _("belongs to (parent company)"))])
    other = forms.IntegerField(label=_("Customer"), widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), required=False, max_length=120)


class ConsentForm(forms.Form):
    purpose = forms.ChoiceField(label=_("For"), choices=ConsentPurpose)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("every channel")), *Channel.choices], required=False)
    is_given = forms.TypedChoiceField(
        label=_("The customer"), choices=[("1", _("consents")), ("0", _("withdraws consent"))], coerce=lambda word: word == "1",
        widget=forms.RadioSelect, initial="1",
    )  # fmt: skip
    evidence = forms.CharField(label=_("Evidence"), max_length=200, help_text=_("form of 3 March, said on the phone, message …"))


class ColleagueForm(forms.Form):
    """Handing over or sharing."""

    user = forms.ModelChoiceField(label=_("Colleague"), queryset=User.objects.none())

    def __init__(self, *args: Any, but: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.ModelChoiceField)
        user.queryset = User.objects.filter(is_active=True).exclude(pk=but or 0)


class ShareForm(ColleagueForm):
    can_edit = forms.BooleanField(label=_("May also change it"), required=False)


class TransferForm(ColleagueForm):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.fields["user"]
        assert isinstance(user, forms.ModelChoiceField)
        user.required, user.empty_label = False, _("Nobody: back to the public pool")


class RevealForm(forms.Form):
    reason = forms.CharField(label=_("Why do you need it?"), max_length=200, widget=forms.TextInput(attrs={"autofocus": True}))


def morning_of(day: datetime.date) -> datetime.datetime:
    """A next step named by its day alone: nine in the morning."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(9)))
