"""A small shop for the tests: customers and orders by bulk, as an import leaves them."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

from zhike.customers.models import Customer
from zhike.sales.models import Order, OrderLine, Product, ProductLine
from zhike.teams.models import Role, User

CHINA = ZoneInfo("Asia/Shanghai")
Row = tuple[Customer, str, float]


def analyst() -> User:
    return User.objects.create(username="fenxi", name="分析员", is_administrator=True)


def salesperson(name: str, *permissions: str) -> User:
    role = Role.objects.create(name=f"{name} role", permissions=list(permissions), scope="own")
    user = User.objects.create(username=name, name=name)
    user.roles.add(role)
    return user


def customers(n: int, owner: User | None = None) -> list[Customer]:
    return Customer.objects.bulk_create([Customer(name=f"顾客{i}", owner=owner) for i in range(n)])


def noon(day: str) -> datetime.datetime:
    return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(12), CHINA)


def orders(rows: Iterable[Row], *, cost: float | None = None, channel: str = "") -> list[Order]:
    """Sales (customer, day, amount); a negative amount is a return."""
    return Order.objects.bulk_create(
        [
            Order(
                customer=customer, ordered_at=noon(day), amount=Decimal(str(amount)), kind="sale" if amount >= 0 else "return",
                cost=None if cost is None else Decimal(str(cost)), channel=channel,
            )
            for customer, day, amount in rows
        ]
    )  # fmt: skip


def lines(rows: Iterable[tuple[Order, str]]) -> None:
    """One piece of a product in each of these orders; products of one line of business, made as they come, at 10, 20, 30 …"""
    known = {one.code: one for one in Product.objects.all()}
    made = []
    for order, code in rows:
        if code not in known:
            line, _new = ProductLine.objects.get_or_create(name="货")
            price = Decimal(10 * (len(known) + 1))
            known[code] = Product.objects.create(code=code, name=f"商品{code}", line=line, price=price)
        price = known[code].price or Decimal(0)
        made.append(OrderLine(order=order, product=known[code], quantity=1, unit_price=price, amount=price))
    OrderLine.objects.bulk_create(made)
