"""Imports and files."""

import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.pages import PageQuery
from zhike.customers.choices import DuplicatePolicy, Edited, ImportKind, ImportState


class ImportQuery(PageQuery):
    kind: ImportKind | None = None
    state: ImportState | None = None
    mine: bool | None = None


class ReadingIn(Strict):
    """How to read the file, where it was recognised wrongly."""

    encoding: Annotated[str, Field(max_length=30)] = ""
    delimiter: Annotated[str, Field(max_length=1)] = ""
    header_row: Annotated[int | None, Field(ge=0, le=10_000, description="Counted from 1; 0: there is none.")] = None
    sheet: Annotated[str, Field(max_length=100)] = ""


class MappingIn(Strict):
    """What the columns mean (by position from 0), what happens to duplicates, what new customers get.

    Of answers: `overall`, `recommend`, and with a number that ties what belongs together `rating:1`, `expected:1`, `functional:2`,
    `dysfunctional:2`."""

    mapping: Annotated[dict[str, Annotated[int, Field(ge=0, le=1000)]], Field(min_length=1, max_length=300)]
    policy: DuplicatePolicy = DuplicatePolicy.UPDATE
    owner: Id | None = None
    department: Id | None = None
    source: Id | None = None
    date_order: Literal["", "ymd", "dmy", "mdy"] = ""
    scales: Annotated[
        dict[Annotated[str, Field(pattern=r"^\d{1,3}$")], Literal["1-5", "1-7", "1-10", "0-10", "0-100"]],
        Field(max_length=300, description="Of answers: the scale of a column by its position; else it is recognised."),
    ] = {}
    again: Annotated[bool, Field(description="Also when this very file was imported already.")] = False


class ImportOut(Schema):
    id: int
    kind: str
    file_name: str
    state: str
    step: str
    reading: dict[str, Any]
    mapping: dict[str, int]
    policy: str
    rows_total: int
    rows_done: int
    counts: dict[str, Any]
    reasons: dict[str, int]
    problem: str
    has_errors_file: bool
    created_by: Named | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


class ImportUndoIn(Strict):
    edited: Annotated[Edited, Field(description="What happens to records that somebody has worked on since.")] = Edited.KEEP


class UndoneOut(Schema):
    undone: dict[str, dict[str, int]]


class EditOut(Schema):
    what: Literal["order", "customer"]
    id: int
    name: str
    why: Annotated[str, Field(description="changed, imported, returned, used (something of others hangs on it) or value.")]
    by: str
    at: datetime.datetime | None


class EditsOut(Schema):
    orders: int
    customers: int
    first: Annotated[list[EditOut], Field(description="The first of them that the caller may see.")]


class FileOut(Schema):
    id: int
    name: str
    size: int
    sha256: str
    uploaded_at: datetime.datetime
