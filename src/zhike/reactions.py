"""When X happens, do Y: everything that a lower domain sets off in an upper one, in one list.

Reactions run inside the announcing transaction. What leaves the building goes through the queue on commit.
"""

from collections.abc import Callable
from typing import Any

from zhike.core import events
from zhike.customers.actions.hand_over import follow_move, hand_over_of_leaver
from zhike.customers.queries.timeline import register
from zhike.sales.timeline import orders_in_timeline
from zhike.teams.events import PersonLeft, PersonMoved


def table() -> list[tuple[type, Callable[[Any], None]]]:
    return [
        (PersonLeft, hand_over_of_leaver),
        (PersonMoved, follow_move),
    ]


def connect() -> None:
    """Called once when the product starts."""
    events.connect(table())
    register(orders_in_timeline)
