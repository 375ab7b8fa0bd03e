"""Typed links between customers, and the tree of parent companies."""

import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers import finding
from zhike.customers.choices import RelationshipKind
from zhike.customers.events import CustomerChanged
from zhike.customers.models import Customer, Relationship
from zhike.customers.queries.tree import ancestors
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


@transaction.atomic
def relate(*, actor: User, customer: finding.Key, other: finding.Key, kind: str, note: str = "") -> Relationship:
    """`customer` refers, knows, … `other`. The other one need only be visible."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    one, two = finding.locked(actor, customer), finding.visible(actor, other)
    if kind not in RelationshipKind.values:
        raise ValidationError({"kind": [_("There is no such kind.")]})
    if one.pk == two.pk:
        raise ValidationError({"other": [_("Choose another customer.")]})
    row, created = Relationship.objects.get_or_create(customer=one, other=two, kind=kind, defaults={"note": note[:120]})
    if created:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=one, changes={f"relationship.{kind}": [None, two]})
        announce(CustomerChanged(one.pk, ("relationships",)))
    return row


@transaction.atomic
def unrelate(*, actor: User, relationship: int) -> None:
    access.require(actor, Permission.CUSTOMER_EDIT)
    visible = Customer.objects.visible_to(actor)
    row = Relationship.objects.select_related("other").get(pk=relationship, customer__in=visible, other__in=visible)
    one = finding.locked(actor, row.customer_id)
    row.delete()
    audit.record(
        actor=actor, verb=AuditVerb.CHANGED, on=one, changes={f"relationship.{row.kind}": [row.other, None]}, note=row.note
    )
    announce(CustomerChanged(one.pk, ("relationships",)))


@transaction.atomic
def set_parent(*, actor: User, customer: finding.Key, parent: finding.Key | None, at: datetime.datetime) -> Customer:
    """The company this one belongs to; never one of its own subsidiaries."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    with connection.cursor() as cursor:  # two people may build the two halves of a cycle at the same time
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zhike.customer.parent'))")
    found = finding.locked(actor, customer)
    above = finding.visible(actor, parent) if parent is not None else None
    if above is not None and found.pk in ancestors(above.pk):
        raise ValidationError({"parent": [_("This company belongs to the customer itself.")]})
    before = found.parent
    if before != above:
        found.parent = above
        found.version += 1
        found.save(update_fields=["parent", "version", "updated_at"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={"parent": [before, above]})
        announce(CustomerChanged(found.pk, ("parent",)))
    return found
