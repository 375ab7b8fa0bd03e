"""Everything about who asks, in the one query with which every page begins: session, person, roles, whom they stand in for, and
how long a session lasts."""

import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from zhike.core import settings_store
from zhike.core.models import Setting
from zhike.core.prepared import Prepared
from zhike.teams import access
from zhike.teams.models import Role, UserSession
from zhike.teams.rules import SignInRules, end_of_session

ROLE = ("id", "name", "permissions", "scope", "clearance")


def opened(session_key: str | None) -> UserSession | None:
    """The session, if it has not expired."""
    row: Any = _SESSION.first(session_key, timezone.now(), timezone.localdate()) if session_key else None
    if row is not None and row.user is not None:
        access.know(row.user, [Role(**role) for role in row.role_rows], tuple(row.represented))
    found: UserSession | None = row
    return found


def ended(session: UserSession, now: datetime.datetime) -> str:
    """Why one that was `opened` is over all the same; empty: it is not."""
    row: Any = session
    if row.user is None:
        return ""
    rules = settings_store.made(SignInRules, row.sign_in or {})
    return end_of_session(rules, row.started_at, row.seen_at, now)


def _session(key: str, now: datetime.datetime, today: datetime.date) -> "QuerySet[UserSession]":
    found = UserSession.objects.filter(session_key=key, expire_date__gt=now).select_related("user")
    roles = Role.objects.filter(users=OuterRef("user_id")).values_list(JSONObject(**{name: name for name in ROLE}))
    found = found.annotate(sign_in=Subquery(Setting.objects.filter(pk=SignInRules.NAME).values("value")))
    return found.annotate(role_rows=ArraySubquery(roles), represented=ArraySubquery(access.represented(OuterRef("user_id"), today)))


_SESSION = Prepared(_session, str, datetime.datetime, datetime.date)
