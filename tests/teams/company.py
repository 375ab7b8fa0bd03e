"""Makes people and places for tests."""

import itertools
from typing import Any

from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Department, Role, User

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def person(name: str = "李雷", *, can: list[Permission] | None = None, scope: Scope = Scope.OWN, **fields: Any) -> User:
    """A person with one role of these permissions, none when `can` is None."""
    user = User(username=fields.pop("username", f"user{next(_numbers)}"), name=name, **fields)
    user.set_password(PASSWORD)
    user.save()
    if can is not None:
        user.roles.add(role(can, scope=scope))
    return user


def administrator(name: str = "王敏", **fields: Any) -> User:
    return person(name, is_administrator=True, **fields)


def role(can: list[Permission], *, scope: Scope = Scope.OWN, **fields: Any) -> Role:
    number = next(_numbers)
    return Role.objects.create(name=f"role {number}", permissions=list(can), scope=scope, **fields)


def department(name: str = "", parent: Department | None = None) -> Department:
    return Department.objects.create(name=name or f"department {next(_numbers)}", parent=parent)
