"""One action of the past: before the winter, those who had not come for a while were reminded by message, but for a part drawn by
lot. It brought some who would not have come, mostly of those whose last visit was some months ago."""

import datetime
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it brings numpy with it
    from zhike.care.demo.clients import Client

ACTED, HELD = "冬季保养提醒", "冬季保养提醒·对照"
MONTH, DAY = 11, 12
WATCHED = 45  # days
HELD_BACK = 0.3
QUIET, RECENT = 21, 420  # days since the last visit of those who were chosen
OVERDUE = (75, 300)  # days since the last visit of those whom it moves most
MOVED, HARDLY = 0.15, 0.03
MESSAGE_COST = 0.1  # ¥


def day_of(as_of: datetime.date) -> datetime.date:
    """The last one that had been watched to its end by then."""
    this_year = as_of.replace(month=MONTH, day=DAY)
    return this_year if (as_of - this_year).days > WATCHED else this_year.replace(year=as_of.year - 1)


def asked(as_of: datetime.date) -> Mapping[str, Any]:
    """Of the analysis of what it brought."""
    return {"treated": ACTED, "control": HELD, "day": day_of(as_of).isoformat(), "days": WATCHED, "cost": MESSAGE_COST}


def reminded(client: "Client", days: list[int], day: int) -> list[int]:
    """The days of a customer's visits with the one that the reminder brought; the customer is tagged."""
    before = [one for one in days if one < day]
    silence = day - before[-1] if before else RECENT
    if not client.is_person or not QUIET <= silence < RECENT:
        return days
    lot = Random(client.id * 7919)  # noqa: S311  the story is to repeat, and the other draws are not to move
    held, chance, when = lot.random() < HELD_BACK, lot.random(), day + lot.randint(1, 24)
    client.tags.append(HELD if held else ACTED)
    comes = any(day <= one < day + WATCHED for one in days)
    if held or comes or chance >= (MOVED if OVERDUE[0] <= silence < OVERDUE[1] else HARDLY):
        return days
    return sorted({*days, when})
