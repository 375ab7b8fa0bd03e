"""Prepared queries of what a person may see: put together once for each person and their present rights."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from zhike.core.prepared import Shelf
from zhike.teams.access import rights_of
from zhike.teams.models import User

MOST = 64  # persons at once whose queries a process keeps


class PreparedFor:
    """`build(user, …)` may ask the user for nothing but who they are and their rights, as `visible_to` does."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._known = Shelf(MOST)

    def __call__(self, user: User, *values: Any) -> list[Any]:
        prepared = self._known.get((user.pk, rights_of(user)), lambda *given: self._build(user, *given), *self._kinds)
        return prepared(*values)

    def first(self, user: User, *values: Any) -> Any:
        found = self(user, *values)
        return found[0] if found else None
