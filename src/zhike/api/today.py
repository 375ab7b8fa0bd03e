"""Today: whom to contact and why; what became of it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import page
from zhike.api.schemas.care import (
    CompleteSuggestionIn,
    PostponeIn,
    RefuseIn,
    SuggestionOut,
    SuggestionQuery,
    TodayOut,
)
from zhike.api.schemas.interactions import InteractionOut
from zhike.api.schemas.pages import Page
from zhike.care import actions, queries
from zhike.care.models import Suggestion
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.teams.models import User

router = Router(tags=["today"])
FACTS = ("id", "customer", "assignee", "rule", "gain", "due_on", "channel", "state", "postponed_until", "facts")


@router.get("/suggestions", response=Page[SuggestionOut])
@needs(Permission.CUSTOMER_VIEW)
def list_suggestions(request: HttpRequest, query: Query[SuggestionQuery]) -> Any:
    """Open ones, the most urgent and valuable first; customers in their quiet hours are left out for now."""
    user, now = caller(request), timezone.now()
    found = queries.open_suggestions(user, now, _whose(user, query.who)).select_related(
        "customer", "assignee", "assignee__department"
    )
    found = found.filter(rule=query.rule) if query.rule else found
    return page(request, found, query, sort="-priority", shown=lambda rows: _shown(user, rows))


@router.get("/suggestions/figures", response=TodayOut)
@needs(Permission.CUSTOMER_VIEW)
def read_today(request: HttpRequest) -> Any:
    user, now = caller(request), timezone.now()
    all_lists, own = queries.open_lists(user, now), _whose(user, "mine")
    counts = all_lists.by_rule(own)
    return {**vars(queries.figures(user, now)), "open": sum(counts.values()), "quiet": all_lists.quiet(own), "by_rule": counts}


@router.get("/suggestions/{int:suggestion_id}", response=SuggestionOut)
@needs(Permission.CUSTOMER_VIEW)
def read_suggestion(request: HttpRequest, suggestion_id: int) -> Any:
    return _one(caller(request), suggestion_id)


@router.get("/customers/{int:customer_id}/suggestions", response=list[SuggestionOut])
@needs(Permission.CUSTOMER_VIEW)
def list_suggestions_of_customer(request: HttpRequest, customer_id: int) -> Any:
    """What to do next for this customer, and why."""
    user = caller(request)
    customer = Customer.objects.visible_to(user).get(pk=customer_id)
    return [_line(one) for one in queries.suggestions_for(user, customer, timezone.localdate())]


@router.post("/suggestions/{int:suggestion_id}/complete", response={201: InteractionOut})
@needs(Permission.INTERACTION_RECORD)
def complete_suggestion(request: HttpRequest, suggestion_id: int, data: CompleteSuggestionIn) -> Any:
    """Records the contact. When nobody was reached the suggestion comes back tomorrow."""
    given = data.model_dump()
    row = actions.complete_suggestion(actor=caller(request), suggestion_id=suggestion_id, at=timezone.now(), **given)
    return Status(201, row)


@router.post("/suggestions/{int:suggestion_id}/postpone", response=SuggestionOut)
@needs(Permission.INTERACTION_RECORD)
def postpone_suggestion(request: HttpRequest, suggestion_id: int, data: PostponeIn) -> Any:
    """It comes back on that day, if its reason still holds."""
    actions.postpone_suggestion(actor=caller(request), suggestion_id=suggestion_id, until=data.until, at=timezone.localtime())
    return _one(caller(request), suggestion_id)


@router.post("/suggestions/{int:suggestion_id}/refuse", response=SuggestionOut)
@needs(Permission.INTERACTION_RECORD)
def refuse_suggestion(request: HttpRequest, suggestion_id: int, data: RefuseIn) -> Any:
    """The reason is learnt from."""
    actions.refuse_suggestion(
        actor=caller(request), suggestion_id=suggestion_id, refusal=data.refusal, note=data.note, at=timezone.now()
    )
    return _one(caller(request), suggestion_id)


@router.post("/suggestions/{int:suggestion_id}/reopen", response=SuggestionOut)
@needs(Permission.INTERACTION_RECORD)
def reopen_suggestion(request: HttpRequest, suggestion_id: int) -> Any:
    """Takes back one's own “later” or “no”."""
    actions.reopen_suggestion(actor=caller(request), suggestion_id=suggestion_id)
    return _one(caller(request), suggestion_id)


def _whose(user: User, who: str | int) -> list[int]:
    if who == "all":
        return []
    return queries.own_lists(user, timezone.localdate()) if who == "mine" else [int(who)]


def _one(user: User, suggestion_id: int) -> dict[str, Any]:
    visible = Suggestion.objects.visible_to(user).select_related("customer", "assignee__department")
    return _line(queries.lines(user, [visible.get(pk=suggestion_id)], timezone.localdate())[0])


def _shown(user: User, rows: Sequence[Suggestion]) -> list[dict[str, Any]]:
    return [_line(one) for one in queries.lines(user, list(rows), timezone.localdate())]


def _line(line: queries.Line) -> dict[str, Any]:
    words = ("reason", "opening", "mind", "grade", "stage", "phone", "contact", "also", "gain", "facts")
    return {name: getattr(line.suggestion, name) for name in FACTS} | {name: getattr(line, name) for name in words}
