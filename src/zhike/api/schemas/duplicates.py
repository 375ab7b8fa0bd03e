"""Duplicates and merges."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.customers import CustomerOut


class PairOut(Schema):
    id: int
    reasons: Annotated[list[str], Field(description="What speaks for it: `phone`, `name`, or a finding of the search.")]
    against: Annotated[list[str], Field(description="What speaks against it, as findings of the search.")]
    probability: Annotated[float | None, Field(description="Of the search; an exact match has none.")]
    found_at: datetime.datetime
    first: CustomerOut
    second: CustomerOut


class SearchOut(Schema):
    id: int
    state: str
    progress: Annotated[int, Field(description="Per cent.")]
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


class MergeIn(Strict):
    kept: Id
    gone: Id
    choice: Annotated[
        dict[str, Literal["kept", "gone"]],
        Field(max_length=300, description="By field, whose value stays. Where it is silent the kept one's, unless it is empty."),
    ] = {}
    versions: Annotated[
        tuple[int, int] | None, Field(description="Of the kept and of the gone one as they were read; 409 when they have changed.")
    ] = None


class MergeOut(Schema):
    id: int
    kept: Named
    gone: Named
    merged_by: Named | None
    merged_at: datetime.datetime
    undone_at: datetime.datetime | None
