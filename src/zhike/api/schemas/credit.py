"""Credit: standing and decisions."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.api.schemas.sales import Price
from zhike.value.choices import CreditState


class CreditOut(Schema):
    """`initial` is the grade by score, `grade`, `limit` and `terms` what holds today; `facts` say what changed the grade."""

    grade: str
    initial: str
    score: float | None
    facts: list[dict[str, Any]]
    limit: str | None
    terms: int | None
    open: str
    overdue: str
    overdue_days: int
    free: str | None
    decision: int | None


class CreditIn(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    grade: Literal["", "A", "B", "C", "D", "E"] = ""
    limit: Price | None = None
    terms: Annotated[int | None, Field(ge=0, le=365, description="Days to pay.")] = None
    guarantee: Price = Decimal(0)


class DecideIn(Strict):
    approve: bool
    answer: Annotated[str, Field(max_length=1000)] = ""


class DecisionQuery(PageQuery):
    customer: Id | None = None
    state: CreditState | None = None


class DecisionOut(Schema):
    """Empty fields follow the rules; `rated` is what they gave when it was asked."""

    id: int
    customer: Named
    state: str
    grade: str
    limit: str | None
    terms: int | None
    guarantee: str
    reason: str
    rated: dict[str, Any]
    asked_by: Named
    asked_at: datetime.datetime
    decided_by: Named | None
    decided_at: datetime.datetime | None
    answer: str
