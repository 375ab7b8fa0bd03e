"""One event of a timeline in plain facts, masked for who looks."""

from typing import Any

from zhike.api.customer_shown import Eyes
from zhike.core.models import AuditEntry
from zhike.customers.models import Comment, Interaction
from zhike.customers.queries import Event
from zhike.sales.models import Order


def event_facts(eyes: Eyes, event: Event) -> dict[str, Any]:
    if isinstance(event.what, Interaction):
        return _interaction(event.what)
    if isinstance(event.what, Comment):
        return {"text": event.what.text, "by": event.what.by.name}
    if isinstance(event.what, AuditEntry):
        return _audit(eyes, event.what)
    if isinstance(event.what, Order):
        return _order(event.what)
    return {}


def _interaction(row: Interaction) -> dict[str, Any]:
    words = ("kind", "channel", "direction", "purpose", "minutes", "summary", "mood", "outcome", "is_pinned")
    return {name: getattr(row, name) for name in words} | {
        "staff": str(row.staff) if row.staff else None, "contact": str(row.contact) if row.contact else None,
    }  # fmt: skip


def _audit(eyes: Eyes, row: AuditEntry) -> dict[str, Any]:
    return {"verb": row.verb, "actor": row.actor_name, "channel": row.channel, "changes": shown_changes(eyes, row.changes)}


def shown_changes(eyes: Eyes, changes: dict[str, Any]) -> dict[str, Any]:
    return {code: [eyes.change(code, one) for one in pair] for code, pair in changes.items()}


def _order(row: Order) -> dict[str, Any]:
    return {"order_no": row.order_no, "kind": row.kind, "amount": str(row.amount)}
