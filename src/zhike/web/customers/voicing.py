"""What an interaction is about, in what tone, how urgent: as it is read, to be confirmed or corrected."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.customers import actions
from zhike.customers.choices import Tone, Urgency
from zhike.customers.models import Interaction
from zhike.teams.choices import Permission
from zhike.value.analyses.voice.topics import label
from zhike.value.queries.voice import read_words, topics_offered
from zhike.web.customers.sheets import sheet
from zhike.web.people import signed_in_person
from zhike.web.rights import needs


class WordsForm(forms.Form):
    topic = forms.ChoiceField(label=gettext_lazy("Topic"), required=False)
    tone = forms.ChoiceField(label=gettext_lazy("Tone"), choices=Tone, widget=forms.RadioSelect, required=False)
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=Urgency, widget=forms.RadioSelect, required=False)

    def __init__(self, row: Interaction, data: Any = None) -> None:
        read = read_words(row)
        super().__init__(data, initial=read)
        topic = self.fields["topic"]
        assert isinstance(topic, forms.ChoiceField)
        names = list(dict.fromkeys([*topics_offered(), read["topic"]]))
        topic.choices = [(name, label(name)) for name in names]
        topic.help_text = row.summary


@require_http_methods(["GET", "POST"])
@needs(Permission.INTERACTION_RECORD)
def words(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Interaction.objects.visible_to(signed_in_person(request)).select_related("customer", "voice_label")
    row, user = get_object_or_404(rows.exclude(summary=""), pk=pk), signed_in_person(request)
    form = WordsForm(row, request.POST or None)

    def act(cleaned: dict[str, Any]) -> None:
        actions.label_words(actor=user, interaction=row, **cleaned)

    said = _("Saved. The next analysis of voices learns from it.")
    return sheet(request, row.customer, form, act, title=_("How it is read"), said=said)
