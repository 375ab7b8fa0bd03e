"""Entering, changing, returning and deleting one order. Many at once come through `zhike.sales.imports`."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers.models import Customer
from zhike.sales import rules
from zhike.sales.choices import OrderKind
from zhike.sales.events import OrdersChanged
from zhike.sales.models import Order, OrderLine, Product
from zhike.sales.remains import VALUES, kept_beside, mark_of
from zhike.sales.rules import Line
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


def record_order(
    *, actor: User, customer: Customer | int, ordered_at: datetime.datetime, amount: Decimal | None = None,
    lines: Sequence[Line] = (), order_no: str = "", **more: Any,
) -> Order:  # fmt: skip
    """Enter an order; with lines, their sum is its amount. `more`: channel, region, cost, quantity, due_on, paid_on.

    An order number is entered once: the same order again gives the one that is there, another one is refused.
    """
    access.require(actor, Permission.ORDER_EDIT)
    found = Customer.objects.visible_to(actor).get(pk=customer.pk if isinstance(customer, Customer) else customer)
    values = {"ordered_at": ordered_at, "amount": amount, "order_no": order_no.strip()[:60], **more}
    order = Order(customer=found, created_by_id=actor.pk, **_cleaned(values, lines))
    order.kind = _kind(order.amount)
    with transaction.atomic():
        known = _known(actor, order)
        if known:
            return known
        _saved(order)
        _write_lines(order, lines)
        audit.record(actor=_who(actor), verb=AuditVerb.CREATED, on=order, changes=_shown(order))
        announce(OrdersChanged((found.pk,)))
    return order


def change_order(
    *, actor: User, order: int, lines: Sequence[Line] | None = None, mark: str | None = None, **values: Any
) -> Order:  # fmt: skip
    """Change what `values` names; `lines` replace all lines there were. Refused when the order no longer has this `mark`."""
    access.require(actor, Permission.ORDER_EDIT)
    with transaction.atomic():
        found = Order.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=order)
        if mark is not None and mark != mark_of(found):
            raise ValidationError(_("Somebody else has changed this order in the meantime. Save again to put yours in its place."))
        if lines is None and "amount" in values and found.lines.exists() and values["amount"] != found.amount:
            raise ValidationError({"amount": [_("The amount is the sum of the lines; change the lines.")]})
        new = _cleaned({name: getattr(found, name) for name in VALUES} | values, lines or ())
        _check_sign(found, new["amount"])
        changes = audit.differences(found, new)
        for name, value in new.items():
            setattr(found, name, value)
        _saved(found)
        if lines is not None:
            found.lines.all().delete()
            _write_lines(found, lines)
        if changes or lines is not None:
            audit.record(actor=_who(actor), verb=AuditVerb.CHANGED, on=found, changes=changes)
            announce(OrdersChanged((found.customer_id,)))
    return found


def record_return(
    *, actor: User, order: int, returned_at: datetime.datetime, amount: Decimal | None = None, order_no: str = "", note: str = ""
) -> Order:
    """Goods come back: an order of its own with a negative amount. Not more comes back than was sold; without an amount
    all that is left."""
    access.require(actor, Permission.ORDER_EDIT)
    with transaction.atomic():
        sale = Order.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=order)
        if sale.kind != OrderKind.SALE:
            raise ValidationError(_("This is a return already."))
        rest = rules.still_returnable(sale.amount, sale.returned_by.values_list("amount", flat=True))
        back = rest if amount is None else rules.money(amount)
        if not 0 < back <= rest:
            raise ValidationError({"amount": [_("At most %(rest)s can still be returned.") % {"rest": rest}]})
        cost = None if sale.cost is None or not sale.amount else rules.money(-sale.cost * back / sale.amount)
        returned = Order(
            customer_id=sale.customer_id, kind=OrderKind.RETURN, order_no=order_no.strip()[:60], ordered_at=returned_at,
            amount=-back, cost=cost, channel=sale.channel, region=sale.region, returns=sale, created_by_id=actor.pk,
        )  # fmt: skip
        _saved(returned)
        audit.record(actor=_who(actor), verb=AuditVerb.CREATED, on=returned, changes=_shown(returned), note=note)
        announce(OrdersChanged((sale.customer_id,)))
    return returned


def delete_order(*, actor: User, order: int) -> None:
    """The trail keeps all of it, from which `restoring.restore_order` brings it back."""
    access.require(actor, Permission.ORDER_EDIT)
    with transaction.atomic():
        found = Order.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=order)
        if found.returned_by.exists():
            raise ValidationError(_("Something of this order was returned; delete the return first."))
        gone = {name: [value, None] for name, (_none, value) in _shown(found).items()}
        audit.record(actor=_who(actor), verb=AuditVerb.DELETED, on=found, changes=gone | kept_beside(found))
        announce(OrdersChanged((found.customer_id,)))
        found.delete()


def _who(actor: User) -> User | None:
    return actor if actor.pk else None


def _kind(amount: Decimal) -> str:
    return OrderKind.RETURN if amount < 0 else OrderKind.SALE


def _cleaned(values: dict[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """Raises `ValidationError` by field."""
    problems: dict[str, list[str]] = {}
    if lines:
        values = values | {"amount": rules.total(lines), "quantity": sum((line.quantity for line in lines), Decimal(0))}
        values["cost"] = rules.total_cost(lines) if values.get("cost") is None else values["cost"]
        _check_products(lines)
    if values["amount"] is None:
        problems["amount"] = [_("Give an amount or lines.")]
    elif abs(values["amount"]) > rules.MOST:
        problems["amount"] = [_("This is too large to be an amount.")]
    elif values["amount"] != values["amount"].quantize(rules.CENT):
        problems["amount"] = [_("An amount has at most two decimals.")]
    if not isinstance(values["ordered_at"], datetime.datetime):
        problems["ordered_at"] = [_("Give the day of the order.")]
    elif values.get("due_on") and values["due_on"] < timezone.localdate(values["ordered_at"]):
        problems["due_on"] = [_("The due date lies before the order.")]
    if problems:
        raise ValidationError(problems)
    return values


def _check_products(lines: Sequence[Line]) -> None:
    wanted = {line.product_id for line in lines}
    if Product.objects.filter(pk__in=wanted).count() != len(wanted):
        raise ValidationError({"lines": [_("There is no such product.")]})


def _check_sign(order: Order, amount: Decimal) -> None:
    if (order.kind == OrderKind.SALE and amount < 0) or (order.kind == OrderKind.RETURN and amount > 0):
        raise ValidationError({"amount": [_("A sale is not negative, a return not positive.")]})


def _known(actor: User, order: Order) -> Order | None:
    """The order that has this number already, if it says the same."""
    if not order.order_no:
        return None
    known = Order.objects.visible_to(actor).filter(order_no=order.order_no).first()
    same = ("customer_id", "amount", "ordered_at", "kind")
    if known and all(getattr(known, name) == getattr(order, name) for name in same):
        return known
    if known:
        raise ValidationError({"order_no": [_("Another order has this number.")]})
    return None


def _saved(order: Order) -> None:
    """The number is unique also among orders that the actor may not see."""
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError as problem:
        raise ValidationError({"order_no": [_("Another order has this number.")]}) from problem


def _write_lines(order: Order, lines: Sequence[Line]) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product_id=line.product_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            cost=line.cost,
        )
        for line in lines
    )


def _shown(order: Order) -> audit.Changes:
    return {
        name: [None, getattr(order, name)] for name in ("customer_id", "kind", *VALUES) if getattr(order, name) not in (None, "")
    }
