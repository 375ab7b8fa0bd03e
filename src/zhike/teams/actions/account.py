"""What people change about themselves, and passwords."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.actions.passwords import check_password_rules
from zhike.teams.actions.people import check_covers, check_person
from zhike.teams.actions.sign_in import end_sessions, unlock
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.queries import people_editable_by

THEMES = ("auto", "light", "dark")


def change_account(*, actor: User, language: str, theme: str, email: str = "", phone: str = "") -> User:
    """Everybody may change these about themselves."""
    with transaction.atomic():
        me = User.objects.select_for_update().get(pk=actor.pk)
        fields = {"language": language, "theme": theme, "email": email, "phone": phone}
        if theme not in THEMES:
            raise ValidationError({"theme": [_("Choose one of the list.")]})
        changes = audit.differences(me, fields)
        for field, value in fields.items():
            setattr(me, field, value)
        check_person(me)
        me.save()
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=me, changes=changes)
    return me


def change_password(*, actor: User, old: str, new: str, session_key: str | None) -> User:
    """One's own, proving the present one. Every other session ends."""
    with transaction.atomic():
        me = User.objects.select_for_update().get(pk=actor.pk)
        if not me.check_password(old):
            raise ValidationError({"old": [_("This is not your present password.")]})
        if old == new:
            raise ValidationError({"new": [_("Choose another password than the present one.")]})
        check_password_rules(new, me, field="new")
        me.set_password(new)
        me.must_change_password = False
        me.save()
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=me, note="password")
        end_sessions(actor=actor, person=me, but=session_key)
    return me


def set_password(*, actor: User, person_id: int, password: str) -> User:
    """Somebody else's, forgotten: all their sessions end, the lock opens, and they choose an own one at the next sign-in."""
    access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        person = people_editable_by(actor).select_for_update(of=("self",)).get(pk=person_id, is_active=True)
        check_covers(actor, person)
        check_password_rules(password, person)
        person.set_password(password)
        person.must_change_password = True
        person.save()
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, note="password")
        end_sessions(actor=actor, person=person)
        unlock(actor=actor, person_id=person.pk)
    return person


def plan_absence(
    *, actor: User, person_id: int, away_from: datetime.date | None, away_until: datetime.date | None, deputy: User | None
) -> User:
    """One's own, or that of somebody one may change. The deputy sees the absent person's customers during these days."""
    if person_id != actor.pk:
        access.require(actor, Permission.PEOPLE_EDIT)
    with transaction.atomic():
        reach = User.objects.filter(pk=actor.pk) if person_id == actor.pk else people_editable_by(actor)
        person = reach.select_for_update(of=("self",)).get(pk=person_id, is_active=True)
        fields = {"away_from": away_from, "away_until": away_until, "deputy": deputy}
        _check_absence(person, away_from, away_until, deputy)
        changes = audit.differences(person, fields)
        for field, value in fields.items():
            setattr(person, field, value)
        person.save()
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, changes=changes)
    return person


def _check_absence(person: User, start: datetime.date | None, end: datetime.date | None, deputy: User | None) -> None:
    if end and (start is None or end < start):
        raise ValidationError({"away_until": [_("The absence ends before it begins.")]})
    if deputy and (deputy.pk == person.pk or not deputy.is_active):
        raise ValidationError({"deputy": [_("Choose a colleague as deputy.")]})
    if deputy and start is None:
        raise ValidationError({"away_from": [_("Say from when the deputy stands in.")]})
