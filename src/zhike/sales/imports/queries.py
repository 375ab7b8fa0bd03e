"""Imports as people see them."""

from django.db.models import QuerySet

from zhike.customers.models import ImportBatch
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


def visible_batches(user: User) -> QuerySet[ImportBatch]:
    """One's own imports; all of them for who sees all customers. A file shows rows beyond any narrower scope."""
    rights = rights_of(user)
    if not rights.allows(Permission.CUSTOMER_IMPORT):
        return ImportBatch.objects.none()
    if rights.everything:
        return ImportBatch.objects.all()
    return ImportBatch.objects.filter(created_by=user)
