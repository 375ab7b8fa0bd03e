"""When companies that buy by the month pay: most in time, some late now and then, a few badly."""

import calendar
import datetime

import numpy as np

from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.story import SEED, Story

ON_ACCOUNT = "企业月结"
Bill = tuple[datetime.date, datetime.date | None]  # due on, paid on
# share of the companies; of their months: slightly late, long late
MANNERS = {"careful": (63, 0.05, 0.004), "slow": (22, 0.4, 0.06), "bad": (15, 0.4, 0.28)}


def of(story: Story) -> dict[int, Bill]:
    """By identity of the visit. All visits of a company in a month are one bill, due at the end of the next month."""
    dice = Dice(np.random.default_rng([SEED, story.as_of.toordinal(), 1]))
    manners = {client.id: _manner(dice) for client in story.clients if not client.is_person}
    paid: dict[tuple[int, datetime.date], datetime.date] = {}
    bills: dict[int, Bill] = {}
    for visit in story.visits:
        if visit.channel != ON_ACCOUNT or visit.returns or visit.client.id not in manners:
            continue
        due = _end_of_next_month(story.date(visit.day))
        key = (visit.client.id, due)
        if key not in paid:
            paid[key] = due + datetime.timedelta(days=_late(dice, visit.client, manners[visit.client.id]))
        bills[id(visit)] = (due, paid[key] if paid[key] < story.as_of else None)
    return bills


def _manner(dice: Dice) -> str:
    return dice.weighted(list(MANNERS), [share for share, _slightly, _long in MANNERS.values()])


def _late(dice: Dice, client: Client, manner: str) -> int:
    _share, slightly, long = MANNERS[manner]
    if dice.chance(long):
        return dice.whole(33, 80)
    if dice.chance(slightly * (1.3 if client.gone else 1.0)):
        return dice.whole(2, 26)
    return -dice.whole(0, 14)


def _end_of_next_month(day: datetime.date) -> datetime.date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return datetime.date(year, month, calendar.monthrange(year, month)[1])
