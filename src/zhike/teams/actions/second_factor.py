"""The second factor: a code from the person's phone, or one of ten recovery codes."""

import datetime
import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.actions.people import check_covers
from zhike.teams.actions.sign_in import count_attempt, end_sessions, factor_key, forgive
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.queries import people_editable_by

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def begin_second_factor(*, actor: User) -> TOTPDevice:
    """A new secret, worth nothing until a code from it was entered. Refused while one is in use."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        if TOTPDevice.objects.filter(user=actor, confirmed=True).exists():
            raise ValidationError(_("A second factor is already in use. Remove it first."))
        TOTPDevice.objects.filter(user=actor, confirmed=False).delete()
        return TOTPDevice.objects.create(user=actor, name="totp", confirmed=False)


def confirm_second_factor(*, actor: User, code: str, session_key: str | None) -> list[str]:
    """Turns it on, ends the other sessions and gives the recovery codes, shown this once."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=actor, confirmed=False).first()
        if device is None or not device.verify_token(_digits(code)):
            raise ValidationError({"code": [_("This code is not right. Check the clock of your phone and enter the newest code.")]})
        device.confirmed = True
        device.save()
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=actor, note="second factor on")
        end_sessions(actor=actor, person=actor, but=session_key)
        return _new_codes(actor)


def renew_recovery_codes(*, actor: User, password: str) -> list[str]:
    """The old ones stop working."""
    with transaction.atomic():
        _prove(actor, password)
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=actor, note="recovery codes renewed")
        return _new_codes(actor)


def remove_second_factor(*, actor: User, person_id: int, password: str = "") -> None:
    """One's own with the password; that of somebody who lost their phone by who may change people."""
    if person_id == actor.pk:
        _prove(actor, password)
        person = actor
    else:
        access.require(actor, Permission.PEOPLE_EDIT)
        person = people_editable_by(actor).get(pk=person_id)
        check_covers(actor, person)
    with transaction.atomic():
        TOTPDevice.objects.filter(user=person).delete()
        StaticDevice.objects.filter(user=person).delete()
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=person, note="second factor off")


def passes_second_factor(*, person: User, code: str, at: datetime.datetime) -> bool:
    """Whether the code is right now; each works once. Raises `LockedOut` after too many wrong ones."""
    count_attempt(factor_key(person), at=at)
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=person, confirmed=True).first()
        right = device is not None and (device.verify_token(_digits(code)) or _is_recovery_code(person, code))
        if right:
            forgive(factor_key(person))
        else:
            audit.record(actor=None, verb=AuditVerb.SIGN_IN_FAILED, on=person, note="second factor")
    return right


def _is_recovery_code(person: User, code: str) -> bool:
    deleted, _each = StaticToken.objects.filter(device__user=person, device__confirmed=True, token=_digest(code)).delete()
    return bool(deleted)


def _new_codes(person: User) -> list[str]:
    StaticDevice.objects.filter(user=person).delete()
    device = StaticDevice.objects.create(user=person, name="recovery", confirmed=True)
    codes = ["".join(secrets.choice(_ALPHABET) for _letter in range(10)) for _code in range(10)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_digest(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _prove(actor: User, password: str) -> None:
    if not User.objects.get(pk=actor.pk).check_password(password):
        raise ValidationError({"password": [_("This is not your present password.")]})


def _digest(code: str) -> str:
    """Only this is stored, cut to the width of the column."""
    return hashlib.sha256(code.strip().lower().replace("-", "").encode()).hexdigest()[:16]


def _digits(code: str) -> str:
    return code.replace(" ", "").strip()
