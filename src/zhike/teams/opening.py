"""Everything about who asks, in the one query with which every page begins: session, person, roles, whom they stand in for."""

import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from zhike.core.prepared import Prepared
from zhike.teams import access
from zhike.teams.models import Role, UserSession

ROLE = ("id", "name", "permissions", "scope", "clearance")


def opened(session_key: str | None) -> UserSession | None:
    """The session, if it has not expired."""
    row: Any = _SESSION.first(session_key, timezone.now(), timezone.localdate()) if session_key else None
    if row is not None and row.user is not None:
        access.know(row.user, [Role(**role) for role in row.role_rows], tuple(row.represented))
    found: UserSession | None = row
    return found


def _session(key: str, now: datetime.datetime, today: datetime.date) -> "QuerySet[UserSession]":
    found = UserSession.objects.filter(session_key=key, expire_date__gt=now).select_related("user")
    roles = Role.objects.filter(users=OuterRef("user_id")).values_list(JSONObject(**{name: name for name in ROLE}))
    return found.annotate(role_rows=ArraySubquery(roles), represented=ArraySubquery(access.represented(OuterRef("user_id"), today)))


_SESSION = Prepared(_session, str, datetime.datetime, datetime.date)
