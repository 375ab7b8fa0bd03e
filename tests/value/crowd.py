"""A crowd that falls into three clear parts, for the tests of analyses."""

import datetime

import numpy as np

from tests.value import shop
from zhike.customers.choices import RelationshipKind
from zhike.customers.models import Customer, Interaction, Relationship
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
            Interaction(
                customer=one,
                kind="call",
                at=at,
                mood="happy" if place % 3 else "unhappy",
                summary="服务热情" if place % 3 else "等了半天，太慢",
            )
            for place, one in enumerate(people)
        ]
    )


def wander(owner: User | None = None, people: int = 200) -> list[Customer]:
    """Half of them come every month for ever; the others too, but after each visit one in six never comes again."""
    known, rng, rows = shop.customers(people, owner), np.random.default_rng(5), []
    for at, person in enumerate(known):
        day = DAY - datetime.timedelta(days=int(rng.integers(500, 1100)))
        while day < DAY:
            rows.append((person, str(day), round(float(rng.uniform(50, 200)), 2)))
            if at % 2 and rng.random() < 1 / 6:
                break
            day += datetime.timedelta(days=int(rng.integers(22, 38)))
    shop.orders(rows)
    return known


def acquaint(people: list[Customer]) -> None:
    """Two circles: 0 knows 1–12, 20 knows 21–28, and 13 stands between them; 30 referred 31 and 32, and 31 referred 33."""
    knows = [(0, other) for other in range(1, 13)] + [(20, other) for other in range(21, 29)] + [(1, 13), (13, 21)]
    rows = [(a, b, RelationshipKind.KNOWS) for a, b in knows]
    rows += [(30, 31, RelationshipKind.REFERS), (30, 32, RelationshipKind.REFERS), (31, 33, RelationshipKind.REFERS)]
    rows += [(40, 41, RelationshipKind.COMPETES_WITH)]
    Relationship.objects.bulk_create([Relationship(customer=people[a], other=people[b], kind=kind) for a, b, kind in rows])


def remind(people: list[Customer], *, held: int = 4, moved: float = 0.3) -> None:
    """All get one of two tags, every `held`-th that of the control group; 60 days before DAY the others are reminded, and of those
    the share `moved` comes within a month who would not have come."""
    rng, day, rows = np.random.default_rng(11), DAY - datetime.timedelta(days=60), []
    for at, one in enumerate(people):
        acted = at % held != 0
        one.tags = ["提醒"] if acted else ["提醒·对照"]
        if rng.random() < 0.2 or (acted and rng.random() < moved):
            rows.append((one, str(day + datetime.timedelta(days=int(rng.integers(0, 28)))), round(float(rng.uniform(50, 150)), 2)))
    Customer.objects.bulk_update(people, ["tags"])
    shop.orders(rows)


def come_back(people: int = 120) -> None:
    """Customers who bought twice two years ago, and once more within the last 300 days."""
    rng, rows = np.random.default_rng(13), []
    for one in shop.customers(people):
        first = int(rng.integers(640, 800))
        for day in (first, first - 20, int(rng.integers(5, 300))):
            rows.append((one, str(DAY - datetime.timedelta(days=day)), round(float(rng.uniform(50, 150)), 2)))
    shop.orders(rows)


REMINDED = {"treated": "提醒", "control": "提醒·对照", "day": str(DAY - datetime.timedelta(days=60)), "days": 30}
ASKED = {
    "leaving": {"days": 120},
    "effect": REMINDED,
    "winback": {"silence": 100, "days": 150},
}  # of the kinds that must be told something
