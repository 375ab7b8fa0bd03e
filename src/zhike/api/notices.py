"""The message center."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from zhike.api.door import caller, signed_in
from zhike.api.paging import page
from zhike.api.schemas.base import Done
from zhike.api.schemas.me import NoticeOut, NoticeQuery
from zhike.api.schemas.pages import Page
from zhike.teams import actions
from zhike.teams.queries import notices_of

router = Router(tags=["notices"])


@router.get("/notices", response=Page[NoticeOut])
@signed_in
def list_notices(request: HttpRequest, query: Query[NoticeQuery]) -> Any:
    rows = notices_of(caller(request))
    if query.unread is not None:
        rows = rows.filter(read_at__isnull=query.unread)
    return page(request, rows, query, sort="-created_at")


@router.post("/notices/read", response=Done)
@signed_in
def read_all_notices(request: HttpRequest) -> Any:
    return {"changed": actions.read_notices(actor=caller(request), at=timezone.now())}


@router.post("/notices/{int:notice_id}/read", response=Done)
@signed_in
def read_notice(request: HttpRequest, notice_id: int) -> Any:
    me = caller(request)
    notices_of(me).get(pk=notice_id)
    return {"changed": actions.read_notices(actor=me, at=timezone.now(), notice_id=notice_id)}
