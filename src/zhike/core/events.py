"""Announcing what happened. Events are frozen dataclasses in a domain's `events.py`; who listens stands in `zhike.reactions`."""

from collections.abc import Callable, Iterable
from typing import Any

_reactions: dict[type, list[Callable[[Any], None]]] = {}


def connect(table: Iterable[tuple[type, Callable[[Any], None]]]) -> None:
    _reactions.clear()
    for event_type, reaction in table:
        _reactions.setdefault(event_type, []).append(reaction)


def announce(event: object) -> None:
    for reaction in _reactions.get(type(event), ()):
        reaction(event)
