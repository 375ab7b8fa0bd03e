"""When X happens, do Y: everything that a lower domain sets off in an upper one, in one list.

Reactions run inside the announcing transaction. What leaves the building goes through the queue on commit.
"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from zhike.care.actions import follow_interaction, hand_over_suggestions, refresh_customers
from zhike.core import events, queue
from zhike.customers.actions.hand_over import hand_over, take_along
from zhike.customers.events import (
    CustomerChanged,
    CustomerCreated,
    CustomersMerged,
    CustomersTransferred,
    CustomersUnmerged,
    InteractionPlanned,
    InteractionRecorded,
    PlanChanged,
)
from zhike.customers.queries.timeline import register
from zhike.sales.events import OrdersChanged, OrdersImported
from zhike.sales.timeline import ORDERS_IN_TIMELINE
from zhike.teams.events import PersonLeft, PersonMoved
from zhike.teams.models import User
from zhike.value.actions import rescore_customers
from zhike.value.events import AnalysisFinished, CustomersRescored, RunFinished


def table() -> list[tuple[type, Callable[[Any], None]]]:
    return [
        (PersonLeft, _work_finds_new_hands),
        (PersonMoved, _customers_move_or_stay),
        (InteractionRecorded, _contact_answers_suggestions),
        (InteractionPlanned, _list_moves),
        (PlanChanged, _list_moves),
        (CustomerCreated, _list_moves),
        (CustomerChanged, _list_moves_if_it_matters),
        (CustomersTransferred, _lists_move),
        (CustomersMerged, _survivor_is_rescored),
        (CustomersUnmerged, _both_are_rescored),
        (OrdersChanged, _customers_are_rescored),
        (OrdersImported, _scores_follow),
        (CustomersRescored, _few_lists_move),
        (RunFinished, _lists_are_made_anew),
        (AnalysisFinished, _lists_go_by_what_was_learned),
    ]


def connect() -> None:
    """Called once when the product starts."""
    events.connect(table())
    register(ORDERS_IN_TIMELINE)


def _work_finds_new_hands(event: PersonLeft | PersonMoved) -> None:
    people = User.objects.select_related("department").in_bulk([event.actor_id, event.person_id, *event.successors])
    successors = [people[key] for key in event.successors]
    actor, person = people[event.actor_id], people[event.person_id]
    hand_over(actor=actor, person=person, successors=successors, at=timezone.now())
    hand_over_suggestions(actor=actor, person=person, heir=(successors or [actor])[0], on=timezone.localdate())


def _customers_move_or_stay(event: PersonMoved) -> None:
    if event.successors:
        _work_finds_new_hands(event)
    else:
        take_along(actor=User.objects.get(pk=event.actor_id), person=User.objects.get(pk=event.person_id))


def _contact_answers_suggestions(event: InteractionRecorded) -> None:
    follow_interaction(actor=None, interaction_id=event.interaction_id, on=timezone.localdate())


def _list_moves(event: InteractionPlanned | PlanChanged | CustomerCreated | CustomerChanged) -> None:
    refresh_customers(actor=None, customer_ids=[event.customer_id], on=timezone.localdate())


def _list_moves_if_it_matters(event: CustomerChanged) -> None:
    """Many are deleted or tagged at once; the lists show no deleted ones, and no rule reads tags."""
    if not event.fields or not set(event.fields) <= {"deleted_at", "tags"}:
        _list_moves(event)


def _lists_move(event: CustomersTransferred) -> None:
    refresh_customers(actor=None, customer_ids=event.customer_ids, on=timezone.localdate())


FEW = 200  # customers whose suggestions are renewed at once; more are renewed with the next list


def _survivor_is_rescored(event: CustomersMerged) -> None:
    rescore_customers(customer_ids=[event.kept_id, event.gone_id], as_of=timezone.localdate())


def _both_are_rescored(event: CustomersUnmerged) -> None:
    rescore_customers(customer_ids=[event.kept_id, event.restored_id], as_of=timezone.localdate())


def _customers_are_rescored(event: OrdersChanged) -> None:
    rescore_customers(customer_ids=list(event.customer_ids), as_of=timezone.localdate())


def _scores_follow(event: OrdersImported) -> None:
    queue.defer("value.refresh", once="value.refresh", lock="value")


def _few_lists_move(event: CustomersRescored) -> None:
    if len(event.customer_ids) <= FEW:
        refresh_customers(actor=None, customer_ids=event.customer_ids, on=timezone.localdate())


def _lists_are_made_anew(event: RunFinished) -> None:
    queue.defer("care.generate", once="care.generate")


def _lists_go_by_what_was_learned(event: AnalysisFinished) -> None:
    if event.kind == "leaving":
        queue.defer("care.generate", once="care.generate")
