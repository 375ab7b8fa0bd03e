"""One's own account, tokens, notices and saved views."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Moment, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.teams.choices import Language, Permission

Password = Annotated[str, Field(min_length=1, max_length=200)]


class MeOut(Schema):
    id: int
    username: str
    name: str
    email: str
    phone: str
    position: str
    department: Named | None
    language: str
    theme: str
    is_administrator: bool
    away_from: datetime.date | None
    away_until: datetime.date | None
    deputy: Named | None
    permissions: list[str]
    scope: str
    clearance: str


class MeIn(Strict):
    language: Language = Language.CHINESE
    theme: Literal["auto", "light", "dark"] = "auto"
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""


class AbsenceIn(Strict):
    away_from: Day | None = None
    away_until: Day | None = None
    deputy: Id | None = None


class PasswordIn(Strict):
    old: Password
    new: Password


class ProofIn(Strict):
    password: Password


class CodeIn(Strict):
    code: Annotated[str, Field(max_length=20)]


class SecondFactorOut(Schema):
    is_on: bool
    recovery_codes_left: int


class SecretOut(Schema):
    secret: str
    address: str  # otpauth://…


class CodesOut(Schema):
    recovery_codes: list[str]


class SessionOut(Schema):
    mark: str
    address: str | None
    agent: str
    started_at: datetime.datetime
    seen_at: datetime.datetime
    is_this: bool


class TokenIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    permissions: Annotated[list[Permission], Field(min_length=1, max_length=100)]
    expires_at: Moment


class TokenOut(Schema):
    id: int
    name: str
    hint: str
    permissions: list[str]
    created_at: datetime.datetime
    expires_at: datetime.datetime
    used_at: datetime.datetime | None


class NewTokenOut(TokenOut):
    secret: str  # shown this once


class NoticeQuery(PageQuery):
    unread: bool | None = None


class NoticeOut(Schema):
    id: int
    kind: str
    params: dict[str, Any]
    url: str
    created_at: datetime.datetime
    read_at: datetime.datetime | None


class ViewQuery(PageQuery):
    screen: Annotated[str, Field(max_length=40)]


class ViewIn(Strict):
    screen: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    query: Annotated[str, Field(max_length=4000)]
    is_shared: bool = False
    is_pinned: bool = False


class ViewOut(Schema):
    id: int
    screen: str
    name: str
    query: str
    user: Named
    is_shared: bool
    is_pinned: bool
