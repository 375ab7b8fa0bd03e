"""What an administrator changes about suggestions. The lists follow as soon as the queue comes to it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.care.rules import CareRules, CareTexts
from zhike.core import queue
from zhike.teams.actions import change_settings
from zhike.teams.models import User


@transaction.atomic
def change_care_rules(*, actor: User, rules: CareRules) -> None:
    if rules.silence_until <= rules.silence_from:
        raise ValidationError({"silence_until": [_("This must be more than where slipping begins.")]})
    change_settings(actor=actor, values=rules)
    queue.defer("care.generate", once="care.generate")


def change_care_texts(*, actor: User, texts: CareTexts) -> None:
    """Plain words, read out as they stand: nothing in them is put in or carried out."""
    change_settings(actor=actor, values=texts)
