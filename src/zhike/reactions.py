"""When X happens, do Y: everything that a lower domain sets off in an upper one, in one list.

Reactions run inside the announcing transaction. What leaves the building goes through the queue on commit.
"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from zhike.core import events
from zhike.customers.actions.hand_over import hand_over, take_along
from zhike.customers.queries.timeline import register
from zhike.sales.timeline import orders_in_timeline
from zhike.teams.events import PersonLeft, PersonMoved
from zhike.teams.models import User


def table() -> list[tuple[type, Callable[[Any], None]]]:
    return [
        (PersonLeft, _customers_find_new_owners),
        (PersonMoved, _customers_move_or_stay),
    ]


def connect() -> None:
    """Called once when the product starts."""
    events.connect(table())
    register(orders_in_timeline)


def _customers_find_new_owners(event: PersonLeft | PersonMoved) -> None:
    people = User.objects.select_related("department").in_bulk([event.actor_id, event.person_id, *event.successors])
    successors = [people[key] for key in event.successors]
    hand_over(actor=people[event.actor_id], person=people[event.person_id], successors=successors, at=timezone.now())


def _customers_move_or_stay(event: PersonMoved) -> None:
    if event.successors:
        _customers_find_new_owners(event)
    else:
        take_along(actor=User.objects.get(pk=event.actor_id), person=User.objects.get(pk=event.person_id))
