"""Keys to the REST API."""

import datetime
import hashlib
import secrets
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import ApiToken, User

_USED_EVERY = datetime.timedelta(minutes=1)


def create_token(
    *, actor: User, name: str, permissions: Sequence[str], expires_at: datetime.datetime, at: datetime.datetime
) -> tuple[ApiToken, str]:
    """A token of one's own and its secret, which nobody can read again. It may at most what its owner may."""
    name = name.strip()
    if not name:
        raise ValidationError({"name": [_("Please fill this in.")]})
    beyond = set(permissions) - access.rights_of(actor).permissions
    if not permissions or beyond:
        raise ValidationError({"permissions": [_("Choose from what you may do yourself.")]})
    if expires_at <= at:
        raise ValidationError({"expires_at": [_("The end must be in the future.")]})
    secret = f"zk_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=actor, name=name[:60], digest=_digest(secret), hint=secret[-4:], permissions=sorted(set(permissions)),
            expires_at=expires_at,
        )  # fmt: skip
        audit.record(
            actor=actor, verb=AuditVerb.CREATED, on=token,
            changes={"permissions": [[], token.permissions], "expires_at": [None, expires_at]}, note=name,
        )  # fmt: skip
    return token, secret


def revoke_token(*, actor: User, token_id: int, at: datetime.datetime) -> None:
    """One's own, or, with the right to change people, anybody's."""
    with transaction.atomic():
        tokens = ApiToken.objects.select_for_update().filter(revoked_at=None)
        mine = (
            tokens
            if access.rights_of(actor).allows(Permission.PEOPLE_EDIT) and actor.is_administrator
            else tokens.filter(user=actor)
        )
        token = mine.get(pk=token_id)
        token.revoked_at = at
        token.save()
        audit.record(actor=actor, verb=AuditVerb.DELETED, on=token, note=token.name)


def person_of_token(*, secret: str, at: datetime.datetime) -> User | None:
    """Whose token this is, narrowed to what it may; None when it is unknown, expired or revoked, or its owner left."""
    token = ApiToken.objects.select_related("user").filter(digest=_digest(secret), revoked_at=None, expires_at__gt=at).first()
    if token is None or not token.user.is_active:
        return None
    if token.used_at is None or at - token.used_at > _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=at)
    access.narrow(token.user, token.permissions)
    return token.user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
