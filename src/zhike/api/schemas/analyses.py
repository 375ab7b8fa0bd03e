"""Analyses: kinds, what was carried out, what was found."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.value.choices import Rhythm, RunState

Word = Annotated[str, Field(max_length=40)]
Figure = Annotated[float | None, Field(ge=-1e15, le=1e15)]


class KindOut(Schema):
    """A kind of analysis, with the options it takes and when it is carried out by itself."""

    name: str
    title: str
    purpose: str
    minimum: str
    options: list[dict[str, Any]]
    rhythm: str
    current: int | None


class AnalysisQuery(PageQuery):
    kind: Word | None = None
    state: RunState | None = None


class AnalysisIn(Strict):
    kind: Word
    options: Annotated[
        dict[str, Any], Field(max_length=50, description="As the kind describes them; what is left out has its default.")
    ] = {}


class AnalysisOut(Schema):
    """`headline` and `groups` are empty for who does not see all customers, unless the kind is for everybody."""

    id: int
    kind: str
    state: str
    is_current: bool
    is_kept: bool
    step: str
    progress: int
    options: dict[str, Any]
    run: int | None
    as_of: datetime.date | None
    customers: int | None
    seconds: dict[str, float]
    problem: str
    started_by: Named | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


class FigureOut(Schema):
    code: str
    label: str
    value: float | None
    unit: str


class GroupOut(Schema):
    """Sums over the customers that the caller may see."""

    code: str
    label: str
    customers: int
    revenue: float
    margin: float
    clv: float


class ResultOut(AnalysisOut):
    headline: list[FigureOut]
    groups: list[GroupOut]
    report: dict[str, Any]


class FindingQuery(PageQuery):
    group: Word | None = None
    value_from: Figure = None
    value_until: Figure = None
    sort: Literal["id", "-id", "value", "-value"] = "-value"


class FindingOut(Schema):
    customer: Named
    group: str | None
    label: str
    value: float | None
    sentence: str


class KeepIn(Strict):
    kept: bool


class NameIn(Strict):
    group: Word
    name: Annotated[str, Field(max_length=200, description="Empty: the suggested name again.")]


class RhythmIn(Strict):
    rhythm: Rhythm


class ComparisonQuery(Strict):
    first: Id
    second: Id


class ComparedOut(Schema):
    code: str
    label: str
    unit: str
    first: float | None
    second: float | None
