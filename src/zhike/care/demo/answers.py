"""A survey after the visit, as the file that the survey service gives out: who was content with what follows from shop, adviser,
thing and person; some give no name, some answer half, a few slip."""

import csv
import io
import math

from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.story import Story
from zhike.care.demo.visits import Visit
from zhike.care.demo.vocabulary import answers as words

FILE_NAME = "到店回访问卷.csv"
MONTHS = 14 * 30  # days over which it was asked
SHEETS = 640  # of 8,000 customers
NAMELESS, HALF = 0.17, 0.04
KANO_DAYS = 100  # the last ones, in which these were asked too
OVERALL = ("非常不满意", "不满意", "一般", "满意", "非常满意")
FEELS = ("喜欢", "理应如此", "无所谓", "可以忍受", "不喜欢")
PAIRS = (((1, 2, 3), (4,)), ((0,), (4,)), ((0,), (1, 2, 3)), ((2, 3), (2, 3)), ((4,), (1, 2)))  # there, missing: as FEATURES


def header() -> list[str]:
    kano = [f"{lead}{feature}" for feature in words.FEATURES for lead in ("如果提供", "如果不提供")]
    expected = [f"{thing}期望" for thing in words.EXPECTED]
    return ["序号", "提交时间", "客户编号", "门店", "服务顾问", "服务项目", "总体满意度", "推荐意愿(0-10)",
            *(f"{thing}满意度" for thing in words.THINGS), *expected, *kano, "意见建议"]  # fmt: skip


def text(story: Story, numbers: dict[int, str]) -> str:
    """`numbers`: how each client is numbered."""
    dice = story.dice
    since = story.chain.days - MONTHS
    asked = [one for one in story.visits if one.day >= since and not one.returns and one.channel == "到店"]
    wanted = min(len(asked), max(SHEETS * len(story.clients) // 8000, 120))
    chosen = sorted(dice.some(asked, wanted), key=lambda visit: (visit.day, visit.minute))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header())
    for row, visit in enumerate(chosen, 1):
        writer.writerow([row, *_sheet(story, visit, numbers)])
    return out.getvalue()


def _sheet(story: Story, visit: Visit, numbers: dict[int, str]) -> list[object]:
    dice, client = story.dice, visit.client
    felt = _felt(story, visit)
    rated = [_on_five(value) for value in felt]
    mood = sum(weight * value for weight, value in zip(words.WEIGHTS, felt, strict=True)) + _normal(dice, 0.33)
    overall, vote = _on_five(1.15 * mood + 0.4), _vote(mood + _normal(dice, 0.45))
    half = dice.chance(HALF)
    ratings = ["" if (half and at > 2) or dice.chance(0.012) else value for at, value in enumerate(rated)]
    expected = ["" if half else _on_five(usual + _normal(dice, 0.7)) for usual in words.EXPECTED.values()]
    seconds = (visit.day * 7919 + visit.minute * 31 + client.id) % 3600
    late = visit.minute + 90 + seconds // 60
    when = f"{story.date(visit.day)} {min(late // 60, 23):02d}:{late % 60:02d}:{seconds % 60:02d}"
    name = "" if dice.chance(NAMELESS) else numbers[client.id]
    return [when, name, visit.shop.name, visit.staff.name, visit.main, OVERALL[overall - 1],
            "" if dice.chance(0.05) else 11 if dice.chance(0.003) else vote, *ratings, *expected,
            *_kano(dice, visit.day >= story.chain.days - KANO_DAYS and not half), _words(dice, rated, overall)]  # fmt: skip


def _felt(story: Story, visit: Visit) -> list[float]:
    """How each thing was to them, around 0: the usual, the person, the shop, the season, chance."""
    dice = story.dice
    person, halo = _person(visit.client), _normal(dice, 0.45)
    busy = 0.55 * max(0.0, math.cos(2 * math.pi * (story.date(visit.day).timetuple().tm_yday - 20) / 365))  # before the festival
    shop = (visit.shop.index * 37 % 7 - 3) * 0.11
    staff = (visit.staff.index * 53 % 11 - 5) * 0.09
    found = []
    for thing, usual in zip(words.THINGS, words.USUAL, strict=True):
        value = usual + person + halo + _normal(dice, 0.75)
        value += shop if thing in ("休息区环境", "维修质量") else 0
        value += staff if thing == "服务态度" else 0.4 * staff
        if thing in ("等待时间", "交车准时"):
            value += 1.2 * shop - busy
        if thing == "价格透明":
            value += 0.5 - visit.client.thrift
        found.append(value)
    return found


def _person(client: Client) -> float:
    """Some are never content; those who left had a reason."""
    return ((client.id * 2654435761) % 1000 / 1000 - 0.5) * 0.9 - (0.7 if client.gone else 0.0)


def _normal(dice: Dice, spread: float) -> float:
    return math.log(dice.around(1.0, spread))


def _on_five(value: float) -> int:
    return max(1, min(5, math.floor(3.7 + value)))


def _vote(mood: float) -> int:
    return max(0, min(10, math.floor(8.1 + 1.7 * mood)))


def _kano(dice: Dice, asked: bool) -> list[str]:
    found: list[str] = []
    for shares in words.FEATURES.values():
        there, missing = dice.weighted(PAIRS, shares)
        found += [FEELS[dice.one(there)], FEELS[dice.one(missing)]] if asked else ["", ""]
    return found


def _words(dice: Dice, rated: list[int], overall: int) -> str:
    if not dice.chance(0.34):
        return ""
    worst = min(range(len(rated)), key=lambda at: (rated[at], at))
    if rated[worst] <= 2 and dice.chance(0.75):
        return dice.one(words.LOW[words.THINGS[worst]])
    return dice.one(words.HIGH if overall >= 4 and dice.chance(0.75) else words.PLAIN)
