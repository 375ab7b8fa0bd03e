"""The training record."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import Training, User
from zhike.teams.queries import people_editable_by


def add_training(*, actor: User, person_id: int, name: str, held_on: datetime.date, result: str = "") -> Training:
    access.require(actor, Permission.PEOPLE_EDIT)
    if not name.strip():
        raise ValidationError({"name": [_("Please fill this in.")]})
    with transaction.atomic():
        person = people_editable_by(actor).get(pk=person_id)
        training = Training.objects.create(user=person, name=name.strip()[:120], held_on=held_on, result=result.strip()[:60])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, changes={"training": [None, training.name]})
    return training


def remove_training(*, actor: User, training_id: int) -> None:
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        training = Training.objects.select_related("user").get(pk=training_id, user__in=people_editable_by(actor))
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=training.user, changes={"training": [training.name, None]})
        training.delete()
