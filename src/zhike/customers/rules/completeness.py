"""How much of what is worth knowing is known, what has grown old, and what to ask next."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhike.customers.choices import Ring

QUESTIONS = 3


@dataclass(frozen=True)
class Fact:
    """A field of one customer: what is expected, what is known and since when it is confirmed."""

    code: str
    ring: str
    weight: int  # how much it is used; 0: not expected
    shelf_life_days: int | None
    is_filled: bool
    confirmed_on: datetime.date | None = None
    is_used: bool = True
    has_question: bool = True


@dataclass(frozen=True)
class Share:
    """Filled and expected weight."""

    filled: int
    expected: int

    @property
    def ratio(self) -> float | None:
        return self.filled / self.expected if self.expected else None


def is_stale(fact: Fact, today: datetime.date) -> bool:
    """Filled, with a shelf life, and confirmed longer ago than that (or nobody knows when)."""
    if not fact.is_filled or fact.shelf_life_days is None:
        return False
    return fact.confirmed_on is None or (today - fact.confirmed_on).days > fact.shelf_life_days


def shares(facts: Iterable[Fact]) -> dict[str, Share]:
    """By ring, and for all under an empty word."""
    known = list(facts)
    return {ring: _share([fact for fact in known if ring in ("", fact.ring)]) for ring in ("", *Ring.values)}


def _share(facts: list[Fact]) -> Share:
    return Share(sum(fact.weight for fact in facts if fact.is_filled), sum(fact.weight for fact in facts))


def next_questions(facts: Iterable[Fact], today: datetime.date, count: int = QUESTIONS) -> list[str]:
    """Codes of the facts worth asking for: used ones first, then the heavier, missing before stale, near rings before far."""
    rings = Ring.values
    open_facts = [fact for fact in facts if fact.weight and fact.has_question and (not fact.is_filled or is_stale(fact, today))]
    open_facts.sort(key=lambda fact: (not fact.is_used, -fact.weight, fact.is_filled, rings.index(fact.ring)))
    return [fact.code for fact in open_facts[:count]]


def confirmed_on(provenance: Mapping[str, Mapping[str, Any]], code: str) -> datetime.date | None:
    noted = (provenance.get(code) or {}).get("on")
    try:
        return datetime.date.fromisoformat(noted) if noted else None
    except (TypeError, ValueError):
        return None


def month_ends(today: datetime.date, count: int) -> list[datetime.date]:
    """`count` days: today, and before it the ends of months, oldest first."""
    days = [today]
    while len(days) < count:
        days.insert(0, days[0].replace(day=1) - datetime.timedelta(days=1))
    return days
