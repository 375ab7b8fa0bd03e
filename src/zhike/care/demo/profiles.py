"""What is known of each customer beyond the columns: the rings, filled as unevenly as counters fill them."""

import datetime
from typing import Any

from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.visits import Visit
from zhike.care.demo.vocabulary import places, sayings

Known = dict[str, tuple[Any, int]]  # code → value, the day it was last confirmed


def of(dice: Dice, client: Client, visits: list[Visit], start: datetime.date, days: int) -> Known:
    """Only what somebody could have heard: the more visits and the more talkative, the more is known."""
    last = max((visit.day for visit in visits), default=max(client.joined, 0))
    heard = min(1.0, 0.25 + 0.12 * len(visits)) * (0.5 + client.talkative)
    known: Known = {}
    _car(dice, client, last, start, days, known)
    if client.is_person:
        _person(dice, client, last, heard, known)
    return known


def _car(dice: Dice, client: Client, last: int, start: datetime.date, days: int, known: Known) -> None:
    car = client.cars[0]
    known["car"] = (f"{car.model.brand}{car.model.name}", last)
    if dice.chance(0.93):
        known["plate"] = (car.plate, last)
    if dice.chance(0.86):
        known["mileage"] = (car.kilometres(last) // 100 * 100, last)
    if dice.chance(0.5):
        known["bought_on"] = (f"{car.year}-{dice.whole(1, 12):02d}-{dice.whole(1, 28):02d}", last)
    if dice.chance(0.45):
        until = start + datetime.timedelta(days=days + dice.whole(-40, 330))
        known["insured_until"] = (until.isoformat(), max(last - dice.whole(0, 200), 0))
    if dice.chance(0.38):
        known["insurer"] = (dice.one(["人保财险", "平安产险", "太保产险", "中华联合", "大地保险"]), last)
    if dice.chance(0.3):
        until = start + datetime.timedelta(days=days + dice.whole(-30, 600))
        known["inspected_until"] = (until.isoformat(), max(last - dice.whole(0, 300), 0))
    if dice.chance(0.35):
        known["drives"] = (_drives(dice, client, car.kilometres_a_year), max(last - dice.whole(0, 500), 0))
    if not car.model.electric and dice.chance(0.3):
        known["oil"] = ({1: "semi", 2: "full", 3: "full"}[car.model.level], last)
    if client.is_person and dice.chance(0.25):
        known["second_car"] = (len(client.cars) > 1, last)


def _drives(dice: Dice, client: Client, yearly: int) -> str:
    if client.habit.name == "hailing":
        return "ride_hailing"
    if yearly < 7000:
        return "seldom"
    return "motorway" if yearly > 18000 or dice.chance(0.15) else "city"


def _person(dice: Dice, client: Client, last: int, heard: float, known: Known) -> None:
    known["sex"] = (client.sex, last)
    facts: list[tuple[str, float, Any]] = [
        ("job", 0.4, "网约车司机" if client.habit.name == "hailing" else dice.one(places.EMPLOYERS)),
        ("household", 0.25, dice.weighted([1, 2, 3, 4, 5], [12, 22, 38, 20, 8])),
        ("pays_by", 0.35, dice.weighted(["mobile", "card", "cash"], [88, 7, 5])),
        ("likes", 0.3, dice.one(sayings.LIKES)),
        ("hobbies", 0.3, dice.some(["sport", "travel", "fishing", "food", "music", "games", "photo"], dice.whole(1, 2))),
        (
            "children",
            0.2,
            dice.one(["女儿上小学", "儿子上初中", "儿子三岁", "女儿刚上幼儿园", "两个孩子，一个小学一个幼儿园", "女儿上大学"]),
        ),
        ("pets", 0.1, dice.one(["一条金毛", "一只橘猫", "两只猫", "一条柯基"])),
    ]
    for code, share, value in facts:
        if dice.chance(share * heard):
            known[code] = (value, max(last - dice.whole(0, 400), 0))
