"""Customers: what goes in and what comes out."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Moment, Named, Strict
from zhike.api.schemas.exports import Leaving
from zhike.api.schemas.pages import PageQuery
from zhike.customers.choices import Channel, CustomerKind
from zhike.teams.choices import Language
from zhike.value.choices import Grade, RfmClass, RfmSegment, Stage, Treatment

Many = Field(max_length=100)
Fifth = Annotated[int, Field(ge=1, le=5)]
Sort = Literal[
    "id", "-id", "name", "-name", "created_at", "-created_at", "updated_at", "-updated_at", "last_contact_at", "-last_contact_at",
    "clv", "-clv", "revenue", "-revenue", "orders", "-orders", "last_order", "-last_order",
]  # fmt: skip


class CustomerFilter(Strict):
    """As on the screen: filters are joined by AND, several values of one filter by OR."""

    q: Annotated[str, Field(max_length=60, description="Chinese fragment, pinyin, initials, digits of a phone or number.")] = ""
    kind: CustomerKind | None = None
    owner: Annotated[list[Id], Many] = []
    in_pool: Annotated[bool | None, Field(description="Without an owner.")] = None
    department: Annotated[list[Id], Many] = []
    source: Annotated[list[Id], Many] = []
    region: Annotated[str, Field(max_length=60, description="How the region begins.")] = ""
    tag: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=100, description="Any of these.")] = []
    grade: Annotated[list[Grade], Many] = []
    stage: Annotated[list[Stage], Many] = []
    rfm_class: Annotated[list[RfmClass], Many] = []
    number: Annotated[str, Field(max_length=60, description="The company's own customer number, exactly.")] = ""
    parent: Id | None = None
    created_from: Moment | None = None
    created_until: Moment | None = None
    updated_from: Moment | None = None
    updated_until: Moment | None = None
    contacted_from: Moment | None = None
    contacted_until: Moment | None = None
    never_contacted: bool | None = None
    last_order_from: Day | None = None
    last_order_until: Day | None = None
    clv_from: Annotated[float | None, Field(ge=-1e15, le=1e15)] = None
    clv_until: Annotated[float | None, Field(ge=-1e15, le=1e15)] = None
    revenue_from: Annotated[float | None, Field(ge=-1e15, le=1e15)] = None
    revenue_until: Annotated[float | None, Field(ge=-1e15, le=1e15)] = None
    treatment: Annotated[list[Treatment], Many] = []
    segment: Annotated[list[RfmSegment], Many] = []
    channel: Annotated[list[Channel], Many] = []
    r: Annotated[list[Fifth], Many] = []
    f: Annotated[list[Fifth], Many] = []
    m: Annotated[list[Fifth], Many] = []
    orders_from: Annotated[int | None, Field(ge=0, le=10**9)] = None
    orders_until: Annotated[int | None, Field(ge=0, le=10**9)] = None
    frequency_from: Annotated[int | None, Field(ge=0, le=10**9, description="Repeat purchase days.")] = None
    frequency_until: Annotated[int | None, Field(ge=0, le=10**9)] = None
    first_order_from: Day | None = None
    first_order_until: Day | None = None
    silence_from: Annotated[float | None, Field(ge=0, le=1e9, description="Silence over the own rhythm.")] = None
    silence_until: Annotated[float | None, Field(ge=0, le=1e9)] = None
    p_alive_from: Annotated[float | None, Field(ge=0, le=1, description="Chance to be active.")] = None
    p_alive_until: Annotated[float | None, Field(ge=0, le=1)] = None
    batch: Annotated[list[Id], Many] = []
    birthday_month: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(max_length=12)] = []
    has_phone: bool | None = None
    profile: Annotated[
        list[Annotated[str, Field(max_length=300)]],
        Field(max_length=20, description="Fields of the information model: `code=value`, `code>=value`, `code<=value`."),
    ] = []
    either: Annotated[
        list[Annotated[str, Field(max_length=70)]],
        Field(
            max_length=20,
            description="Of these filters one is enough; ranges by their name without _from and _until, fields as `profile.code`.",
        ),
    ] = []


class CustomerQuery(CustomerFilter, PageQuery):
    sort: Sort = "-id"


class StandingOut(Schema):
    """What the current run says, as far as the caller may know it."""

    grade: str | None
    stage: str | None
    rfm_class: str | None
    clv: float | None
    revenue: str | None
    orders: int | None
    last_order: datetime.date | None


class CustomerOut(Schema):
    """Values of fields named in `masked` are not shown in plain; `reveal` shows them, with a reason."""

    id: int
    version: int
    kind: str
    name: str
    number: str
    phone: str
    email: str
    credit_code: str
    member_no: str
    wechat: str
    birthday: Annotated[str | None, Field(description="2026-03-08, in the year 1904 when only month and day are known.")]
    birthday_is_lunar: bool
    region: str
    source: Named | None
    owner: Named | None
    owner_since: datetime.date | None
    department: Named | None
    parent: Named | None
    tags: list[str]
    profile: dict[str, Any]
    preferred_channel: str
    preferred_time: str
    quiet_from: datetime.time | None
    quiet_until: datetime.time | None
    language: str
    do_not_disturb: bool
    note: str
    last_contact_at: datetime.datetime | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    deleted_at: datetime.datetime | None
    masked: list[str]
    standing: StandingOut | None


class CustomerValues(Strict):
    """The columns of a customer, and under `profile` the fields of the information model by their code."""

    kind: CustomerKind = CustomerKind.PERSON
    name: Annotated[str, Field(min_length=1, max_length=120)] = ""
    number: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    credit_code: Annotated[str, Field(max_length=40)] = ""
    member_no: Annotated[str, Field(max_length=40)] = ""
    wechat: Annotated[str, Field(max_length=40)] = ""
    birthday: Annotated[str | None, Field(max_length=20)] = None
    birthday_is_lunar: bool = False
    region: Annotated[str, Field(max_length=60)] = ""
    source: Id | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=50)] = []
    preferred_channel: Channel | Literal[""] = ""
    preferred_time: Annotated[str, Field(max_length=40)] = ""
    quiet_from: datetime.time | None = None
    quiet_until: datetime.time | None = None
    language: Language = Language.CHINESE
    do_not_disturb: bool = False
    note: Annotated[str, Field(max_length=10_000)] = ""
    profile: Annotated[dict[str, Any], Field(max_length=300)] = {}

    def values(self, *but: str) -> dict[str, Any]:
        """As the actions take them."""
        given = self.given(*but)
        profile: dict[str, Any] = given.pop("profile", {})
        if "source" in given:
            given["source_id"] = given.pop("source")
        return profile | given


class CustomerIn(CustomerValues):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    owner: Annotated[Id | None, Field(description="The caller, unless somebody else is named.")] = None
    in_pool: Annotated[bool, Field(description="Without an owner.")] = False


class CustomerPatch(CustomerValues):
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="The one that was read; 409 when it has changed.")] = None


class ParentIn(Strict):
    parent: Id | None


class MatchIn(Strict):
    name: Annotated[str, Field(max_length=120)] = ""
    number: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    credit_code: Annotated[str, Field(max_length=40)] = ""
    member_no: Annotated[str, Field(max_length=40)] = ""
    wechat: Annotated[str, Field(max_length=40)] = ""


class MatchOut(Schema):
    customer: CustomerOut
    reasons: list[str]


class MatchesOut(Schema):
    items: list[MatchOut]
    exists_elsewhere: Annotated[bool, Field(description="There is one that the caller may not see.")]


class LookUpQuery(Strict):
    phone: Annotated[str, Field(min_length=4, max_length=40)]


class LookUpOut(Schema):
    items: list[CustomerOut]


class RevealIn(Strict):
    field: Annotated[
        str,
        Field(
            max_length=80,
            description="A column, a profile field, or `contact.<id>.phone`, `identifier.<id>`, `address.<id>`.",
        ),
    ]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class RevealOut(Schema):
    value: str


class ConfirmIn(Strict):
    fields: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=100)]


class ExportQuery(CustomerFilter, Leaving):
    pass
