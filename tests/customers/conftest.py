"""People with different rights, and a customer or two."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from zhike.customers.models import Customer
    from zhike.teams.models import User

AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SELLING = ["customer.view", "customer.create", "customer.edit", "interaction.record", "order.view"]


@pytest.fixture
def at() -> datetime.datetime:
    return AT


@pytest.fixture
def boss(db: None) -> User:
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="老板", is_administrator=True)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(username: str, *permissions: str, scope: str = "own", clearance: str = "confidential", **more: Any) -> User:
        from zhike.teams.models import Role, User

        user = User.objects.create(username=username, name=more.pop("name", username), **more)
        role = Role.objects.create(
            name=f"role of {username}", permissions=list(permissions or SELLING), scope=scope, clearance=clearance
        )
        user.roles.add(role)
        return user

    return make


@pytest.fixture
def li(person: Callable[..., User]) -> User:
    from zhike.teams.models import Department

    return person("li", name="李雷", department=Department.objects.create(name="一店"))


@pytest.fixture
def han(person: Callable[..., User]) -> User:
    return person("han", name="韩梅梅")


@pytest.fixture
def made() -> Callable[..., Customer]:
    def make(actor: User, name: str = "张伟", **values: Any) -> Customer:
        from zhike.customers import actions

        return actions.create_customer(actor=actor, values={"name": name, **values}, at=AT)

    return make
