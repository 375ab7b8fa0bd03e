"""Saved views of lists."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import SavedView, User


def save_view(*, actor: User, screen: str, name: str, query: str, is_shared: bool = False, is_pinned: bool = False) -> SavedView:
    """Under this name, in place of an own one of the same name. Sharing shows the filters to others, never more rows."""
    if is_shared:
        access.require(actor, Permission.VIEW_SHARE)
    name = name.strip()
    if not name:
        raise ValidationError({"name": [_("Please fill this in.")]})
    if len(query) > 4000:
        raise ValidationError({"query": [_("This view is too long to keep.")]})
    with transaction.atomic():
        view, is_new = SavedView.objects.update_or_create(
            user=actor, screen=screen, name=name[:60], defaults={"query": query, "is_shared": is_shared, "is_pinned": is_pinned}
        )
        audit.record(actor=actor, verb=AuditVerb.CREATED if is_new else AuditVerb.CHANGED, on=view, note=name)
    return view


def delete_view(*, actor: User, view_id: int) -> None:
    """One's own."""
    with transaction.atomic():
        view = SavedView.objects.select_for_update().get(pk=view_id, user=actor)
        audit.record(actor=actor, verb=AuditVerb.DELETED, on=view, note=view.name)
        view.delete()
