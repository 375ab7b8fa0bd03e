"""Whose list a customer's suggestions go to: the owner's; without one who can act, the head's of the department."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Department

_WIDE = (Scope.DEPARTMENT, Scope.DEPARTMENT_BELOW, Scope.ALL)
_WIDER = (Scope.DEPARTMENT_BELOW, Scope.ALL)


@dataclass(frozen=True)
class Assignees:
    able: list[int]  # who may see customers, and so acts for their own
    heads: dict[int, int]  # by department
    fallback: int | None  # for customers of no department: an administrator


_PEOPLE = """
    SELECT u.id, u.department_id, u.is_administrator, array_remove(array_agg(DISTINCT r.scope), NULL), (
        SELECT count(*) FROM zhike_user b WHERE b.manager_id = u.id AND b.is_active) AS under
    FROM zhike_user u LEFT JOIN zhike_user_roles l ON l.user_id = u.id LEFT JOIN zhike_role r ON r.id = l.role_id
    WHERE u.is_active GROUP BY u.id
    HAVING u.is_administrator OR bool_or(%s = ANY(r.permissions)) ORDER BY under DESC, u.id"""


@dataclass(frozen=True)
class _Person:
    pk: int
    department_id: int | None
    is_administrator: bool
    scopes: list[str]
    under: int


def assignees() -> Assignees:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [Permission.CUSTOMER_VIEW])
        people = [_Person(*row) for row in cursor.fetchall()]
    administrators = sorted(person.pk for person in people if person.is_administrator)
    return Assignees([person.pk for person in people], _heads(people), next(iter(administrators), None))


def _heads(people: Sequence[_Person]) -> dict[int, int]:
    """The member with most people under them who sees the whole department; else one of the department above who sees down."""
    parents = dict(Department.objects.order_by().values_list("pk", "parent_id"))
    own, down = _head_of_each(people, _WIDE), _head_of_each(people, _WIDER)
    heads: dict[int, int] = {}
    for place in parents:
        found, above = own.get(place), parents[place]
        for _step in parents:
            if found or above is None:
                break
            found, above = down.get(above), parents[above]
        if found:
            heads[place] = found
    return heads


def _head_of_each(people: Sequence[_Person], scopes: tuple[Scope, ...]) -> dict[int, int]:
    heads: dict[int, int] = {}
    for one in people:
        if one.department_id and (one.is_administrator or any(scope in scopes for scope in one.scopes)):
            heads.setdefault(one.department_id, one.pk)
    return heads
