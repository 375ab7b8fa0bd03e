"""Reads of sales that pages and other domains share."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When

from zhike.sales.models import Order, OrderLine, PriceListItem, Product
from zhike.teams.models import User


def price_for(product: Product, grade: str = "") -> Decimal | None:
    """What a customer of this grade pays: the grade's list, else the list for everybody, else the product's own price."""
    rank = Case(When(price_list__grade=grade, then=Value(0)), default=Value(1), output_field=IntegerField())
    listed = PriceListItem.objects.filter(
        Q(price_list__grade=grade) | Q(price_list__grade=""), product=product, price_list__is_active=True
    )
    found = listed.annotate(rank=rank).order_by("rank", "price_list_id").values_list("price", flat=True).first()
    return product.price if found is None else found


def order_with_lines(user: User) -> QuerySet[Order]:
    return with_lines(Order.objects.visible_to(user))


def with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    lines = OrderLine.objects.select_related("product").order_by("pk")
    returns = Order.objects.order_by("ordered_at")
    found = orders.select_related("customer", "returns", "created_by")
    return found.prefetch_related(Prefetch("lines", lines), Prefetch("returned_by", returns))


def orders_of(user: User, customer_id: int) -> QuerySet[Order]:
    """Newest first."""
    return Order.objects.visible_to(user).filter(customer=customer_id).order_by("-ordered_at", "-pk")


@dataclass(frozen=True)
class Account:
    """What a customer owes."""

    open: Decimal  # on account, not paid yet; what came back is taken off
    overdue: Decimal
    days: int  # of the oldest that is overdue


def account_of(user: User | None, customer_id: int, today: datetime.date) -> Account:
    """As far as this person may see orders; without one, as the rules need it."""
    returned = Subquery(Order.objects.filter(returns=OuterRef("pk")).order_by().values("returns").values_list(Sum("amount")))
    seen = Order.objects.visible_to(user) if user else Order.objects.all()
    rows = seen.filter(customer=customer_id).unpaid().order_by()
    owed = [(due, amount + (back or 0)) for due, amount, back in rows.values_list("due_on", "amount", returned)]
    late = [(due, amount) for due, amount in owed if due < today and amount > 0]
    days = max(((today - due).days for due, _amount in late), default=0)
    return Account(sum((one for _due, one in owed), Decimal(0)), sum((one for _due, one in late), Decimal(0)), days)


def bundle_price(product: Product) -> Decimal | None:
    """What the parts cost one by one; None when a part has no price."""
    parts = list(product.items.annotate(part_price=F("product__price")).values_list("quantity", "part_price"))
    if not parts or any(price is None for _quantity, price in parts):
        return None
    return sum((quantity * price for quantity, price in parts), Decimal(0))


def product_by_words(text: str) -> Product | None:
    """By its code, else by its name if only one has it."""
    text = text.strip()
    by_code = Product.objects.filter(code=text).first()
    if by_code or not text:
        return by_code
    named = list(Product.objects.filter(name=text)[:2])
    return named[0] if len(named) == 1 else None
