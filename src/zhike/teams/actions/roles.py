"""Roles: what they allow, on whose customers, and up to which confidentiality."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Role, User


def create_role(
    *, actor: User, name: str, permissions: Sequence[str] = (), scope: Scope = Scope.OWN,
    clearance: Confidentiality = Confidentiality.PUBLIC,
) -> Role:  # fmt: skip
    """A new role allows nothing, and that on one's own customers, unless more is said."""
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    role = Role(name=name.strip(), permissions=sorted(set(permissions)), scope=scope, clearance=clearance)
    with transaction.atomic():
        _check(actor, role)
        role.save()
        audit.record(
            actor=actor, verb=AuditVerb.CREATED, on=role,
            changes={"permissions": [[], role.permissions], "scope": [None, scope], "clearance": [None, clearance]},
        )  # fmt: skip
    return role


def change_role(
    *, actor: User, role_id: int, name: str, permissions: Sequence[str], scope: Scope, clearance: Confidentiality
) -> Role:
    """Takes effect with the next request of everybody who has the role."""
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        role = Role.objects.select_for_update().get(pk=role_id)
        _check_covered(actor, role)
        fields = {"name": name.strip(), "permissions": sorted(set(permissions)), "scope": scope, "clearance": clearance}
        role.permissions = sorted(role.permissions)
        changes = audit.differences(role, fields)
        for field, value in fields.items():
            setattr(role, field, value)
        _check(actor, role)
        role.save()
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=role, changes=changes)
    return role


def delete_role(*, actor: User, role_id: int) -> None:
    """Only one that nobody has, so that no right disappears unnoticed."""
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        role = Role.objects.select_for_update().get(pk=role_id)
        _check_covered(actor, role)
        if role.users.filter(is_active=True).exists():
            raise ValidationError(_("People still have this role. Give them another one first."))
        audit.record(actor=actor, verb=AuditVerb.DELETED, on=role, changes={"permissions": [role.permissions, []]})
        role.delete()


def _check(actor: User, role: Role) -> None:
    if not role.name:
        raise ValidationError({"name": [_("Please fill this in.")]})
    if Role.objects.filter(name=role.name).exclude(pk=role.pk).exists():
        raise ValidationError({"name": [_("There is already a role of this name.")]})
    role.clean_fields()
    _check_covered(actor, role)


def _check_covered(actor: User, role: Role) -> None:
    if not access.rights_of(actor).covers(role):
        raise PermissionDenied(_("The role “%(role)s” may do more than you.") % {"role": role.name})
