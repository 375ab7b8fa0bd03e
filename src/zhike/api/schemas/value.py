"""Value analysis: runs, their reports, scores, assumptions."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Day, Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.value.choices import Grade, RfmClass, RunState, Stage

Fifth = Annotated[int, Field(ge=1, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]
Cuts = Annotated[list[Annotated[float, Field(ge=0, le=1e12)]], Field(min_length=4, max_length=4)]
Three = Annotated[list[Annotated[float, Field(ge=0, le=1e12)]], Field(min_length=3, max_length=3)]


class RunQuery(PageQuery):
    state: RunState | None = None


class RunIn(Strict):
    as_of: Annotated[Day | None, Field(description="Today, or the day of the last order when the orders ended long ago.")] = None


class RunOut(Schema):
    """Figures of the whole company are null for who does not see all customers."""

    id: int
    as_of: datetime.date
    state: str
    is_current: bool
    step: str
    progress: int
    customers: int | None
    orders: int | None
    customer_equity: float | None
    seconds: dict[str, float]
    problem: str
    started_by: Named | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


class ReportOut(Schema):
    """What the models learned and whether they can be trusted."""

    as_of: datetime.date
    assumptions: dict[str, Any]
    models: dict[str, Any]
    back_test: dict[str, Any]
    alarms: list[Any]


class BreakdownQuery(Strict):
    by: Literal["grade", "stage", "rfm_class", "segment", "treatment", "grid"] = "grade"


class BreakdownOut(Schema):
    """Rows of customers and sums, by what was asked for; only over customers that the caller may see."""

    as_of: datetime.date
    items: list[dict[str, Any]]


class TotalsOut(Schema):
    as_of: datetime.date
    customers: float
    orders: float
    revenue: float
    margin: float
    clv: float
    expected_orders: float


class ScoreQuery(PageQuery):
    grade: Annotated[list[Grade], Field(max_length=10)] = []
    stage: Annotated[list[Stage], Field(max_length=10)] = []
    rfm_class: Annotated[list[RfmClass], Field(max_length=10)] = []
    r: Fifth | None = None
    f: Fifth | None = None
    m: Fifth | None = None
    owner: Id | None = None
    clv_from: Annotated[float | None, Field(ge=-1e15, le=1e15)] = None
    p_alive_from: Share | None = None
    p_alive_until: Share | None = None
    sort: Literal["id", "-id", "clv", "-clv", "revenue", "-revenue", "margin", "-margin", "p_alive", "-p_alive"] = "-clv"


class ScoreOut(Schema):
    """What the current run says about one customer. Times are days, money is in the company's currency."""

    customer: Named
    as_of: datetime.date
    orders: int
    returns: int
    first_on: datetime.date | None
    last_on: datetime.date | None
    revenue: str
    margin: str
    frequency: int
    recency: int
    age: int
    mean_spend: float | None
    rhythm_days: float | None
    silence_ratio: float | None
    silence_probability: float | None
    r_score: int | None
    f_score: int | None
    m_score: int | None
    rfm_class: str | None
    segment: str | None
    p_alive: float | None
    expected_orders: float | None
    expected_spend: float | None
    clv: float | None
    clv_low: float | None
    clv_high: float | None
    grade: str | None
    earned_grade: str | None
    grade_since: datetime.date | None
    grace_until: datetime.date | None
    stage: str | None
    trend: float | None


class Assumed(Strict):
    default_margin: Share = 0.3
    discount_rate: Share = 0.1
    horizon_months: Annotated[int, Field(ge=1, le=60)] = 36
    runs_kept: Annotated[int, Field(ge=2, le=50)] = 5


Price = Annotated[float, Field(ge=0, le=1e6)]


class CostsAssumed(Strict):
    winning: Price = 50.0
    order: Price = 5.0
    giving_back: Price = 20.0
    call: Price = 8.0
    visit: Price = 120.0
    meeting: Price = 120.0
    message: Price = 1.0
    email: Price = 1.0
    event: Price = 100.0
    survey: Price = 3.0
    gift: Price = 80.0
    help: Price = 30.0


class RfmAssumed(Strict):
    method: Annotated[str, Field(max_length=20)] = "quantile"
    window_days: Annotated[int, Field(ge=0, le=3650)] = 0
    monetary: Literal["revenue", "margin"] = "revenue"
    recency_cuts: Cuts = [30, 90, 180, 365]
    frequency_cuts: Cuts = [2, 3, 5, 10]
    monetary_cuts: Cuts = [100, 500, 2000, 10000]


class GradesAssumed(Strict):
    method: Annotated[str, Field(max_length=20)] = "contribution"
    basis: Annotated[str, Field(max_length=20)] = "margin"
    shares: Three = [0.5, 0.8, 0.95]
    thresholds: Three = [10000, 3000, 500]
    grace_days: Annotated[int, Field(ge=0, le=1000)] = 180


class StagesAssumed(Strict):
    lost_silence: Annotated[float, Field(ge=1, le=100)] = 4.0
    lost_alive: Share = 0.15
    declining_silence: Annotated[float, Field(ge=1, le=100)] = 2.0
    declining_alive: Share = 0.5
    declining_trend: Annotated[float, Field(ge=-1, le=0)] = -0.4
    forming_purchases: Annotated[int, Field(ge=2, le=100)] = 4
    forming_days: Annotated[float, Field(ge=0, le=3650)] = 180.0
    alarm_probability: Annotated[float, Field(ge=0, le=0.5)] = 0.05


class CreditAssumed(Strict):
    """Of A, B, C, D, E, falling."""

    basis: Literal["revenue", "margin"] = "revenue"
    shares: Annotated[list[Annotated[float, Field(ge=0, le=10)]], Field(min_length=5, max_length=5)] = [0.3, 0.2, 0.1, 0.05, 0.0]
    terms: Annotated[list[Annotated[int, Field(ge=0, le=365)]], Field(min_length=5, max_length=5)] = [60, 30, 15, 7, 0]
    most: Annotated[float, Field(ge=0, le=10**9)] = 1_000_000.0
    overdue_days: Annotated[int, Field(ge=0, le=365)] = 7
    long_overdue_days: Annotated[int, Field(ge=0, le=1000)] = 30


class AssumptionsOut(Schema):
    assumptions: Assumed
    costs: CostsAssumed
    rfm: RfmAssumed
    grades: GradesAssumed
    stages: StagesAssumed
    credit: CreditAssumed
