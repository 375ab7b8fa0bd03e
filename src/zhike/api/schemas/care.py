"""Today."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.care.choices import Refusal, Rule
from zhike.customers.choices import InteractionKind, Mood, Outcome


class SuggestionQuery(PageQuery):
    who: Annotated[
        Literal["mine", "all"] | Id, Field(description="One's own (and of those one stands in for), everybody's, or one person's.")
    ] = "mine"
    rule: Rule | None = None


class SuggestionOut(Schema):
    id: int
    customer: Named
    assignee: Named
    rule: str
    reason: str
    opening: Annotated[str, Field(description="Words to begin with.")]
    mind: Annotated[str, Field(description="What to keep in mind.")]
    grade: str
    stage: str
    phone: str
    contact: str
    also: list[str]
    gain: Annotated[float | None, Field(description="Null for who may not see value.")]
    due_on: datetime.date
    channel: str
    state: str
    postponed_until: datetime.date | None
    facts: dict[str, Any]


class TodayOut(Schema):
    open: int
    done_today: int
    promises: Annotated[int, Field(description="Of one's own, due until tomorrow.")]
    brought: float
    quiet: int
    by_rule: dict[str, int]


class CompleteSuggestionIn(Strict):
    kind: Literal[InteractionKind.CALL, InteractionKind.VISIT, InteractionKind.MESSAGE, InteractionKind.HELP]
    outcome: Outcome
    mood: Mood | Literal[""] = ""
    summary: Annotated[str, Field(max_length=5000)] = ""
    next_on: Annotated[Day | None, Field(description="When the next step is promised.")] = None
    next_step: Annotated[str, Field(max_length=200)] = ""


class PostponeIn(Strict):
    until: Day


class RefuseIn(Strict):
    refusal: Refusal
    note: Annotated[str, Field(max_length=200)] = ""
