"""Exports that wait for an approval or are made in the background: asked for by `POST /customers/export`, `/orders/export`."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from zhike.api.door import caller, costly, needs, needs_everywhere, signed_in, without_key
from zhike.api.paging import filtered, page
from zhike.api.schemas.exports import DecisionIn, ExportRequestOut, ExportRequestQuery
from zhike.api.schemas.pages import Page
from zhike.api.sheets import leave_again, sent
from zhike.teams import actions
from zhike.teams.actions import export_files
from zhike.teams.choices import Permission
from zhike.teams.queries import export_requests

router = Router(tags=["exports"])


@router.get("/exports", response=Page[ExportRequestOut])
@signed_in
def list_export_requests(request: HttpRequest, query: Query[ExportRequestQuery]) -> Any:
    """One's own; for who may approve, everybody's."""
    rows = filtered(export_requests(caller(request)), query, {"state": "state"})
    return page(request, rows, query, sort=query.sort)


@router.get("/exports/{int:request_id}", response=ExportRequestOut)
@signed_in
def read_export_request(request: HttpRequest, request_id: int) -> Any:
    """Ask again while `file_state` is `waiting` or `running`."""
    return export_requests(caller(request)).get(pk=request_id)


@router.get("/exports/{int:request_id}/file", response={200: None})
@needs(Permission.CUSTOMER_EXPORT)
@costly
def fetch_export(request: HttpRequest, request_id: int) -> Any:
    """Of one's own, once its `file_state` is `ready`. Each time it is written to the audit trail."""
    return sent(export_files.take_file(actor=caller(request), request_id=request_id, at=timezone.now()))


@router.post("/exports/{int:request_id}/make", response={200: None, 202: ExportRequestOut})
@needs(Permission.CUSTOMER_EXPORT)
@costly
@without_key
def make_export_file(request: HttpRequest, request_id: int) -> Any:
    """One's own that was approved; or that failed, was cancelled or is deleted, again: of the rows of today, as `/customers/export`
    answers. A valid approval holds for it; without one the rows count against the day."""
    return leave_again(request, request_id)


@router.post("/exports/{int:request_id}/cancel", response=ExportRequestOut)
@signed_in
def cancel_export(request: HttpRequest, request_id: int) -> Any:
    """One's own, while it is being made: nothing of it stays."""
    export_files.cancel_file(actor=caller(request), request_id=request_id)
    return export_requests(caller(request)).get(pk=request_id)


@router.post("/exports/{int:request_id}/decision", response=ExportRequestOut)
@needs_everywhere(Permission.EXPORT_APPROVE)
def decide_export_request(request: HttpRequest, request_id: int, data: DecisionIn) -> Any:
    user = caller(request)
    export_requests(user).get(pk=request_id)
    return actions.decide_export(actor=user, request_id=request_id, approve=data.approve, answer=data.answer, at=timezone.now())
