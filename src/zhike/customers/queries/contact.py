"""The consent rule with the facts of a customer. Whatever sends something asks here first."""

import datetime

from django.utils import timezone

from zhike.customers.choices import Barrier
from zhike.customers.models import Consent, Customer
from zhike.customers.rules import contact


def may_contact(customer: Customer, *, channel: str, purpose: str, at: datetime.datetime) -> Barrier | None:
    """What stands in the way of reaching this customer now, or None."""
    return contact.may_contact(wishes_of(customer), channel=channel, purpose=purpose, at=timezone.localtime(at))


def wishes_of(customer: Customer) -> contact.Wishes:
    rows = Consent.objects.filter(customer=customer).values_list("purpose", "channel", "is_given", "at")
    return contact.Wishes(
        customer.do_not_disturb, customer.quiet_from, customer.quiet_until, tuple(contact.Line(*row) for row in rows)
    )
