"""What hangs on a customer."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Moment, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.customers.choices import Channel, ConsentPurpose, IdentifierKind, RelationshipKind


class ContactPatch(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    wechat: Annotated[str, Field(max_length=40)] = ""
    position: Annotated[str, Field(max_length=60)] = ""
    birthday: Annotated[str | None, Field(max_length=20)] = None
    is_main: bool = False
    note: Annotated[str, Field(max_length=2000)] = ""


class ContactIn(ContactPatch):
    name: Annotated[str, Field(min_length=1, max_length=60)]


class ContactOut(Schema):
    id: int
    name: str
    phone: str
    email: str
    wechat: str
    position: str
    birthday: str | None
    is_main: bool
    note: str


class AddressPatch(Strict):
    label: Annotated[str, Field(max_length=30)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    detail: Annotated[str, Field(min_length=1, max_length=200)] = ""
    is_main: bool = False


class AddressIn(AddressPatch):
    detail: Annotated[str, Field(min_length=1, max_length=200)]


class AddressOut(Schema):
    id: int
    label: str
    region: str
    detail: str
    is_main: bool


class IdentifierIn(Strict):
    kind: IdentifierKind
    value: Annotated[str, Field(min_length=1, max_length=254)]


class IdentifierOut(Schema):
    id: int
    kind: str
    value: str


class ShareIn(Strict):
    user: Id
    can_edit: bool = False


class ShareOut(Schema):
    id: int
    user: Named
    can_edit: bool


class ConsentIn(Strict):
    purpose: ConsentPurpose
    channel: Annotated[Channel | Literal[""], Field(description="Empty: every channel.")] = ""
    is_given: bool
    evidence: Annotated[str, Field(min_length=1, max_length=200)]
    at: Annotated[Moment | None, Field(description="When it was said; now, if left out.")] = None


class ConsentOut(Schema):
    id: int
    purpose: str
    channel: str
    is_given: bool
    evidence: str
    at: datetime.datetime


class RelationshipIn(Strict):
    other: Id
    kind: RelationshipKind
    note: Annotated[str, Field(max_length=120)] = ""


class RelationshipOut(Schema):
    """Read from left to right: `customer` refers, knows, … `other`."""

    id: int
    customer: Named
    kind: str
    other: Named
    note: str


class TimelineQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[str, Field(max_length=100, description="`next` of the page before.")] = ""
    kind: Annotated[list[Literal["interaction", "audit", "comment", "order"]], Field(max_length=4)] = []


class EventOut(Schema):
    at: datetime.datetime
    kind: str
    id: int
    facts: dict[str, Any]


class TimelineOut(Schema):
    items: list[EventOut]
    next: str | None


class ShareOfFacts(Schema):
    filled: int
    expected: int
    ratio: float | None


class QuestionOut(Schema):
    field: str
    label: str
    question: str


class CompletenessOut(Schema):
    whole: ShareOfFacts
    rings: dict[str, ShareOfFacts]
    next_questions: list[QuestionOut]


class CompletenessTrendQuery(Strict):
    by: Literal["department", "owner"] = "department"
    months: Annotated[int, Field(ge=2, le=24, description="How many days: today, and before it the ends of months.")] = 6


class KnownShare(Schema):
    id: Annotated[int | None, Field(description="Of the department or person; null: nobody's, and for everybody.")]
    name: str | None
    customers: int
    shares: Annotated[list[float | None], Field(description="One for each day.")]


class CompletenessTrendOut(Schema):
    by: str
    days: list[datetime.date]
    looked_at: Annotated[int, Field(description="Fewer than all customers: the shares are estimated from so many.")]
    everybody: KnownShare
    groups: list[KnownShare]


class UndoIn(Strict):
    entry: Annotated[Id, Field(description="The `id` of an audit event of the timeline.")]


class CommentQuery(PageQuery):
    on: Literal["", "interaction", "order", "audit"] | None = None
    on_id: Id | None = None
    sort: Literal["id", "-id"] = "id"


class MentionQuery(Strict):
    q: Annotated[str, Field(max_length=60)] = ""
    on: Literal["", "interaction", "order", "audit"] = ""


class CommentIn(Strict):
    text: Annotated[str, Field(max_length=2000)]
    on: Annotated[
        Literal["", "interaction", "order", "audit"], Field(description="The `kind` of a timeline event; empty: the record.")
    ] = ""
    on_id: Annotated[Id | None, Field(description="The `id` of that event.")] = None


class CommentPatch(Strict):
    text: Annotated[str, Field(max_length=2000)]


class CommentOut(Schema):
    id: int
    customer: int = Field(alias="customer_id")
    on: str
    on_id: int | None
    text: str
    by: Named
    at: datetime.datetime
    edited_at: datetime.datetime | None
    mentioned: list[int]


class CommentDone(Schema):
    comment: CommentOut
    untold: list[str]


class ColleagueOut(Named):
    handle: str
