"""Bringing a deleted order back, out of what the audit trail keeps of it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Field
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.customers.models import Customer
from zhike.sales import rules
from zhike.sales.events import OrdersChanged
from zhike.sales.models import Order, OrderLine
from zhike.sales.remains import LINE, told_of_deletion
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


def restore_order(*, actor: User, order: int) -> Order:
    """As it was, under its old id. Of a customer merged since, to the one that was kept."""
    access.require(actor, Permission.ORDER_EDIT)
    entry = told_of_deletion(order)
    if entry is None or Order.objects.filter(pk=order).exists():
        raise Order.DoesNotExist
    was = {name: before for name, (before, _after) in entry.changes.items()}
    with transaction.atomic():
        customer = Customer.objects.visible_to(actor).get(pk=_kept(was.pop("customer_id")))
        lines = was.pop("lines", [])
        values = {name: _typed(name, value) for name, value in was.items()}
        found = Order(pk=order, customer=customer, **values)
        _check(found)
        try:
            with transaction.atomic():
                found.save(force_insert=True)
        except IntegrityError as problem:
            raise ValidationError({"order_no": [_("Another order has this number.")]}) from problem
        OrderLine.objects.bulk_create(OrderLine(order=found, **{name: line[name] for name in LINE}) for line in lines)
        audit.record(actor=actor, verb=AuditVerb.RESTORED, on=found)
        announce(OrdersChanged((customer.pk,)))
    return found


def _typed(name: str, value: Any) -> Any:
    """From the trail's JSON to what the column holds."""
    column = Order._meta.get_field(name.removesuffix("_id"))
    assert isinstance(column, Field)
    return column.to_python(value)


def _kept(customer: int) -> int:
    """Whom a customer was merged into, if so."""
    merged = Customer.objects.filter(pk=customer).values_list("merged_into_id", flat=True).first()
    return _kept(merged) if merged else customer


def _check(order: Order) -> None:
    """A return of what is gone, or has come back otherwise since, stays deleted."""
    if order.returns_id is None:
        return
    sold: Any = Order.objects.filter(pk=order.returns_id).first()
    if sold is None:
        raise ValidationError(_("The order that this returns is deleted too; bring that one back first."))
    if -order.amount > rules.still_returnable(sold.amount, [one.amount for one in sold.returned_by.all()]):
        raise ValidationError(_("More would come back than was sold."))
