"""The form of an analysis, made of what its options declare."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from zhike.value.analyses import asks
from zhike.value.analyses.kind import Kind


class Suggested(forms.TextInput):
    """A text with words that are offered for it."""

    def __init__(self, usual: list[str]) -> None:
        super().__init__()
        self.usual = usual

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = {**(attrs or {}), "list": f"usual-{name}", "autocomplete": "off"}
        options = format_html_join("", '<option value="{}"></option>', ((word,) for word in self.usual))
        return format_html('{}<datalist id="usual-{}">{}</datalist>', super().render(name, value, given, renderer), name, options)


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
    if isinstance(one, asks.Day):
        return forms.DateField(**words, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    if isinstance(one, asks.Word):
        return forms.CharField(**words, max_length=one.longest, widget=Suggested(list(one.usual())))
    choices = list(one.choices())
    if isinstance(one, asks.OneOf):
        return forms.ChoiceField(**words, choices=choices)
    return forms.MultipleChoiceField(**words, choices=choices, widget=forms.CheckboxSelectMultiple)


def given(form: forms.Form) -> dict[str, Any]:
    """What was filled in; an empty figure keeps its default."""
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
