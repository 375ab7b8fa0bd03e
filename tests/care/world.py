"""Makes customers with scores, for the rules of care. All days count back from `ON`, a Sunday."""

import datetime
import itertools
from typing import Any

from django.db import connection
from django.utils import timezone

from tests.teams.company import department, person
from zhike.customers.models import Customer, Interaction
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import Department, User
from zhike.value.models import Run, Score

ON = datetime.date(2026, 11, 22)
SELL = [
    Permission.CUSTOMER_VIEW,
    Permission.CUSTOMER_EDIT,
    Permission.INTERACTION_RECORD,
    Permission.ORDER_VIEW,
    Permission.VALUE_VIEW,
]
_numbers = itertools.count(1)

# A valued customer who comes every 30 days and is fine
FINE: dict[str, Any] = {
    "orders": 12, "returns": 0, "revenue": 12000, "margin": 4800, "frequency": 11, "recency": 330, "age": 340, "mean_spend": 1000.0,
    "rhythm_days": 30.0, "p_alive": 0.9, "expected_orders": 10.0, "expected_spend": 1000.0, "grade": "key", "stage": "stable",
}  # fmt: skip


def ago(days: float) -> datetime.datetime:
    noon = datetime.datetime.combine(ON, datetime.time(12))
    return timezone.make_aware(noon - datetime.timedelta(days=days))


def day(days_ago: int) -> datetime.date:
    return ON - datetime.timedelta(days=days_ago)


def adviser(name: str = "俞晓燕", **fields: Any) -> User:
    return person(name, can=SELL, **fields)


def shop_with_manager() -> tuple[Department, User]:
    place = department()
    return place, person("王建波", can=SELL, scope=Scope.DEPARTMENT_BELOW, department=place)


def current_run() -> Run:
    run = Run.objects.filter(is_current=True).first()
    if run is None:
        run = Run.objects.create(as_of=ON, state="done", is_current=True)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE zhike_score_{run.pk} PARTITION OF zhike_score FOR VALUES IN ({run.pk})")
    return run


def customer(owner: User | None, *, last_bought: int | None = 10, **fields: Any) -> Customer:
    """`last_bought` days ago. Fields of the score by their names, all others are the customer's; contact was three days ago."""
    number = next(_numbers)
    scored = FINE | {name: fields.pop(name) for name in list(fields) if name in FINE}
    fields = {"name": f"客户{number}", "phone": f"+86154{number:08d}", "last_contact_at": ago(10)} | fields
    made = Customer.objects.create(owner=owner, **fields)
    Customer.objects.filter(pk=made.pk).update(created_at=ago(400))
    if last_bought is not None:
        last = day(last_bought)
        first = last - datetime.timedelta(days=scored["recency"])
        Score.objects.create(run=current_run(), customer=made, as_of=ON, first_on=first, last_on=last, **scored)
    return made


def slipping(owner: User | None, **fields: Any) -> Customer:
    """Comes every 30 days and has been silent for 75."""
    return customer(owner, **({"last_bought": 75, "p_alive": 0.4} | fields))


def promise(customer: Customer, staff: User, *, days_ago: int = 0, summary: str = "回电报价") -> Interaction:
    return Interaction.objects.create(
        customer=customer, kind="call", channel="phone", state="planned", at=ago(days_ago), staff=staff, summary=summary
    )
