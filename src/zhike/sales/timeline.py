"""Orders and returns in the customer's timeline."""

from zhike.customers.queries.timeline import Cursor, Event
from zhike.sales.models import Order
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


def orders_in_timeline(user: User, customer_id: int, before: Cursor | None, limit: int) -> list[Event]:
    """For people who may see orders; the timeline has already made sure that the customer is visible."""
    if not rights_of(user).allows(Permission.ORDER_VIEW):
        return []
    rows = Order.objects.filter(customer_id=customer_id)
    if before:
        rows = rows.filter(before.before("order", at="ordered_at"))
    return [Event(row.ordered_at, "order", row.pk, row) for row in rows.order_by("-ordered_at", "-pk")[:limit]]
