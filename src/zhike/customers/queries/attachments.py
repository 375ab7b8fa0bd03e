"""Files that belong to customers' interactions."""

from django.db.models import Q, QuerySet

from zhike.core.models import StoredFile
from zhike.customers.models import Interaction
from zhike.teams.models import User


def files_visible_to(user: User) -> "QuerySet[StoredFile]":
    """One's own, and those of interactions that one may see."""
    attached = Interaction.files.through.objects.filter(interaction__in=Interaction.objects.visible_to(user))
    return StoredFile.objects.filter(Q(uploaded_by=user) | Q(pk__in=attached.values("storedfile_id")))
