"""A person says what the words of an interaction are about; the analysis of voices learns from it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.choices import Tone, Urgency
from zhike.customers.models import Interaction, VoiceLabel
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

LABELS = ("topic", "tone", "urgency")
LONGEST_TOPIC = 20


@transaction.atomic
def label_words(*, actor: User, interaction: Interaction | int, topic: str = "", tone: str = "", urgency: str = "") -> None:
    """For whoever may record and sees the customer. All empty takes back what was said before."""
    access.require(actor, Permission.INTERACTION_RECORD)
    key = interaction if isinstance(interaction, int) else interaction.pk
    row = Interaction.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=key)
    wrong = {
        name: [_("There is no such choice.")]
        for name, value, known in (("tone", tone, Tone.values), ("urgency", urgency, Urgency.values))
        if value and value not in known
    }
    if len(topic) > LONGEST_TOPIC:
        wrong["topic"] = [_("At most %(length)s characters.") % {"length": LONGEST_TOPIC}]
    if wrong:
        raise ValidationError(wrong)
    before = VoiceLabel.objects.filter(pk=row.pk).first()
    given = {"topic": topic, "tone": tone, "urgency": urgency}
    if any(given.values()):
        VoiceLabel.objects.update_or_create(interaction=row, defaults={**given, "by": actor})
    elif before:
        before.delete()
    old = {name: getattr(before, name) if before else "" for name in LABELS}
    changes: audit.Changes = {name: [old[name], given[name]] for name in LABELS if old[name] != given[name]}
    if changes:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes=changes)
