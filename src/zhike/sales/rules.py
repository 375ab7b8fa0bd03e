"""What follows from quantities and prices. Pure: values in, value out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
MOST = Decimal(10) ** 11


@dataclass(frozen=True)
class Line:
    """One position of an order. `amount` follows from quantity and price unless it is agreed otherwise."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    cost: Decimal | None = None  # of the whole position
    agreed: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        return money(self.quantity * self.unit_price) if self.agreed is None else self.agreed


def money(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def total(lines: Iterable[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def total_cost(lines: Iterable[Line]) -> Decimal | None:
    """None while the cost of any position is not known."""
    costs = [line.cost for line in lines]
    return sum((cost for cost in costs if cost is not None), Decimal(0)) if costs and None not in costs else None


def margin(amount: Decimal, cost: Decimal | None) -> Decimal | None:
    return None if cost is None else amount - cost


def margin_share(price: Decimal | None, cost: Decimal | None) -> Decimal | None:
    """The part of the price that stays."""
    return None if not price or cost is None else (price - cost) / price


def still_returnable(amount: Decimal, returned: Iterable[Decimal]) -> Decimal:
    """What of a sale has not come back yet. Returns are negative."""
    return amount + sum(returned, Decimal(0))
