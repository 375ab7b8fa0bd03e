"""What the domain announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonLeft:
    """Somebody leaves the company. Their work goes to the successors, shared out evenly."""

    actor_id: int
    person_id: int
    successors: tuple[int, ...]


@dataclass(frozen=True)
class PersonMoved:
    """Somebody moved to another department: with their customers, or handing them to the successors who stay."""

    actor_id: int
    person_id: int
    department_id: int | None
    successors: tuple[int, ...]
