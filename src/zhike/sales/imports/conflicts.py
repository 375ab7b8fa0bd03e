"""What somebody has worked on since an import, asked before its undo and told after it."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from zhike.core.choices import LOOKED_AT
from zhike.core.models import AuditEntry
from zhike.customers.choices import ImportKind, ImportState
from zhike.customers.imports import edited
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import undo, undoing
from zhike.sales.models import Order
from zhike.teams.models import User

# orders of the batch itself stand before its undo; only those that stay keep a customer
OTHERS = f"(r.batch_id IS DISTINCT FROM %(batch)s OR r.id IN (SELECT e.id FROM ({undo.CREATED}) e))"
REASONS = {
    "changed": _("changed by hand"), "imported": _("changed by another import"), "returned": _("has a return"),
    "used": _("got other data since"), "value": _("a value was changed since"),
}  # fmt: skip
SHOWN = 50


@dataclass(frozen=True)
class Edit:
    """One record that somebody has worked on since."""

    what: str  # order, customer
    id: int
    name: str
    why: str
    by: str = ""
    at: datetime.datetime | None = None


@dataclass(frozen=True)
class Edits:
    orders: int = 0
    customers: int = 0
    first: list[Edit] = field(default_factory=list)  # those the asker may see
    known: bool = True  # false: too many rows to look through while somebody waits

    @property
    def total(self) -> int:
        return self.orders + self.customers


def of(batch: ImportBatch, *, seen_by: User, thorough: bool = False) -> Edits:
    """Before the undo what it would keep, after it what it has kept. A large import is looked through only if `thorough`."""
    if batch.state == ImportState.UNDONE:
        named = [(one["what"], int(one["id"]), one["why"]) for one in batch.counts.get("kept", [])]
        kept = {what: counts.get("kept", 0) for what, counts in batch.counts.get("undone", {}).items()}
        return Edits(kept.get("orders", 0), kept.get("customers", 0), _shown(named, seen_by))
    if batch.state != ImportState.DONE or (batch.rows_total > undoing.UNDO_AT_ONCE and not thorough):
        return Edits(known=batch.state != ImportState.DONE)
    found = _found(batch)
    many = Counter(what for what, _id, _why in found)
    return Edits(many["order"], many["customer"], _shown(found, seen_by))


def _found(batch: ImportBatch) -> list[tuple[str, int, str]]:
    orders = batch.kind == ImportKind.ORDERS
    parts = [("customer", f"{edited.customers(without=OTHERS if orders else 'true')} UNION ALL {edited.values_of_customers()}")]
    if orders:
        parts.insert(0, ("order", f"{undo.CREATED} UNION ALL {undo.VALUES}"))
    found: list[tuple[str, int, str]] = []
    with connection.cursor() as cursor:
        for what, sql in parts:
            cursor.execute(f"SELECT id, min(why) FROM ({sql}) e GROUP BY id ORDER BY id", {"batch": batch.pk})
            found += [(what, key, why) for key, why in cursor.fetchall()]
    return _without_the_bin(found)


def _without_the_bin(found: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
    """A customer whom somebody has deleted since is no conflict: it stays where it is."""
    binned = set(Customer.objects.filter(pk__in=[key for what, key, _why in found if what == "customer"])
                 .exclude(deleted_at=None).values_list("pk", flat=True))  # fmt: skip
    return [(what, key, why) for what, key, why in found if what != "customer" or key not in binned]


def _shown(found: list[tuple[str, int, str]], user: User) -> list[Edit]:
    """The first of them, with names and the last entry of the trail, as far as this person may see the records."""
    orders = Order.objects.visible_to(user).filter(pk__in=[key for what, key, _why in found if what == "order"])
    customers = Customer.objects.visible_to(user).filter(pk__in=[key for what, key, _why in found if what == "customer"])
    names: dict[tuple[str, int], str] = {("order", one.pk): str(one) for one in orders[:SHOWN]}
    names |= {("customer", one.pk): one.name for one in customers[:SHOWN]}
    first = [one for one in found if one[:2] in names][:SHOWN]
    last = _last_entries([one[:2] for one in first])
    return [Edit(what, key, names[what, key], why, **last.get((what, key), {})) for what, key, why in first]


def _last_entries(records: list[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    entries = AuditEntry.objects.none()
    for what in ("order", "customer"):
        entries |= AuditEntry.objects.filter(object_type=what, object_id__in=[key for kind, key in records if kind == what])
    found = entries.exclude(verb__in=LOOKED_AT).order_by("at", "pk")
    return {(one.object_type, one.object_id or 0): {"by": one.actor_name, "at": one.at} for one in found}
