"""Interactions: done and planned."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Moment, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.customers.choices import Channel, Direction, InteractionKind, InteractionState, Mood, Outcome, Purpose, Tone, Urgency


class InteractionQuery(PageQuery):
    customer: Id | None = None
    staff: Id | None = None
    mine: bool | None = None
    state: InteractionState | None = None
    kind: InteractionKind | None = None
    channel: Channel | None = None
    outcome: Outcome | None = None
    mood: Mood | None = None
    at_from: Moment | None = None
    at_until: Moment | None = None
    open_problems: bool | None = None
    sort: Literal["id", "-id", "at", "-at"] = "-at"


class InteractionDetails(Strict):
    channel: Channel | Literal[""] = ""
    direction: Direction = Direction.OUT
    purpose: Purpose = Purpose.NOT_SELLING
    summary: Annotated[str, Field(max_length=5000)] = ""
    mood: Mood | Literal[""] = ""
    outcome: Outcome | Literal[""] = ""
    minutes: Annotated[int | None, Field(ge=0, le=1440)] = None
    contact: Id | None = None
    staff: Annotated[Id | None, Field(description="Who it was or will be; the caller, unless somebody else is named.")] = None
    follows: Annotated[Id | None, Field(description="The interaction that led to this one.")] = None
    files: Annotated[list[Id], Field(max_length=20)] = []
    is_pinned: bool = False


class RecordIn(InteractionDetails):
    customer: Id
    kind: InteractionKind
    at: Annotated[Moment | None, Field(description="Now, if left out.")] = None


class PlanIn(InteractionDetails):
    customer: Id
    kind: InteractionKind
    at: Moment
    repeat_days: Annotated[int | None, Field(ge=1, le=3650)] = None


class CompleteIn(InteractionDetails):
    at: Annotated[Moment | None, Field(description="Now, if left out.")] = None


class InteractionPatch(InteractionDetails):
    kind: InteractionKind = InteractionKind.NOTE
    at: Moment | None = None
    repeat_days: Annotated[int | None, Field(ge=1, le=3650)] = None


class CancelIn(Strict):
    reason: Annotated[str, Field(max_length=200)] = ""


class ResolveIn(Strict):
    how: Annotated[str, Field(max_length=200)] = ""


class PinIn(Strict):
    is_pinned: bool


class WordsIn(Strict):
    topic: Annotated[str, Field(max_length=20, description="A topic of the analysis of voices; empty: not said.")] = ""
    tone: Tone | Literal[""] = ""
    urgency: Urgency | Literal[""] = ""


class WordsOut(Schema):
    interaction: int
    topic: str
    tone: str
    urgency: str
    said_by_people: Annotated[list[str], Field(description="Which of them a person confirmed or corrected; the others are read.")]
    topics: Annotated[list[str], Field(description="To choose from.")]


class FileRef(Schema):
    id: int
    name: str
    size: int


class InteractionOut(Schema):
    id: int
    customer: Named
    contact: Named | None
    kind: str
    channel: str
    direction: str
    purpose: str
    state: str
    at: datetime.datetime
    minutes: int | None
    summary: str
    mood: str
    outcome: str
    staff: Named | None
    follows: int | None = Field(alias="follows_id")
    is_pinned: bool
    repeat_days: int | None
    resolved_at: datetime.datetime | None
    files: list[FileRef]
    created_at: datetime.datetime
