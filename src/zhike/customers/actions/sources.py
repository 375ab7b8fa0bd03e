"""Sources: where customers come from, and what that cost."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.models import Source
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def add_source(*, actor: User, name: str, cost: Decimal = Decimal(0)) -> Source:
    access.require(actor, Permission.SETTINGS_EDIT)
    source = Source(name=name.strip(), cost=cost)
    _check(source)
    source.save()
    audit.record(actor=actor, verb=AuditVerb.CREATED, on=source, changes={"cost": [None, cost]})
    return source


@transaction.atomic
def change_source(*, actor: User, source: int, name: str, cost: Decimal, is_active: bool = True) -> Source:
    """A source that is no longer active stays on its customers and is offered for no new ones."""
    access.require(actor, Permission.SETTINGS_EDIT)
    found = Source.objects.select_for_update().get(pk=source)
    fields = {"name": name.strip(), "cost": cost, "is_active": is_active}
    changes = audit.differences(found, fields)
    for field, value in fields.items():
        setattr(found, field, value)
    _check(found)
    found.save()
    if changes:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes=changes)
    return found


def _check(source: Source) -> None:
    if not source.name:
        raise ValidationError({"name": [_("Please fill this in.")]})
    if source.cost < 0:
        raise ValidationError({"cost": [_("A cost is not negative.")]})
    if Source.objects.filter(name=source.name).exclude(pk=source.pk).exists():
        raise ValidationError({"name": [_("There is already a source of this name.")]})
    source.clean_fields()
