"""What one may answer to a suggestion."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.care.choices import Refusal
from zhike.customers.choices import InteractionKind, Mood, Outcome

KINDS = [
    (kind.value, kind.label)
    for kind in (InteractionKind.CALL, InteractionKind.VISIT, InteractionKind.MESSAGE, InteractionKind.HELP)
]
KIND_OF_CHANNEL = {"phone": "call", "visit": "visit", "store": "visit", "mail": "message"}


class ContactForm(forms.Form):
    """Recorded in a few keys: everything but the outcome may stay as it is."""

    kind = forms.ChoiceField(label=_("How"), choices=KINDS, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect)
    mood = forms.ChoiceField(label=_("Mood"), choices=Mood.choices, widget=forms.RadioSelect, required=False)
    summary = forms.CharField(label=_("Note"), required=False, max_length=5000)
    next_on = forms.DateField(label=_("Next step on"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=200)

    def __init__(self, *arguments: Any, channel: str = "phone", **named: Any) -> None:
        named.setdefault(
            "initial", {"kind": KIND_OF_CHANNEL.get(channel, "message"), "outcome": Outcome.REACHED, "mood": Mood.NEUTRAL}
        )
        named.setdefault("auto_id", f"{named.pop('id_prefix', 'id')}_%s")
        super().__init__(*arguments, **named)


class LaterForm(forms.Form):
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))


class NoForm(forms.Form):
    refusal = forms.ChoiceField(label=_("Why not"), choices=Refusal.choices, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
