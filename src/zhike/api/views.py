"""Saved views of lists."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, signed_in
from zhike.api.paging import page
from zhike.api.schemas.me import ViewIn, ViewOut, ViewQuery
from zhike.api.schemas.pages import Page
from zhike.teams import actions
from zhike.teams.queries import saved_views

router = Router(tags=["saved views"])


@router.get("/views", response=Page[ViewOut])
@signed_in
def list_views(request: HttpRequest, query: Query[ViewQuery]) -> Any:
    """One's own of a list, and those that others share."""
    return page(request, saved_views(caller(request), query.screen), query)


@router.post("/views", response={201: ViewOut})
@signed_in
def save_view(request: HttpRequest, data: ViewIn) -> Any:
    """Takes the place of an own view of the same list and name."""
    return Status(201, actions.save_view(actor=caller(request), **data.model_dump()))


@router.delete("/views/{int:view_id}", response={204: None})
@signed_in
def delete_view(request: HttpRequest, view_id: int) -> Any:
    actions.delete_view(actor=caller(request), view_id=view_id)
    return Status(204, None)
