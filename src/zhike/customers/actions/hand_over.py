"""What happens to somebody's customers and promises when they leave, or move without them."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.actions.ownership import transfer_customers
from zhike.customers.choices import InteractionState
from zhike.customers.models import Customer, Interaction
from zhike.teams.models import User


@transaction.atomic
def hand_over(*, actor: User, person: User, successors: Sequence[User], at: datetime.datetime) -> int:
    """Shares the person's customers out evenly and their promises with them; all or nothing."""
    owned = list(Customer.objects.living().filter(owner=person).order_by("pk").values_list("pk", flat=True))
    if owned and not successors:
        problem = _("%(name)s still has %(n)s customers. Choose who takes them.") % {"name": person.name, "n": len(owned)}
        raise ValidationError({"successors": [problem]})
    moved = 0
    for place, successor in enumerate(successors):
        share = owned[place :: len(successors)]
        if share:
            reason = _("Hand-over from %(name)s") % {"name": person.name}
            moved += transfer_customers(actor=actor, customers=share, to=successor, at=at, reason=reason)
    if moved != len(owned):
        raise ValidationError(_("Some of these customers are not yours to hand over. Ask an administrator."))
    heir = successors[0] if successors else actor
    Customer.objects.filter(owner=person).update(owner=heir if successors else None)  # those in the recycle bin
    _promises_follow(person, heir)
    return moved


@transaction.atomic
def take_along(*, actor: User, person: User) -> int:
    """The person's customers belong to the department that the person belongs to."""
    if person.department_id is None:
        return 0
    mine = Customer.objects.filter(owner=person).exclude(department=person.department_id).select_related("department")
    rows = list(mine.select_for_update(of=("self",)).order_by("pk"))
    history = [(one.pk, one.name, {"department": [one.department, person.department]}) for one in rows]
    audit.record_many(actor=actor, verb=AuditVerb.CHANGED, object_type="customer", rows=history, note=person.name)
    return Customer.objects.filter(pk__in=[one.pk for one in rows]).update(
        department=person.department_id, version=F("version") + 1
    )


def _promises_follow(person: User, heir: User) -> None:
    """What was promised is kept by whom the customer has now; of customers without an owner, by the heir."""
    owner = Subquery(Customer.objects.filter(pk=OuterRef("customer_id")).values("owner_id")[:1])
    Interaction.objects.filter(staff=person, state=InteractionState.PLANNED).update(staff_id=Coalesce(owner, heir.pk))
