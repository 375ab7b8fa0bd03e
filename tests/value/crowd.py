"""A crowd that falls into three clear parts, for the tests of analyses."""

import datetime

import numpy as np

from tests.value import shop
from zhike.customers.models import Customer, Interaction
from zhike.teams.models import User
from zhike.value import actions
from zhike.value.models import Run

DAY = datetime.date(2026, 6, 30)
GOODS = (("oil", "filter"), ("wash",), ("oil",), ("wash", "wax"))  # what is bought, order by order
PARTS = ((40, 12, 14, 900.0), (30, 4, 60, 150.0), (20, 2, 300, 60.0))  # customers, orders, days since the last, amount


def come(owner: User | None = None, *, scale: int = 1) -> list[Customer]:
    """Regulars who spend much, occasional ones, and those who stayed away."""
    people = shop.customers(sum(count for count, *_rest in PARTS) * scale, owner)
    rng = np.random.default_rng(7)
    at, rows = 0, []
    for count, orders, silence, amount in PARTS:
        for person in people[at : at + count * scale]:
            days = silence + rng.integers(0, 9) + np.sort(rng.integers(0, 25 * orders, orders)) - 1
            days[0] = silence + rng.integers(0, 9)
            rows += [
                (person, str(DAY - datetime.timedelta(days=int(day))), round(amount * rng.uniform(0.7, 1.3), 2)) for day in days
            ]
        at += count * scale
    sold = shop.orders(rows)
    shop.lines([(order, goods) for at, order in enumerate(sold) for goods in GOODS[at % len(GOODS)]])
    return people


def scored(owner: User | None = None, *, scale: int = 1) -> tuple[list[Customer], Run]:
    people = come(owner, scale=scale)
    return people, actions.run_scoring(actor=None, as_of=DAY)


def talk_with(people: list[Customer]) -> None:
    """One contact with each in the month before; every third is not happy."""
    at = shop.noon(str(DAY - datetime.timedelta(days=20)))
    Interaction.objects.bulk_create(
        [
            Interaction(customer=one, kind="call", at=at, mood="happy" if place % 3 else "unhappy")
            for place, one in enumerate(people)
        ]
    )
