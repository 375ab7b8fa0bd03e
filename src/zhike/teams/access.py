"""Rights, decided in one place: may this person do that, and on whose customers.

Everything that shows or changes a record asks here: pages, API, exports, search, analytics. What may not be seen does not
exist (404); what may be seen but not done is refused (403). A person without roles sees nothing. Who is away is seen for by
the deputy: their customers, during the absence, no more.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Role, User
from zhike.teams.rules import CLASSES, SCOPES

RANKS = {one.value: rank for rank, one in enumerate(CLASSES)}


@dataclass(frozen=True)
class Rights:
    """What one person may do. Computed once a request and kept on the user object."""

    permissions: frozenset[str]
    clearance: Confidentiality
    everything: bool  # all rows
    owners: tuple[int, ...]  # else customers of these people
    departments: tuple[int, ...]  # and of these departments
    scope: Scope = Scope.OWN  # the widest of the roles

    def allows(self, permission: Permission) -> bool:
        return permission in self.permissions

    def shows(self, field_class: str) -> bool:
        """Whether a field of this class is shown in plain."""
        return RANKS[field_class] <= RANKS[self.clearance]

    def covers(self, other: "Rights | Role") -> bool:
        """Whether these rights hold all of the other's: nobody gives, changes or takes over more than they have."""
        wide_enough = SCOPES.index(Scope(other.scope)) <= SCOPES.index(self.scope)
        return wide_enough and set(other.permissions) <= self.permissions and self.shows(other.clearance)

    def rows(self, *, owner: str = "owner", department: str = "department") -> Q:
        """The condition that keeps the rows of the scope, for a model with an owner and a department."""
        return Q() if self.everything else reduce(or_, self.parts(owner=owner, department=department))

    def parts(self, *, owner: str = "owner", department: str = "department") -> list[Q]:
        """Of a scope that is not everything: its rows fulfil one of these or several."""
        return [Q(**{f"{owner}__in": self.owners}), Q(**{f"{department}__in": self.departments})]


NO_RIGHTS = Rights(frozenset(), Confidentiality.PUBLIC, False, (), ())


def rights_of(user: User) -> Rights:
    """The rights of a person; an API token narrows them through `narrowed_to`."""
    cached: Rights | None = getattr(user, "_rights", None)
    if cached is None:
        cached = _compute(user)
        user._rights = cached  # type: ignore[attr-defined]
    return cached


def know(user: User, roles: list[Role], away: tuple[int, ...]) -> None:
    """What came with the person in one query: their roles, and for whom they stand in today."""
    user._known = (roles, away)  # type: ignore[attr-defined]


def narrow(user: User, permissions: list[str]) -> None:
    """For the rest of this request the person may do only what `permissions` name (an API token's scopes)."""
    full = rights_of(user)
    user._rights = replace(full, permissions=full.permissions & frozenset(permissions))  # type: ignore[attr-defined]


def is_unlimited(user: User) -> bool:
    """An administrator, unless a token holds them back."""
    return user.is_administrator and rights_of(user).permissions >= frozenset(Permission.values)


def forget(user: User) -> None:
    """After the person's roles or place changed within a request."""
    if hasattr(user, "_rights"):
        del user._rights


def require(user: User, permission: Permission) -> None:
    """Raise `PermissionDenied` unless the person has the permission. The first line of every action."""
    if not rights_of(user).allows(permission):
        raise PermissionDenied(_("You may not do this: %(right)s.") % {"right": permission.label})


def require_everywhere(user: User, permission: Permission) -> None:
    """For what concerns the whole company: the permission, with all rows as its scope."""
    require(user, permission)
    if not rights_of(user).everything:
        raise PermissionDenied(_("This concerns the whole company and needs a role with the scope “all”."))


def reached_by(
    *, owner: int | None, department: int | None, permissions: Collection[str], also: Collection[int] = ()
) -> list[User]:
    """`Rights.rows` read backwards: everybody whose rows contain one of this owner and department, and who has the permissions.

    `also`: people whom the row is shared with, who need the permissions alone. A few queries, however many people work here.
    """
    managers = set(_tree("SELECT manager_id AS id, id AS parent FROM zhike_user", owner)[1:]) if owner else set()
    above = set(_tree("SELECT parent_id AS id, id AS parent FROM zhike_department", department)) if department else set()
    standing_in = _deputy_today(owner) if owner else None

    def reaches(person: User, scope: Scope) -> bool:
        return (
            scope == Scope.ALL
            or person.pk in (owner, standing_in)
            or (scope == Scope.SUBORDINATES and person.pk in managers)
            or (scope == Scope.DEPARTMENT and department is not None and person.department_id == department)
            or (scope == Scope.DEPARTMENT_BELOW and person.department_id in above - {None})
        )

    found = []
    for person in User.objects.filter(is_active=True).prefetch_related("roles"):
        roles = list(person.roles.all())
        scope = max((Scope(role.scope) for role in roles), key=SCOPES.index, default=Scope.OWN)
        allowed = {permission for role in roles for permission in role.permissions}
        if person.is_administrator or (set(permissions) <= allowed and (person.pk in also or reaches(person, scope))):
            found.append(person)
    return found


def _deputy_today(owner: int) -> int | None:
    today = timezone.localdate()
    away = User.objects.filter(pk=owner, is_active=True, away_from__lte=today).exclude(away_until__lt=today)
    return away.values_list("deputy_id", flat=True).first()


def _compute(user: User) -> Rights:
    if not user.is_active:
        return NO_RIGHTS
    if user.is_administrator:
        return Rights(frozenset(Permission.values), Confidentiality.SECRET, True, (), (), Scope.ALL)
    known = vars(user).pop("_known", None)  # good for once: after a change the database is asked
    roles, away = known or (list(user.roles.all()), None)
    if not roles:
        return NO_RIGHTS
    scope = max((Scope(role.scope) for role in roles), key=SCOPES.index)
    clearance = max((Confidentiality(role.clearance) for role in roles), key=CLASSES.index)
    permissions = frozenset(permission for role in roles for permission in role.permissions)
    owners, departments = _reach(user, scope)
    owners += away_with_deputy(user.pk, timezone.localdate()) if away is None else away
    return Rights(permissions, clearance, scope == Scope.ALL, owners, departments, scope)


def away_with_deputy(deputy_id: int, today: datetime.date) -> tuple[int, ...]:
    """The people for whom this person stands in today."""
    return tuple(represented(deputy_id, today))


def represented(deputy: Any, today: datetime.date) -> "QuerySet[User, int]":
    away = User.objects.filter(deputy=deputy, is_active=True, away_from__lte=today)
    return away.exclude(away_until__lt=today).order_by("pk").values_list("pk", flat=True)


def _reach(user: User, scope: Scope) -> tuple[tuple[int, ...], tuple[int, ...]]:
    owners: tuple[int, ...] = (user.pk,)
    departments: tuple[int, ...] = ()
    if scope == Scope.SUBORDINATES:
        owners = (user.pk, *subordinates_of(user.pk))
    if scope in (Scope.DEPARTMENT, Scope.DEPARTMENT_BELOW) and user.department_id:
        departments = (user.department_id,)
    if scope == Scope.DEPARTMENT_BELOW and user.department_id:
        departments = departments_below(user.department_id)
    return owners, departments


def subordinates_of(user_id: int) -> tuple[int, ...]:
    return _tree("SELECT id, manager_id AS parent FROM zhike_user", user_id)[1:]


def departments_below(department_id: int) -> tuple[int, ...]:
    """The department and all below it."""
    return _tree("SELECT id, parent_id AS parent FROM zhike_department", department_id)


def _tree(edges: str, root: int) -> tuple[int, ...]:
    sql = f"""
        WITH RECURSIVE edges AS ({edges}), tree(id) AS (
            SELECT %s::bigint UNION SELECT edges.id FROM edges JOIN tree ON edges.parent = tree.id
        ) SELECT id FROM tree"""  # noqa: S608  `edges` is one of the two texts above
    with connection.cursor() as cursor:
        cursor.execute(sql, [root])
        return tuple(row[0] for row in cursor.fetchall())
