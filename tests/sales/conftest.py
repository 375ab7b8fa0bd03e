"""People, and files that they send."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from zhike.customers.imports.pipeline import Outcome
    from zhike.customers.models import ImportBatch
    from zhike.teams.models import User

AT = datetime.datetime(2026, 3, 10, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
IMPORTING = ["customer.view", "customer.create", "customer.edit", "customer.import", "order.view", "order.edit"]


@pytest.fixture
def at() -> datetime.datetime:
    return AT


@pytest.fixture
def boss(db: None) -> User:
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="老板", is_administrator=True)


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    def make(username: str, *permissions: str, scope: str = "own", **more: Any) -> User:
        from zhike.teams.models import Role, User

        user = User.objects.create(username=username, name=more.pop("name", username), **more)
        permissions = permissions or tuple(IMPORTING)
        user.roles.add(
            Role.objects.create(name=f"role of {username}", permissions=list(permissions), scope=scope, clearance="confidential")
        )
        return user

    return make


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., tuple[ImportBatch, Outcome]]:
    """Imports a text as a file of orders (or customers) and gives the batch and what happened."""

    def run(
        actor: User, text: str | bytes, *, kind: str = "orders", policy: str = "update", dry: bool = False, **options: Any
    ) -> tuple[Any, Any]:
        from zhike.sales.imports import actions

        path = tmp_path / f"file{len(list(tmp_path.iterdir()))}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        batch = actions.open_path(actor=actor, kind=kind, path=path)
        mapping = options.pop("mapping", None) or batch.mapping
        actions.set_mapping(actor=actor, batch=batch, mapping=mapping, policy=policy, options=options)
        batch.refresh_from_db()
        outcome = (actions.check_now if dry else actions.run_now)(actor=actor, batch=batch, now=AT)
        batch.refresh_from_db()
        return batch, outcome

    return run
