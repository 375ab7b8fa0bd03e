"""The whole demo company in memory, from one seed: the same seed and day give the same story, to the letter."""

import datetime
from dataclasses import dataclass, field

import numpy as np

from zhike.care.demo import clients as people, profiles, talks as talking, ties as tying, visits as visiting
from zhike.care.demo.chain import Chain, the_chain
from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.profiles import Known
from zhike.care.demo.season import Clock
from zhike.care.demo.talks import Talk
from zhike.care.demo.ties import Tie, Twin
from zhike.care.demo.visits import Visit

DAYS = 3 * 365 + 1
SEED = 20200118


@dataclass
class Story:
    as_of: datetime.date
    start: datetime.date
    chain: Chain
    clients: list[Client]
    dice: Dice  # what comes after goes on with it
    visits: list[Visit] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    twins: list[Twin] = field(default_factory=list)
    profiles: dict[int, Known] = field(default_factory=dict)
    contacts: dict[int, tuple[str, str]] = field(default_factory=dict)  # of organisations: name, sex

    def date(self, day: int) -> datetime.date:
        return self.start + datetime.timedelta(days=day)


def tell(*, as_of: datetime.date, customers: int, seed: int = SEED) -> Story:
    """Three years up to the evening before `as_of`."""
    dice = Dice(np.random.default_rng([seed, as_of.toordinal()]))
    start = as_of - datetime.timedelta(days=DAYS)
    chain = the_chain(DAYS)
    clients = people.make(dice, chain, start, customers)
    story = Story(as_of, start, chain, clients, dice)
    _buy(story)
    twins, story.twins = tying.twins(dice, clients, 0.005)
    clients += twins
    story.ties = tying.of(dice, clients)
    _talk(story)
    for client in clients:
        _label(dice, client)
    return story


def _buy(story: Story) -> None:
    clock = Clock(story.start, DAYS)
    for shop in story.chain.shops:
        staff = [story.chain.advisors(shop, day) for day in range(DAYS)]
        for client in (one for one in story.clients if one.shop is shop):
            bought = visiting.of(story.dice, client, clock, staff)
            backs = (visiting.returned(story.dice, visit, DAYS) for visit in bought)
            story.visits += [*bought, *(back for back in backs if back)]
    story.visits.sort(key=lambda visit: (visit.day, visit.minute, visit.client.id))
    _number(story)


def _number(story: Story) -> None:
    """Order numbers as a till writes them: shop, day, running number of the day."""
    running: dict[tuple[str, int], int] = {}
    for visit in story.visits:
        key = (visit.shop.code, visit.day)
        running[key] = running.get(key, 0) + 1
        visit.number = f"{visit.shop.code}{story.date(visit.day):%Y%m%d}-{running[key]:03d}"


def _talk(story: Story) -> None:
    bought: dict[int, list[Visit]] = {}
    for visit in story.visits:
        if visit.returns is None:
            bought.setdefault(visit.client.id, []).append(visit)
    teller = talking.Teller(story.dice, story.chain, story.start)
    twins = {twin.second for twin in story.twins}
    for client in story.clients:
        mine = bought.get(client.id, [])
        if not client.is_person:
            story.contacts[client.id] = talking.contact_name(story.dice)
        if client.id not in twins:
            story.talks += teller.of(client, mine, story.contacts.get(client.id, ("", ""))[0])
        story.profiles[client.id] = profiles.of(story.dice, client, mine, story.start, DAYS)


def _label(dice: Dice, client: Client) -> None:
    """Tags as staff give them: some by what they see, never all."""
    if client.cars[0].model.electric and dice.chance(0.7):
        client.tags.append("新能源")
    if client.habit.name == "wash" and dice.chance(0.5):
        client.tags.append(dice.one(["爱干净", "洗车常客"]))
    if client.thrift > 0.7 and dice.chance(0.4):
        client.tags.append("价格敏感")
    if len(client.cars) > 4:
        client.tags.append("车队")
    if client.cars[0].model.level == 3 and dice.chance(0.3):
        client.tags.append("高端车")
    client.tags = list(dict.fromkeys(client.tags))
