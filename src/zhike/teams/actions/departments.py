"""The tree of departments."""

from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access, rules
from zhike.teams.choices import Permission
from zhike.teams.models import Department, User


class DepartmentFields(TypedDict, total=False):
    name: str
    parent: Department | None
    city: str
    position: int


def create_department(*, actor: User, **fields: Unpack[DepartmentFields]) -> Department:
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    department = Department(**fields)
    with transaction.atomic():
        _lock_tree()
        _check(department)
        department.save()
        audit.record(actor=actor, verb=AuditVerb.CREATED, on=department)
    return department


def change_department(*, actor: User, department_id: int, **fields: Unpack[DepartmentFields]) -> Department:
    """Renames or moves it, with all below it. Rights follow at once."""
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        tree = _lock_tree()
        department = Department.objects.get(pk=department_id)
        changes = audit.differences(department, dict(fields))
        for field, value in fields.items():
            setattr(department, field, value)
        if rules.makes_a_cycle(tree, department.pk, department.parent_id):
            raise ValidationError({"parent": [_("A department cannot be moved below itself.")]})
        _check(department)
        department.save()
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=department, changes=changes)
    return department


def delete_department(*, actor: User, department_id: int) -> None:
    """Only an empty one: people, customers and departments below are moved first."""
    access.require_everywhere(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        _lock_tree()
        department = Department.objects.get(pk=department_id)
        audit.record(actor=actor, verb=AuditVerb.DELETED, on=department)
        try:
            department.delete()
        except ProtectedError as problem:
            raise ValidationError(_("It still has people, customers or departments below it. Move them first.")) from problem


def _lock_tree() -> dict[int, int | None]:
    """All departments and their parents; nobody else moves one meanwhile."""
    return dict(Department.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))


def _check(department: Department) -> None:
    department.name = department.name.strip()
    if not department.name:
        raise ValidationError({"name": [_("Please fill this in.")]})
    twins = Department.objects.filter(parent=department.parent, name=department.name).exclude(pk=department.pk)
    if twins.exists():
        raise ValidationError({"name": [_("There is already a department of this name here.")]})
    department.clean_fields()
