"""One verb for many customers: which ones, what is to be done, how far it is."""

import datetime
from typing import Annotated

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Strict
from zhike.customers.choices import MassKind, MassState

MOST_SEED = 10**9


class Chosen(Strict):
    """Which ones: by id, or `everything` that the filters of the address leave."""

    ids: Annotated[list[Id], Field(max_length=1000)] = []
    everything: bool = False


class TransferIn(Chosen):
    to: Annotated[Id | None, Field(description="Null: into the public pool.")]
    reason: Annotated[str, Field(max_length=200)] = ""


class DepartmentIn(Chosen):
    department: Annotated[Id | None, Field(description="Null: none.")]


class TagIn(Chosen):
    add: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=20)] = []
    remove: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=20)] = []


class HoldBackIn(Chosen):
    """Both tags must be new: an action is told from earlier ones by them."""

    acted: Annotated[str, Field(min_length=1, max_length=30, description="Tag of those to be acted on.")]
    held: Annotated[str, Field(min_length=1, max_length=30, description="Tag of those left alone.")]
    per_cent: Annotated[int, Field(ge=1, le=50)] = 10
    seed: Annotated[int | None, Field(ge=0, le=MOST_SEED, description="Of the lot; the same one draws the same customers.")] = None


class ChangeIn(Chosen):
    field: Annotated[
        str, Field(max_length=40, description="source_id, region, preferred_channel, language, do_not_disturb or a profile field.")
    ]
    value: Annotated[
        Annotated[str, Field(max_length=500)] | int | float | bool | list[Annotated[str, Field(max_length=60)]] | None,
        Field(description="Null: take it away."),
    ]
    note: Annotated[str, Field(max_length=200)] = ""


class ManyOut(Schema):
    """Done when it is answered with 200. With 202 it goes on in the background: ask `progress` again while `state` is `waiting` or
    `running`."""

    id: int
    kind: MassKind
    state: MassState
    total: int
    done: Annotated[int, Field(description="How many of them have been seen to.")]
    changed: Annotated[int, Field(description="The others had it already, or may not be changed by the caller.")]
    problem: str
    progress: Annotated[str, Field(description="The address of this.")]
    can_be_undone: bool
    undone_by: Annotated[int | None, Field(description="The change that took it back.")]
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
