"""The filters of the list of orders."""

from django.db.models import QuerySet

from zhike.api.schemas.sales import OrderFilter
from zhike.sales.models import UNPAID, Order
from zhike.teams.models import User

LOOKUPS = {
    "customer": "customer", "kind": "kind", "ordered_from": "ordered_at__gte", "ordered_until": "ordered_at__lt",
    "amount_from": "amount__gte", "amount_until": "amount__lte", "due_until": "due_on__lte",
}  # fmt: skip
WORDS = ("order_no", "channel", "region")


def orders_found(user: User, query: OrderFilter) -> QuerySet[Order]:
    """The visible ones that the filters leave."""
    given = query.given()
    rows = Order.objects.visible_to(user).filter(
        **{lookup: given[name] for name, lookup in LOOKUPS.items() if given.get(name) is not None},
        **{name: given[name] for name in WORDS if given.get(name)},
    )
    return rows if query.unpaid is None else rows.filter(UNPAID if query.unpaid else ~UNPAID)
