"""Orders and returns in the customer's timeline."""

from typing import Any

from django.db.models import QuerySet

from zhike.customers.queries.timeline import Source
from zhike.sales.models import Order
from zhike.teams.choices import Permission


def _orders(customer_id: int) -> QuerySet[Any]:
    return Order.objects.filter(customer_id=customer_id)


ORDERS_IN_TIMELINE = Source("order", _orders, at="ordered_at", right=Permission.ORDER_VIEW)
