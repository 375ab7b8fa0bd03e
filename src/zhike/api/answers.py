"""Answers to surveys, sheet by sheet. They come in as a file: `POST /imports` with the kind `answers`."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from ninja import Query, Router

from zhike.api.door import caller, needs
from zhike.api.paging import filtered, page
from zhike.api.schemas.answers import AnswerSheetOut, AnswerSheetQuery, SurveyOut
from zhike.api.schemas.pages import Page, PageQuery
from zhike.customers.models import Answer, AnswerSheet, Survey
from zhike.teams.choices import Permission

router = Router(tags=["surveys"])
LOOKUPS = {
    "survey": "survey", "customer": "customer", "day_from": "day__gte", "day_until": "day__lte",
    "satisfaction_from": "satisfaction__gte", "satisfaction_until": "satisfaction__lte", "recommend_from": "recommend__gte",
    "recommend_until": "recommend__lte", "shop": "shop", "product": "product", "person": "person",
}  # fmt: skip


@router.get("/surveys", response=Page[SurveyOut])
@needs(Permission.CUSTOMER_VIEW)
def list_surveys(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """Their names, to filter answers by."""
    return page(request, Survey.objects.all(), query)


@router.get("/answers", response=Page[AnswerSheetOut])
@needs(Permission.CUSTOMER_VIEW)
def list_answer_sheets(request: HttpRequest, query: Query[AnswerSheetQuery]) -> Any:
    """Of customers that the caller may see; anonymous ones only for who sees all customers."""
    rows = filtered(_visible(request), query, LOOKUPS)
    if query.known is not None:
        rows = rows.filter(Q(customer__isnull=not query.known))
    return page(request, rows, query, sort=query.sort)


@router.get("/answers/{int:sheet_id}", response=AnswerSheetOut)
@needs(Permission.CUSTOMER_VIEW)
def read_answer_sheet(request: HttpRequest, sheet_id: int) -> Any:
    return _visible(request).get(pk=sheet_id)


def _visible(request: HttpRequest) -> QuerySet[AnswerSheet]:
    answers = Answer.objects.select_related("question").order_by("question_id")
    rows = AnswerSheet.objects.visible_to(caller(request)).select_related("survey", "customer")
    return rows.prefetch_related(Prefetch("answers", answers))
