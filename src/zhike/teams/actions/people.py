"""Joining, moving, leaving."""

import datetime
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.teams import access
from zhike.teams.actions.passwords import check_password_rules
from zhike.teams.actions.sign_in import cut_off
from zhike.teams.choices import Permission
from zhike.teams.events import PersonLeft, PersonMoved
from zhike.teams.models import Department, Role, User
from zhike.teams.queries import people_editable_by


class PersonFields(TypedDict, total=False):
    username: str
    name: str
    email: str
    phone: str
    position: str
    department: Department | None
    manager: User | None
    is_administrator: bool
    joined_on: datetime.date | None
    skills: list[str]
    interests: list[str]
    language: str


def create_person(*, actor: User, password: str, roles: Sequence[Role] = (), **fields: Unpack[PersonFields]) -> User:
    """A new colleague, who must choose an own password at the first sign-in. Without roles they see nothing."""
    access.require(actor, Permission.PEOPLE_EDIT)
    person = User(**fields, must_change_password=True)
    _check_grant(actor, roles=roles, administrator=person.is_administrator)
    with transaction.atomic():
        check_person(person)
        check_password_rules(password, person)
        _check_place(actor, person)
        person.set_password(password)
        person.save()
        person.roles.set(roles)
        audit.record(actor=actor, verb=AuditVerb.CREATED, on=person, changes=_roles_change([], roles))
    return person


def change_person(
    *, actor: User, person_id: int, roles: Sequence[Role] | None = None, successors: Sequence[User] = (),
    **fields: Unpack[PersonFields],
) -> User:  # fmt: skip
    """Changes what is given. Another department takes the person's customers along, or leaves them to `successors`."""
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        person = _locked(actor, person_id)
        old_roles, new_roles = list(person.roles.all()), roles if roles is not None else list(person.roles.all())
        changes = audit.differences(person, dict(fields))
        _check_change(actor, person, changes, old_roles, new_roles)
        for field, value in fields.items():
            setattr(person, field, value)
        check_person(person)
        _check_place(actor, person)
        person.save()
        person.roles.set(new_roles)
        changes |= _roles_change(old_roles, new_roles)
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, changes=changes)
        if "department" in changes:
            announce(PersonMoved(actor.pk, person.pk, person.department_id, tuple(one.pk for one in successors)))
    return person


def end_employment(*, actor: User, person_id: int, successors: Sequence[User], left_on: datetime.date) -> User:
    """Signs the person out everywhere, ends their tokens and gives their work to the successors, all or nothing.

    Refused for the last administrator, for oneself, and when customers would stay without an owner.
    """
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        person = _locked(actor, person_id)
        if person.pk == actor.pk:
            raise ValidationError(_("You cannot let yourself go; ask another administrator."))
        if any(one.pk == person.pk or not one.is_active for one in successors):
            raise ValidationError({"successors": [_("Choose successors who stay.")]})
        if person.is_administrator:
            _check_not_last_administrator(person)
        person.is_active, person.left_on = False, left_on
        person.save()
        User.objects.filter(deputy=person).update(deputy=None)
        User.objects.filter(manager=person).update(manager=person.manager_id)
        cut_off(person, at=timezone.now())
        audit.record(
            actor=actor, verb=AuditVerb.CHANGED, on=person,
            changes={"is_active": [True, False], "left_on": [None, left_on], "successors": [[], list(successors)]},
        )  # fmt: skip
        announce(PersonLeft(actor.pk, person.pk, tuple(one.pk for one in successors)))
    return person


def rejoin(*, actor: User, person_id: int) -> User:
    """Somebody who left comes back, with the roles they had; their customers stay where they went."""
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        person = people_editable_by(actor).select_for_update(of=("self",)).get(pk=person_id, is_active=False)
        _check_grant(actor, roles=list(person.roles.all()), administrator=person.is_administrator)
        changes: audit.Changes = {"is_active": [False, True], "left_on": [person.left_on, None]}
        person.is_active, person.left_on = True, None
        person.save()
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, changes=changes)
    return person


def check_person(person: User) -> None:
    """Field rules of the person, each problem under its field and in words."""
    problems: dict[str, list[str]] = {}
    for field in ("username", "name"):
        if not getattr(person, field).strip():
            problems[field] = [_("Please fill this in.")]
    taken = User.objects.filter(username__iexact=person.username).exclude(pk=person.pk)
    if person.username and taken.exists():
        problems["username"] = [_("This sign-in name is taken.")]
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as problem:
        problems = {**problem.message_dict, **problems}
    if problems:
        raise ValidationError(problems)


def _locked(actor: User, person_id: int) -> User:
    person = people_editable_by(actor).select_for_update(of=("self",)).get(pk=person_id, is_active=True)
    check_covers(actor, person)
    return person


def check_covers(actor: User, person: User) -> None:
    """Nobody takes over an account that may more than their own."""
    if not access.is_unlimited(actor) and (person.is_administrator or not access.rights_of(actor).covers(access.rights_of(person))):
        raise PermissionDenied(_("%(name)s may do more than you; ask an administrator.") % {"name": person.name})


def _check_change(actor: User, person: User, changes: audit.Changes, old: Sequence[Role], new: Sequence[Role]) -> None:
    if "is_administrator" in changes and person.is_administrator:
        _check_not_last_administrator(person)
    if set(old) != set(new) or "is_administrator" in changes:
        administrator = bool("is_administrator" in changes and changes["is_administrator"][1])
        _check_grant(actor, roles=[role for role in new if role not in old], administrator=administrator)


def _check_grant(actor: User, *, roles: Sequence[Role], administrator: bool) -> None:
    if administrator and not access.is_unlimited(actor):
        raise PermissionDenied(_("Only an administrator makes another administrator."))
    for role in roles:
        if not access.rights_of(actor).covers(role):
            raise PermissionDenied(_("The role “%(role)s” may do more than you.") % {"role": role.name})


def _check_place(actor: User, person: User) -> None:
    """The person must stay within reach of who changes them, and managers must not go round in a circle."""
    if person.manager_id and person.pk and person.manager_id in (person.pk, *access.subordinates_of(person.pk)):
        raise ValidationError({"manager": [_("This would make a circle of managers.")]})
    rights = access.rights_of(actor)
    if not rights.everything and person.department_id not in rights.departments and person.pk not in rights.owners:
        raise ValidationError({"department": [_("Choose a department that you manage.")]})


def _check_not_last_administrator(person: User) -> None:
    """Locks all administrators, so that two cannot remove each other at once."""
    administrators = User.objects.select_for_update().filter(is_administrator=True, is_active=True).order_by("pk")
    if not [one for one in administrators if one.pk != person.pk]:
        raise ValidationError(_("The last administrator cannot be removed. Make another one first."))


def _roles_change(old: Sequence[Role], new: Sequence[Role]) -> audit.Changes:
    before, after = sorted(role.name for role in old), sorted(role.name for role in new)
    changed: dict[str, list[Any]] = {"roles": [before, after]} if before != after else {}
    return changed
