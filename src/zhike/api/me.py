"""One's own account."""

from base64 import b32encode
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from zhike.api.door import browser_only, caller, costly, signed_in, without_key
from zhike.api.references import named
from zhike.api.schemas.base import Done
from zhike.api.schemas.me import (
    AbsenceIn,
    CodeIn,
    CodesOut,
    MeIn,
    MeOut,
    PasswordIn,
    ProofIn,
    SecondFactorOut,
    SecretOut,
    SessionOut,
)
from zhike.teams import access, actions
from zhike.teams.models import User, UserSession
from zhike.teams.queries import colleagues, has_second_factor, recovery_codes_left, sessions_of

router = Router(tags=["own account"])


@router.get("/me", response=MeOut)
@signed_in
def read_me(request: HttpRequest) -> Any:
    """Who I am and what I may; a token's permissions are those it was given."""
    return _shown(caller(request))


@router.patch("/me", response=MeOut)
@signed_in
def change_me(request: HttpRequest, data: MeIn) -> Any:
    me = caller(request)
    now = {"language": me.language, "theme": me.theme, "email": me.email, "phone": me.phone}
    actions.change_account(actor=me, **(now | data.given()))
    me.refresh_from_db(fields=list(now))
    return _shown(me)


@router.put("/me/absence", response=MeOut)
@signed_in
def plan_my_absence(request: HttpRequest, data: AbsenceIn) -> Any:
    me = caller(request)
    deputy = named(colleagues(), data.deputy, "deputy")
    actions.plan_absence(actor=me, person_id=me.pk, away_from=data.away_from, away_until=data.away_until, deputy=deputy)
    me.refresh_from_db(fields=["away_from", "away_until", "deputy"])
    return _shown(me)


@router.post("/me/password", response={204: None})
@signed_in
@browser_only
@costly
@without_key
def change_my_password(request: HttpRequest, data: PasswordIn) -> Any:
    """All other sessions end."""
    me = actions.change_password(actor=caller(request), old=data.old, new=data.new, session_key=request.session.session_key)
    update_session_auth_hash(request, me)
    return Status(204, None)


@router.get("/me/second-factor", response=SecondFactorOut)
@signed_in
@browser_only
def read_second_factor(request: HttpRequest) -> Any:
    me = caller(request)
    return {"is_on": has_second_factor(me), "recovery_codes_left": recovery_codes_left(me)}


@router.post("/me/second-factor", response=SecretOut)
@signed_in
@browser_only
@without_key
def begin_second_factor(request: HttpRequest) -> Any:
    """A secret for the phone; a code from it, sent to `/me/second-factor/confirm`, turns it on."""
    device = actions.begin_second_factor(actor=caller(request))
    return {"secret": b32encode(device.bin_key).decode(), "address": device.config_url}


@router.post("/me/second-factor/confirm", response=CodesOut)
@signed_in
@browser_only
@costly
@without_key
def confirm_second_factor(request: HttpRequest, data: CodeIn) -> Any:
    codes = actions.confirm_second_factor(actor=caller(request), code=data.code, session_key=request.session.session_key)
    return {"recovery_codes": codes}


@router.post("/me/second-factor/recovery-codes", response=CodesOut)
@signed_in
@browser_only
@costly
@without_key
def renew_recovery_codes(request: HttpRequest, data: ProofIn) -> Any:
    return {"recovery_codes": actions.renew_recovery_codes(actor=caller(request), password=data.password)}


@router.post("/me/second-factor/remove", response={204: None})
@signed_in
@browser_only
@costly
@without_key
def remove_my_second_factor(request: HttpRequest, data: ProofIn) -> Any:
    me = caller(request)
    actions.remove_second_factor(actor=me, person_id=me.pk, password=data.password)
    return Status(204, None)


@router.get("/me/sessions", response=list[SessionOut])
@signed_in
@browser_only
def list_sessions(request: HttpRequest) -> Any:
    here = request.session.session_key
    found = sessions_of(caller(request), timezone.now())
    return [
        {
            "mark": one.mark, "address": one.address, "agent": one.agent, "started_at": one.started_at, "seen_at": one.seen_at,
            "is_this": one.pk == here,
        }
        for one in found
    ]  # fmt: skip


@router.delete("/me/sessions/{mark}", response={204: None})
@signed_in
@browser_only
def end_session(request: HttpRequest, mark: str) -> Any:
    me = caller(request)
    session = next((one for one in sessions_of(me, timezone.now()) if one.mark == mark), None)
    if session is None:
        raise UserSession.DoesNotExist
    actions.end_session(actor=me, session_key=session.pk)
    return Status(204, None)


@router.post("/me/end-other-sessions", response=Done)
@signed_in
@browser_only
def end_other_sessions(request: HttpRequest) -> Any:
    me = caller(request)
    return {"changed": actions.end_sessions(actor=me, person=me, but=request.session.session_key)}


def _shown(me: User) -> dict[str, Any]:
    rights = access.rights_of(me)
    fields = ("id", "username", "name", "email", "phone", "position", "language", "theme", "is_administrator")
    return {
        **{field: getattr(me, field) for field in fields},
        "department": me.department, "deputy": me.deputy, "away_from": me.away_from, "away_until": me.away_until,
        "permissions": sorted(rights.permissions), "scope": rights.scope, "clearance": rights.clearance,
    }  # fmt: skip
