"""Lists as files: what is taken along, asked for, made in the background."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.teams.choices import Confidentiality, ExportState, FileState


class Leaving(Strict):
    format: Literal["csv", "xlsx"] = "csv"
    reason: Annotated[str, Field(max_length=1000, description="What so many rows are for: asks for an approval.")] = ""
    approval: Annotated[Id | None, Field(description="Of an approved request for the same filters.")] = None


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
    file_state: Annotated[FileState, Field(description="Of a file that is made in the background; empty: there is none.")]
    done: Annotated[int, Field(description="Rows written so far.")]
    problem: str
    kept_until: Annotated[datetime.datetime | None, Field(description="Until then `/file` gives it to who asked.")]


class DecisionIn(Strict):
    approve: bool
    answer: Annotated[str, Field(max_length=1000, description="Needed when refusing.")] = ""
