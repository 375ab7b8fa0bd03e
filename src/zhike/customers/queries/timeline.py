"""One timeline of everything that happened with a customer, newest first.

Upper domains add their own kinds of events: `register(source)` once at start (see `zhike.reactions`). A source is asked for the
newest events before a moment, and gives at most as many as asked.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry, StoredFile
from zhike.customers.choices import InteractionState
from zhike.customers.models import Customer, Interaction
from zhike.teams.models import User

PAGE = 20
TOLD = (AuditVerb.CREATED, AuditVerb.CHANGED, AuditVerb.TRANSFERRED, AuditVerb.MERGED, AuditVerb.UNMERGED, AuditVerb.RESTORED)


@dataclass(frozen=True)
class Event:
    """`kind` names the source (interaction, audit, order); `what` is its row."""

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


Source = Callable[[User, int, Cursor | None, int], Iterable[Event]]
_sources: list[Source] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def timeline(
    user: User, customer: Customer, *, before: Cursor | None = None, kinds: Iterable[str] = (), limit: int = PAGE
) -> tuple[list[Event], Cursor | None]:
    """A page, and where the next one begins (None at the end). Planned interactions are not part of it."""
    Customer.objects.visible_to(user).only("pk").get(pk=customer.pk)
    return events_of(user, customer, before=before, kinds=kinds, limit=limit)


def events_of(
    user: User, customer: Customer, *, before: Cursor | None = None, kinds: Iterable[str] = (), limit: int = PAGE
) -> tuple[list[Event], Cursor | None]:
    """The same for a caller who has just fetched the customer through `visible_to(user)`."""
    wanted = set(kinds)
    found = [
        event for source in (_interactions, _audit, *_sources) for event in source(user, customer.pk, before, limit + 1)
        if not wanted or event.kind in wanted
    ]  # fmt: skip
    found.sort(key=lambda event: (event.at, event.kind, event.key), reverse=True)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return page, Cursor(last.at, last.kind, last.key) if last else None


def _interactions(user: User, customer_id: int, before: Cursor | None, limit: int) -> list[Event]:
    rows = Interaction.objects.filter(customer_id=customer_id, state=InteractionState.DONE)
    if before:
        rows = rows.filter(before.before("interaction"))
    with_files = Interaction.files.through.objects.filter(interaction=OuterRef("pk"))
    rows = rows.select_related("staff", "contact").annotate(has_files=Exists(with_files))
    found: list[Any] = list(rows.order_by("-at", "-pk")[:limit])
    prefetch_related_objects([row for row in found if row.has_files], Prefetch("files", StoredFile.objects.only("name", "size")))
    return [Event(row.at, "interaction", row.pk, row) for row in found]


def _audit(user: User, customer_id: int, before: Cursor | None, limit: int) -> list[Event]:
    rows = AuditEntry.objects.filter(object_type="customer", object_id=customer_id, verb__in=TOLD)
    if before:
        rows = rows.filter(before.before("audit"))
    return [Event(row.at, "audit", row.pk, row) for row in rows.order_by("-at", "-pk")[:limit]]
