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
    else:
        known["fleet_size"] = (len(client.cars), last)
    return known


def _car(dice: Dice, client: Client, last: int, start: datetime.date, days: int, known: Known) -> None:
    car = client.cars[0]
    known["vehicle_brand"] = (car.model.brand, last)
    known["vehicle_model"] = (car.model.name, last)
    if dice.chance(0.93):
        known["plate"] = (car.plate, last)
    if dice.chance(0.86):
        known["mileage"] = (car.kilometres(last) // 100 * 100, last)
    if dice.chance(0.7):
        known["vehicle_year"] = (car.year, last)
    if dice.chance(0.45):
        until = start + datetime.timedelta(days=days + dice.whole(-40, 330))
        known["insurance_expiry"] = (until.isoformat(), max(last - dice.whole(0, 200), 0))
    if dice.chance(0.38):
        known["insurer"] = (dice.one(["人保", "平安", "太保", "中华联合", "大地"]), last)
    if dice.chance(0.3):
        until = start + datetime.timedelta(days=days + dice.whole(-30, 600))
        known["inspection_due"] = (until.isoformat(), max(last - dice.whole(0, 300), 0))


def _person(dice: Dice, client: Client, last: int, heard: float, known: Known) -> None:
    known["sex"] = ({"m": "male", "f": "female"}[client.sex], last)
    facts: list[tuple[str, float, Any]] = [
        ("occupation", 0.4, dice.one(places.EMPLOYERS)),
        ("household_size", 0.25, dice.weighted([1, 2, 3, 4, 5], [12, 22, 38, 20, 8])),
        ("payment_habit", 0.35, dice.weighted(["微信", "支付宝", "刷卡", "现金", "会员余额"], [48, 30, 6, 4, 12])),
        ("service_preference", 0.3, dice.one(sayings.LIKES)),
        ("hobbies", 0.3, dice.one(places.HOBBIES)),
        ("children", 0.2, dice.weighted(["无", "一个", "两个", "三个"], [25, 50, 22, 3])),
        ("pets", 0.1, dice.weighted(["狗", "猫", "无"], [4, 3, 3])),
        ("commute_km", 0.15, dice.whole(4, 45)),
    ]
    for code, share, value in facts:
        if dice.chance(share * heard):
            known[code] = (value, max(last - dice.whole(0, 400), 0))
