"""Writing a customer's row: the number is given once, and who comes second is told so."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.core.choices import LOOKED_AT
from zhike.core.models import AuditEntry
from zhike.customers.choices import Problem
from zhike.customers.models import Customer


class Conflict(Exception):
    """Somebody else saved this customer first. `theirs` is the newest change of the audit trail, if it is known."""

    def __init__(self, customer: Customer, theirs: AuditEntry | None) -> None:
        super().__init__(_("Somebody else has changed this customer in the meantime."))
        self.customer = customer
        self.theirs = theirs


def last_change(customer: Customer) -> AuditEntry | None:
    changes = AuditEntry.objects.filter(object_type="customer", object_id=customer.pk).exclude(verb__in=LOOKED_AT)
    return changes.order_by("-at", "-pk").first()


def saved(customer: Customer) -> None:
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as problem:
        if "customer_number_once" in str(problem):
            raise ValidationError({"number": [str(Problem.NUMBER_TAKEN.label)]}) from problem
        raise
