"""Reads of sales that pages and other domains share."""

from decimal import Decimal

from django.db.models import Case, F, IntegerField, Prefetch, Q, QuerySet, Value, When

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
    lines = OrderLine.objects.select_related("product").order_by("pk")
    returns = Order.objects.order_by("ordered_at")
    return (
        Order.objects.visible_to(user)
        .select_related("customer", "returns", "created_by")
        .prefetch_related(Prefetch("lines", lines), Prefetch("returned_by", returns))
    )


def orders_of(user: User, customer_id: int) -> QuerySet[Order]:
    """Newest first."""
    return Order.objects.visible_to(user).filter(customer=customer_id).order_by("-ordered_at", "-pk")


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
