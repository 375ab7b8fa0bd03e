"""Exports that need somebody's approval: asked for by `POST /customers/export` with a reason."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from zhike.api.door import caller, needs_everywhere, signed_in
from zhike.api.paging import filtered, page
from zhike.api.schemas.exports import DecisionIn, ExportRequestOut, ExportRequestQuery
from zhike.api.schemas.pages import Page
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.queries import export_requests

router = Router(tags=["exports"])


@router.get("/exports", response=Page[ExportRequestOut])
@signed_in
def list_export_requests(request: HttpRequest, query: Query[ExportRequestQuery]) -> Any:
    """One's own; for who may approve, everybody's."""
    rows = filtered(export_requests(caller(request)), query, {"state": "state"})
    return page(request, rows, query, sort=query.sort)


@router.post("/exports/{int:request_id}/decision", response=ExportRequestOut)
@needs_everywhere(Permission.EXPORT_APPROVE)
def decide_export_request(request: HttpRequest, request_id: int, data: DecisionIn) -> Any:
    user = caller(request)
    export_requests(user).get(pk=request_id)
    return actions.decide_export(actor=user, request_id=request_id, approve=data.approve, answer=data.answer, at=timezone.now())
