"""Exports that need somebody's approval."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.teams.choices import Confidentiality, ExportState


class ExportRequestQuery(PageQuery):
    state: ExportState | None = None
    sort: Literal["id", "-id"] = "-id"


class ExportRequestOut(Schema):
    id: int
    asked_by: Named
    asked_at: datetime.datetime
    screen: str
    query: str
    kind: str
    rows: int
    highest: Annotated[Confidentiality, Field(description="The highest class that the file shows in plain.")]
    reason: str
    state: ExportState
    decided_by: Named | None
    decided_at: datetime.datetime | None
    answer: str


class DecisionIn(Strict):
    approve: bool
    answer: Annotated[str, Field(max_length=1000, description="Needed when refusing.")] = ""
