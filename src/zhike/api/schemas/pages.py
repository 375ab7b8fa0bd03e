"""Pages of lists."""

from typing import Annotated, Generic, Literal, TypeVar

from ninja import Field, Schema

from zhike.api.schemas.base import Strict

T = TypeVar("T")


class PageQuery(Strict):
    """What every list understands; a list adds its filters and its orders."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=1000)] = ""
    count: Annotated[
        Literal["none", "capped", "exact"], Field(description="`capped` stops at 10,000, which is quick on any number of rows.")
    ] = "none"


class Page(Schema, Generic[T]):
    """`next` and `previous` are addresses, null at the ends. Rows that come and go meanwhile neither double nor hide others."""

    items: list[T]
    next: str | None
    previous: str | None
    count: int | None = None
    count_is_capped: bool = False
