"""How actions fetch what they change: within the actor's rights, and locked until the transaction ends."""

from zhike.customers.models import Customer
from zhike.teams.models import User

Key = Customer | int


def visible(actor: User, customer: Key) -> Customer:
    return Customer.objects.visible_to(actor).get(pk=_id(customer))


def locked(actor: User, customer: Key) -> Customer:
    """For changing. Invisible: `DoesNotExist`; visible but not editable: `PermissionDenied`."""
    return locked_many(actor, [customer])[0]


def locked_many(actor: User, customers: list[Key]) -> list[Customer]:
    """In the given order; locked in the order of their ids, so that two people never wait for each other."""
    wanted = [_id(customer) for customer in customers]
    rows = Customer.objects.editable_by(actor).filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows}
    for key in wanted:
        if key not in found:
            refuse(actor, key)
    return [found[key] for key in wanted]


def refuse(actor: User, key: int) -> None:
    from django.core.exceptions import PermissionDenied
    from django.utils.translation import gettext as _

    Customer.objects.visible_to(actor).get(pk=key)
    raise PermissionDenied(_("You may see this customer but not change it."))


def _id(customer: Key) -> int:
    return customer if isinstance(customer, int) else int(customer.pk)
