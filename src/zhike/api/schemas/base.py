"""What all requests and answers share."""

import datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict

LARGEST_ID = 2**63 - 1
YEARS = range(1800, 2201)  # beyond them is a slip of the keyboard, and arithmetic overflows


class Strict(Schema):
    """A request: what is not named here is refused, so that nobody sets a field that nobody meant to be set."""

    model_config = ConfigDict(extra="forbid")

    def given(self, *but: str) -> dict[str, Any]:
        """What the caller sent; what they left out stays as it is."""
        return self.model_dump(exclude_unset=True, exclude=set(but))


def _believable(value: datetime.date) -> datetime.date:
    if value.year not in YEARS:
        raise ValueError("year")
    return value


def _with_zone(value: datetime.datetime) -> datetime.datetime:
    """A time without offset is the company's."""
    _believable(value)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1000)]
Day = Annotated[datetime.date, AfterValidator(_believable)]
Moment = Annotated[datetime.datetime, AfterValidator(_with_zone)]


class Named(Schema):
    """Another record, named so that nobody has to ask for it."""

    id: int
    name: str


class Created(Schema):
    id: int


class Done(Schema):
    """How many records the verb changed."""

    changed: int


class Problem(Schema):
    """What went wrong: a word for programs, a sentence in the caller's language, problems by field, a reference in the log."""

    error: str
    message: str
    fields: dict[str, list[str]] = {}
    reference: str
