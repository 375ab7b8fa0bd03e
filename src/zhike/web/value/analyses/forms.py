"""The form of an analysis, made of what its options declare."""

from typing import Any

from django import forms

from zhike.value.analyses import asks
from zhike.value.analyses.kind import Kind


def form_of(kind: Kind, kept: dict[str, Any], data: Any = None) -> forms.Form:
    """Filled with the options of the current analysis; each option is validated again by the kind itself."""
    made = forms.Form(data, initial=asks.defaults_of(kind.options) | kept)
    for name, one in asks.asks_of(kind.options).items():
        made.fields[name] = _field(one)
    for name in [name for name, one in made.fields.items() if isinstance(one, forms.MultipleChoiceField) and not one.choices]:
        del made.fields[name]
    return made


def _field(one: asks.Ask) -> forms.Field:
    words: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": False}
    if isinstance(one, asks.Number):
        if one.whole:
            return forms.IntegerField(**words, min_value=int(one.low), max_value=int(one.high))
        return forms.FloatField(**words, min_value=one.low, max_value=one.high)
    if isinstance(one, asks.Switch):
        return forms.BooleanField(**words)
    if isinstance(one, asks.Lines):
        return forms.CharField(**words, max_length=one.longest, widget=forms.Textarea(attrs={"rows": 12}))
    choices = list(one.choices())
    if isinstance(one, asks.OneOf):
        return forms.ChoiceField(**words, choices=choices)
    return forms.MultipleChoiceField(**words, choices=choices, widget=forms.CheckboxSelectMultiple)


def given(form: forms.Form) -> dict[str, Any]:
    """What was filled in; an empty figure keeps its default."""
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
