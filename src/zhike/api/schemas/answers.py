"""Answers to surveys."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Named
from zhike.api.schemas.pages import PageQuery
from zhike.customers.choices import AnswerRole

Score = Annotated[float | None, Field(ge=0, le=100)]
Vote = Annotated[int | None, Field(ge=0, le=10)]


class AnswerSheetQuery(PageQuery):
    survey: Id | None = None
    customer: Id | None = None
    known: Annotated[bool | None, Field(description="Of a known customer.")] = None
    day_from: Day | None = None
    day_until: Day | None = None
    satisfaction_from: Score = None
    satisfaction_until: Score = None
    recommend_from: Vote = None
    recommend_until: Vote = None
    shop: Annotated[str | None, Field(max_length=60)] = None
    product: Annotated[str | None, Field(max_length=160)] = None
    person: Annotated[str | None, Field(max_length=60)] = None
    sort: Literal["id", "-id", "day", "-day"] = "-id"


class SurveyOut(Schema):
    id: int
    name: str
    created_at: datetime.datetime


class AnswerOut(Schema):
    question: Annotated[str, Field(alias="question.title")]
    role: Annotated[AnswerRole, Field(alias="question.role")]
    value: Annotated[float, Field(description="On the scale from `low` to `high`.")]
    low: Annotated[float, Field(alias="question.low")]
    high: Annotated[float, Field(alias="question.high")]


class AnswerSheetOut(Schema):
    id: int
    survey: Named
    row: Annotated[int, Field(description="Of the file that it came in with.")]
    customer: Named | None
    day: datetime.date | None
    shop: str
    product: str
    person: str
    words: str
    satisfaction: Annotated[float | None, Field(description="0 to 100.")]
    recommend: Annotated[int | None, Field(description="0 to 10.")]
    answers: list[AnswerOut]
