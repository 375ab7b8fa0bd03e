"""Whose list a customer's suggestions go to: the owner's; without one who can act, the head's of the department."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Department, User

_WIDE = (Scope.DEPARTMENT, Scope.DEPARTMENT_BELOW, Scope.ALL)
_WIDER = (Scope.DEPARTMENT_BELOW, Scope.ALL)


@dataclass(frozen=True)
class Assignees:
    able: list[int]  # who may see customers, and so acts for their own
    heads: dict[int, int]  # by department
    fallback: int | None  # for customers of no department: an administrator


def assignees() -> Assignees:
    may_see = Q(is_administrator=True) | Q(roles__permissions__contains=[Permission.CUSTOMER_VIEW])
    people = list(
        User.objects.filter(may_see, is_active=True)
        .annotate(under=Count("subordinates", filter=Q(subordinates__is_active=True), distinct=True))
        .prefetch_related("roles")
        .distinct()
        .order_by("-under", "pk")
    )
    administrators = sorted(person.pk for person in people if person.is_administrator)
    return Assignees([person.pk for person in people], _heads(people), next(iter(administrators), None))


def _heads(people: Sequence[User]) -> dict[int, int]:
    """The member with most people under them who sees the whole department; else one of the department above who sees down."""
    parents = dict(Department.objects.values_list("pk", "parent_id"))
    own = {place: _head(people, place, _WIDE) for place in parents}
    down = {place: _head(people, place, _WIDER) for place in parents}
    heads: dict[int, int] = {}
    for place in parents:
        found, above = own[place], parents[place]
        for _step in parents:
            if found or above is None:
                break
            found, above = down[above], parents[above]
        if found:
            heads[place] = found
    return heads


def _head(people: Sequence[User], place: int, scopes: tuple[Scope, ...]) -> int | None:
    here = [person for person in people if person.department_id == place]
    return next((one.pk for one in here if one.is_administrator or any(role.scope in scopes for role in one.roles.all())), None)
