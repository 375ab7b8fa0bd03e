"""Duplicates and merges."""

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Named, Strict
from zhike.api.schemas.customers import CustomerOut


class PairOut(Schema):
    id: int
    reasons: list[str]
    found_at: datetime.datetime
    first: CustomerOut
    second: CustomerOut


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
