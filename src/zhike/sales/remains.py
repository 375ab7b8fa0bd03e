"""An order written down: what the audit trail keeps of a deleted one, and the mark by which a changed one is noticed."""

import hashlib
import json

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.sales.models import Order, OrderLine

LINE = ("product_id", "quantity", "unit_price", "amount", "cost")
VALUES = ("ordered_at", "amount", "cost", "quantity", "channel", "region", "order_no", "due_on", "paid_on")
BESIDE = ("returns_id", "batch_id", "created_by_id")


def kept_beside(order: Order) -> audit.Changes:
    """What an order is made of beside its own values, for the line of the trail that tells of its deletion."""
    lines = [
        {"name": f"{line.product.name} × {line.quantity.normalize():f}"} | _values(line, LINE)
        for line in order.lines.select_related("product").order_by("pk")
    ]
    beside: audit.Changes = {name: [value, None] for name in BESIDE if (value := getattr(order, name)) is not None}
    if lines:
        beside["lines"] = [lines, None]
    return beside


def told_of_deletion(order: int) -> AuditEntry | None:
    """The line that tells of its deletion."""
    found = AuditEntry.objects.filter(object_type="order", object_id=order, verb=AuditVerb.DELETED)
    return found.order_by("-pk").first()


def mark_of(order: Order) -> str:
    """Another one after every change of its values or lines."""
    lines = [_values(line, LINE) for line in order.lines.order_by("pk")]
    whole = json.dumps([_values(order, VALUES), lines])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def _values(row: Order | OrderLine, names: tuple[str, ...]) -> dict[str, object]:
    return {name: audit.plain(getattr(row, name)) for name in names}
