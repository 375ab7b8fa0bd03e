"""Families, referrals, drivers of companies; and the records that were entered twice."""

from dataclasses import dataclass, replace

from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice


@dataclass(frozen=True)
class Tie:
    left: int  # client ids, read from left to right
    right: int
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Twin:
    """One customer entered twice."""

    first: int
    second: int
    reasons: tuple[str, ...]


def of(dice: Dice, clients: list[Client]) -> list[Tie]:
    by_shop: dict[str, list[Client]] = {}
    for client in clients:
        by_shop.setdefault(client.shop.name, []).append(client)
    made: dict[tuple[int, int, str], Tie] = {}
    for here in by_shop.values():
        people = [client for client in here if client.is_person]
        for tie in [*_referrals(dice, people), *_families(dice, people), *_drivers(dice, here, people)]:
            made.setdefault((tie.left, tie.right, tie.kind), tie)
    return list(made.values())


def _referrals(dice: Dice, people: list[Client]) -> list[Tie]:
    """A tenth of those who walked in came on somebody's word: somebody who was there before them, a few again and again."""
    happy = [one for one in people if len(one.visits) >= 4 and not one.gone]
    made = []
    for client in people:
        if client.source != "路过到店" or not client.visits or not dice.chance(0.25):
            continue
        before = [one for one in dice.some(happy, 6) if one.visits[0] < client.visits[0]]
        if before:
            giver = max(before, key=lambda one: one.talkative)
            client.source = "老客户介绍"
            made.append(Tie(giver.id, client.id, "refers"))
    return made


def _families(dice: Dice, people: list[Client]) -> list[Tie]:
    """Fathers and sons share the surname, couples the neighbourhood."""
    made = []
    taken: set[int] = set()
    by_name: dict[str, list[Client]] = {}
    for client in people:
        by_name.setdefault(client.name[0], []).append(client)
    for client in people:
        if client.id in taken or not dice.chance(0.05):
            continue
        other, note = _relative(dice, client, people, by_name[client.name[0]])
        if other and other.id not in taken:
            taken |= {client.id, other.id}
            other.district = client.district
            made.append(Tie(client.id, other.id, "family", note))
    return made


def _relative(dice: Dice, client: Client, people: list[Client], same_name: list[Client]) -> tuple[Client | None, str]:
    if dice.chance(0.5):
        for other in dice.some(same_name, 12):
            if 23 <= abs(other.born.year - client.born.year) <= 34:
                child = other if other.born.year > client.born.year else client
                return other, ("父" if (client if child is other else other).sex == "m" else "母") + (
                    "子" if child.sex == "m" else "女"
                )
    for other in dice.some(people, 12):
        if other.sex != client.sex and abs(other.born.year - client.born.year) <= 5 and other.id != client.id:
            return other, "夫妻"
    return None, ""


def _drivers(dice: Dice, here: list[Client], people: list[Client]) -> list[Tie]:
    companies = [client for client in here if not client.is_person]
    made = []
    for company in companies:
        if not dice.chance(0.4):
            continue
        person = dice.one(people)
        made.append(Tie(person.id, company.id, "works_at", dice.one(["司机", "行政", "车队长"])))
        if dice.chance(0.4):
            made.append(Tie(person.id, company.id, "decides_for"))
    return made


def twins(dice: Dice, clients: list[Client], share: float) -> tuple[list[Client], list[Twin]]:
    """Second records of customers, as two counters write them: the phone the same and the name shortened, or the other way."""
    count = int(len(clients) * share)
    persons = [client for client in clients if client.is_person and len(client.visits) >= 2 and len(client.name) >= 3]
    made, pairs = [], []
    for number, original in enumerate(dice.some(persons, count), start=len(clients) + 1):
        same_phone = dice.chance(0.6)
        name = f"{original.name[0]}{'先生' if original.sex == 'm' else '女士'}" if same_phone else original.name
        phone = original.phone if same_phone else f"+86154{dice.whole(0, 99999999):08d}"
        twin = replace(original, id=number, name=name, phone=phone, visits=[], tags=[], habit=original.habit, source="抖音同城")
        twin.joined = original.visits[-1]
        made.append(twin)
        pairs.append(Twin(original.id, number, ("phone",) if same_phone else ("name",)))
    return made, pairs
