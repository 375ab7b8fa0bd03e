"""What leaves as a file: a table that an interface shows, put together for who asks, while they wait or later in the worker.

`settings.SHEETS` names the modules that put tables together; the floors below the interfaces know none of them.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import ExportRequest, User


@dataclass(frozen=True)
class Wanted:
    """The columns of a screen as a file of a kind, of these rows or of all that the filters leave."""

    screen: str
    kind: str
    query: str = ""
    chosen: tuple[int, ...] = ()

    @classmethod
    def by(cls, request: ExportRequest) -> "Wanted":
        return cls(request.screen, request.kind, request.query, tuple(request.chosen))


@dataclass(frozen=True)
class Export:
    """What is to leave: so many rows, and what they show."""

    screen: str
    kind: str
    rows: int
    query: str = ""
    chosen: tuple[int, ...] = ()
    highest: Confidentiality = Confidentiality.INTERNAL  # class shown in plain


@dataclass(frozen=True)
class Sheet:
    """A table as its reader may see it now. Its lines are read from the database as they are taken."""

    export: Export
    right: Permission
    title: str
    header: Sequence[str]
    lines: Iterable[Sequence[object]]
    as_of: datetime.date | None = None  # of figures that are not of the day they leave

    def file_name(self, user: User, number: int, day: datetime.date) -> str:
        return f"{self.title}-{self.as_of or day}-{user.username}-{number}.{self.export.kind}"


@dataclass(frozen=True)
class Place:
    """Where people see what leaves."""

    title: str
    address: str = ""  # "": on no page


class Source(Protocol):
    """A module that knows some tables; of others it says nothing."""

    def sheet(self, user: User, wanted: Wanted, at: datetime.datetime) -> Sheet | None: ...

    def place(self, screen: str, query: str) -> Place | None: ...


def sheet(user: User, wanted: Wanted, at: datetime.datetime) -> Sheet:
    """As the person may see it now; refuses who may not."""
    for source in _sources():
        if found := source.sheet(user, wanted, at):
            return found
    raise ValidationError(_("This list is no longer there."))


def place(screen: str, query: str = "") -> Place | None:
    """None: there is no such table."""
    found = (source.place(screen, query) for source in _sources())
    return next((one for one in found if one), None)


def _sources() -> Iterator[Source]:
    """The worker loads the interfaces when it makes its first file."""
    return (cast(Source, import_module(path)) for path in settings.SHEETS)


def mark(actor: User, number: int, rows: int, at: datetime.datetime) -> str:
    """Who took what along: stands in the file itself, where a new name does not take it away. No sign in it parts columns or
    makes a header look like values, and an import passes over what begins so."""
    who = f"{actor.name or actor.username} {actor.username}".replace("@", "＠").replace(",", "，")
    words = {"number": number, "who": who, "at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}", "rows": rows}
    return _("#%(number)d · exported by %(who)s · %(at)s · %(rows)d rows") % words
