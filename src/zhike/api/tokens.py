"""Keys to this API: made in the browser, listed and revoked also by program."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import browser_only, caller, signed_in, without_key
from zhike.api.paging import page
from zhike.api.schemas.me import NewTokenOut, TokenIn, TokenOut
from zhike.api.schemas.pages import Page, PageQuery
from zhike.teams import actions
from zhike.teams.queries import tokens_of

router = Router(tags=["own account"])


@router.get("/me/tokens", response=Page[TokenOut])
@signed_in
def list_tokens(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, tokens_of(caller(request)), query)


@router.post("/me/tokens", response={201: NewTokenOut})
@signed_in
@browser_only
@without_key
def create_token(request: HttpRequest, data: TokenIn) -> Any:
    """The answer holds the secret, which nobody can read again."""
    token, secret = actions.create_token(
        actor=caller(request), name=data.name, permissions=data.permissions, expires_at=data.expires_at, at=timezone.now()
    )
    return Status(201, {**TokenOut.from_orm(token).dict(), "secret": secret})


@router.delete("/me/tokens/{int:token_id}", response={204: None})
@signed_in
def revoke_token(request: HttpRequest, token_id: int) -> Any:
    """One's own; administrators revoke anybody's."""
    actions.revoke_token(actor=caller(request), token_id=token_id, at=timezone.now())
    return Status(204, None)
