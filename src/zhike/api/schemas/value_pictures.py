"""Pictures of the value analysis as numbers."""

import datetime
from typing import Annotated, Any

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict


class WhaleOut(Schema):
    as_of: datetime.date
    points: Annotated[list[list[float]], Field(description="[per cent of the customers, share of the contribution]")]


class SpreadBin(Schema):
    start: float
    end: float
    customers: int


class SpreadOut(Schema):
    as_of: datetime.date
    items: list[SpreadBin]


Matrix = dict[str, dict[str, int]]


class MovementOut(Schema):
    as_of: datetime.date
    since: datetime.date | None
    left: int
    grade: Matrix
    stage: Matrix
    rfm_class: Matrix


class MatrixOut(Schema):
    as_of: datetime.date
    items: list[dict[str, Any]]
    cuts: dict[str, float]
    prices: dict[str, float]


class EquityQuery(Strict):
    discount_rate: Annotated[float | None, Field(ge=0, le=1)] = None
    horizon_months: Annotated[int | None, Field(ge=1, le=60)] = None
    retention: Annotated[float, Field(ge=-0.9, le=1, description="More or less of the expected business after a year.")] = 0.0
    margin: Annotated[float, Field(ge=-1, le=3, description="Relative change of the margin.")] = 0.0


class EquityOfGrade(Schema):
    grade: str
    now: float
    then: float


class EquityOut(Schema):
    as_of: datetime.date
    now: float
    then: float
    items: list[EquityOfGrade]


class CompareQuery(Strict):
    first: Id
    second: Id


class RunSummary(Schema):
    as_of: datetime.date
    customers: int | None
    bgnbd: dict[str, float] | None
    gamma_gamma: dict[str, float] | None
    customer_equity: float | None
    grades: dict[str, int]
    seconds: dict[str, float]


class CompareOut(Schema):
    first: RunSummary
    second: RunSummary


class TraceOut(Schema):
    run_id: int
    as_of: datetime.date
    r_score: int | None
    f_score: int | None
    m_score: int | None
    rfm_class: str | None
    segment: str | None
    grade: str | None
    stage: str | None
    treatment: str | None
    clv: float | None


class DecisionIn(Strict):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class DecisionOut(Schema):
    id: int
    text: str
    figures: dict[str, Any]
    decided_by: Named
    decided_at: datetime.datetime
