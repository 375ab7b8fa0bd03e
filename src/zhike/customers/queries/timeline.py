"""One timeline of everything that happened with a customer, newest first.

Upper domains add their own kinds of events: `register(source)` once at start (see `zhike.reactions`). A source is asked for the
newest events before a moment, and gives at most as many as asked; or for one event by its key.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry, StoredFile
from zhike.core.prepared import Prepared
from zhike.customers.choices import InteractionState
from zhike.customers.models import Comment, Customer, Interaction
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User

PAGE = 20
TOLD = (AuditVerb.CREATED, AuditVerb.CHANGED, AuditVerb.TRANSFERRED, AuditVerb.MERGED, AuditVerb.UNMERGED, AuditVerb.RESTORED)


@dataclass(frozen=True)
class Event:
    """`kind` names the source (interaction, audit, comment, order); `what` is its row."""

    at: datetime.datetime
    kind: str
    key: int
    what: Any


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: everything after it in the order (at, kind, key), backwards."""

    at: datetime.datetime
    kind: str
    key: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.key}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        parts = text.split("~")
        try:
            at = datetime.datetime.fromisoformat(parts[0])
            return cls(at, parts[1], int(parts[2])) if at.tzinfo else None
        except (ValueError, IndexError):
            return None

    def before(self, kind: str, at: str = "at") -> Q:
        """The condition on rows of a source, by its column of the moment."""
        same = Q(**{f"{at}__lt": self.at})
        if kind == self.kind:
            return same | Q(**{at: self.at, "pk__lt": self.key})
        return Q(**{f"{at}__lte": self.at}) if kind < self.kind else same


@dataclass(frozen=True)
class Source:
    """`rows(customer_id)` are the events of one kind, `at` the column of their moment, `right` what one needs to see them."""

    kind: str
    rows: Callable[[int], "QuerySet[Any]"]
    at: str = "at"
    right: Permission | None = None
    finish: Callable[[list[Any]], None] = lambda rows: None  # reads what belongs to the rows of a page

    def is_for(self, user: User) -> bool:
        return self.right is None or rights_of(user).allows(self.right)

    def newest(self, customer_id: int, before: Cursor | None, limit: int) -> list[Event]:
        if before is None and limit == PAGE + 1:
            return self._events(self._first_page(customer_id))
        rows = self._ordered(customer_id)
        return self._events(list((rows.filter(before.before(self.kind, self.at)) if before else rows)[:limit]))

    @cached_property
    def _first_page(self) -> Prepared:
        """With which every record opens."""
        return Prepared(lambda customer: self._ordered(customer)[: PAGE + 1], int)

    def _ordered(self, customer_id: int) -> "QuerySet[Any]":
        return self.rows(customer_id).order_by(f"-{self.at}", "-pk")

    def one(self, customer_id: int, key: int) -> Event | None:
        return next(iter(self._events(list(self.rows(customer_id).filter(pk=key)))), None)

    def _events(self, found: list[Any]) -> list[Event]:
        self.finish(found)
        return [Event(getattr(row, self.at), self.kind, row.pk, row) for row in found]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.kind] = source


def source_of(kind: str) -> Source | None:
    return _sources.get(kind)


def hidden_kinds(user: User) -> list[str]:
    """Of the events that this person may not see."""
    return [source.kind for source in _sources.values() if not source.is_for(user)]


def timeline(
    user: User, customer: Customer, *, before: Cursor | None = None, kinds: Iterable[str] = (), limit: int = PAGE
) -> tuple[list[Event], Cursor | None]:
    """A page, and where the next one begins (None at the end). Planned interactions are not part of it."""
    Customer.objects.visible_to(user).only("pk").get(pk=customer.pk)
    return events_of(user, customer, before=before, kinds=kinds, limit=limit)


def events_of(
    user: User, customer: Customer, *, before: Cursor | None = None, kinds: Iterable[str] = (), none_of: str = "", limit: int = PAGE
) -> tuple[list[Event], Cursor | None]:
    """The same for a caller who has just fetched the customer through `visible_to(user)`; `none_of`: a kind that it has no event
    of, so that nobody asks."""
    wanted = (set(kinds) or set(_sources)) - {none_of}
    asked = [source for source in _sources.values() if source.kind in wanted and source.is_for(user)]
    found = [event for source in asked for event in source.newest(customer.pk, before, limit + 1)]
    found.sort(key=lambda event: (event.at, event.kind, event.key), reverse=True)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return page, Cursor(last.at, last.kind, last.key) if last else None


def pinned(customer_id: int) -> list[Event]:
    """The interactions that somebody pinned."""
    interactions = _sources["interaction"]
    rows = list(interactions.rows(customer_id).filter(is_pinned=True).order_by("-at", "-pk")[:PAGE])
    interactions.finish(rows)
    return [Event(row.at, "interaction", row.pk, row) for row in rows]


def _interactions(customer_id: int) -> "QuerySet[Any]":
    with_files = Interaction.files.through.objects.filter(interaction=OuterRef("pk"))
    rows = Interaction.objects.filter(customer_id=customer_id, state=InteractionState.DONE)
    return rows.select_related("staff", "contact").annotate(has_files=Exists(with_files))


def _with_files(found: list[Any]) -> None:
    prefetch_related_objects([row for row in found if row.has_files], Prefetch("files", StoredFile.objects.only("name", "size")))


def _audit(customer_id: int) -> "QuerySet[Any]":
    return AuditEntry.objects.filter(object_type="customer", object_id=customer_id, verb__in=TOLD)


def _comments(customer_id: int) -> "QuerySet[Any]":
    """On the record itself, and on changes of a record that was merged into this one, which are no part of its timeline."""
    shown = AuditEntry.objects.filter(pk=OuterRef("on_id"), object_type="customer", object_id=customer_id)
    of_the_record = Q(on="") | Q(Q(on="audit"), ~Exists(shown))
    return Comment.objects.filter(of_the_record, customer_id=customer_id, deleted_at=None).select_related("by")


register(Source("interaction", _interactions, finish=_with_files))
register(Source("audit", _audit))
register(Source("comment", _comments))
