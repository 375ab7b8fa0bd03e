"""Signing in, being locked out, sessions.

An attempt is counted before the password is looked at and forgiven when it was right, so that many attempts at once do not
slip through. Unknown names are counted, answered and timed like known ones.
"""

import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import F, Q

from zhike.core import audit, origin, settings_store
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, SignInLock, User, UserSession
from zhike.teams.queries import people_editable_by
from zhike.teams.rules import SignInRules

_COUNT = """
INSERT INTO zhike_signinlock AS held (key, failures, last_at) VALUES (%(key)s, 1, %(at)s)
ON CONFLICT (key) DO UPDATE SET
    last_at = %(at)s,
    failures = CASE
        WHEN held.locked_until > %(at)s THEN held.failures
        WHEN held.locked_until IS NOT NULL OR held.last_at < %(fresh)s THEN 1
        ELSE held.failures + 1 END,
    locked_until = CASE
        WHEN held.locked_until > %(at)s THEN held.locked_until
        WHEN held.locked_until IS NOT NULL OR held.last_at < %(fresh)s THEN NULL
        WHEN held.failures >= %(limit)s THEN %(until)s END
RETURNING locked_until
"""


class LockedOut(Exception):
    """Too many failures; nothing was checked."""

    def __init__(self, until: datetime.datetime) -> None:
        super().__init__(until)
        self.until = until


def sign_in(*, username: str, password: str, at: datetime.datetime) -> User | None:
    """The person, or None for a wrong name or password (the same answer, at the same cost). Raises `LockedOut`."""
    name = username.strip().lower()[:100]
    here = f"address:{origin.current().address}"
    count_attempt(_name_key(name), at=at)
    count_attempt(here, at=at, by_address=True)
    person = User.objects.filter(username__iexact=name, is_active=True).first()
    if person is None:
        make_password(password)
    elif person.check_password(password):
        forgive(_name_key(name))
        SignInLock.objects.filter(pk=here).update(failures=F("failures") - 1)  # not to zero: others were tried from there
        return person
    audit.record(actor=None, verb=AuditVerb.SIGN_IN_FAILED, on=person or "user", note="" if person else name)
    return None


def signed_in(*, actor: User) -> None:
    audit.record(actor=actor, verb=AuditVerb.SIGNED_IN, on=actor)


def signed_out(*, actor: User) -> None:
    audit.record(actor=actor, verb=AuditVerb.SIGNED_OUT, on=actor)


def count_attempt(key: str, *, at: datetime.datetime, by_address: bool = False) -> None:
    rules = settings_store.read(SignInRules)
    span = datetime.timedelta(minutes=rules.lock_minutes)
    limit = rules.address_failures if by_address else rules.failures
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "at": at, "fresh": at - span, "until": at + span, "limit": limit})
        (until,) = cursor.fetchone()
    if until:
        raise LockedOut(until)


def forgive(*keys: str) -> None:
    SignInLock.objects.filter(pk__in=keys).delete()


def unlock(*, actor: User, person_id: int) -> None:
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        person = people_editable_by(actor).get(pk=person_id)
        held, _each = SignInLock.objects.filter(pk__in=[_name_key(person.username.lower()), factor_key(person)]).delete()
        if held:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, note="unlocked")


def end_session(*, actor: User, session_key: str) -> None:
    """One of one's own; raises `UserSession.DoesNotExist` for any other."""
    with transaction.atomic():
        actor.sessions.select_for_update().get(pk=session_key).delete()
        audit.record(actor=actor, verb=AuditVerb.SIGNED_OUT, on=actor, note="session ended")


def end_sessions(*, actor: User, person: User, but: str | None = None) -> int:
    """All of the person's, except the one that asks."""
    if person.pk != actor.pk:
        access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        ended, _each = UserSession.objects.filter(user=person).exclude(pk=but or "").delete()
        if ended:
            audit.record(actor=actor, verb=AuditVerb.SIGNED_OUT, on=person, note=f"{ended} sessions ended")
    return ended


def forget_sessions(*, at: datetime.datetime) -> int:
    """Those that can never be used again, whatever the settings become."""
    old = at - datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return UserSession.objects.filter(Q(expire_date__lt=at) | Q(started_at__lt=old)).delete()[0]


def cut_off(person: User, *, at: datetime.datetime) -> None:
    """No session and no token of this person works any more."""
    UserSession.objects.filter(user=person).delete()
    ApiToken.objects.filter(user=person, revoked_at=None).update(revoked_at=at)


def _name_key(name: str) -> str:
    return f"name:{name}"


def factor_key(person: User) -> str:
    return f"factor:{person.pk}"
