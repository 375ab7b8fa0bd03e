"""What customers bought: when they came, what was done to which car, at which price."""

import datetime
from dataclasses import dataclass, field

from zhike.care.demo import reminder
from zhike.care.demo.chain import Member, Shop
from zhike.care.demo.clients import Car, Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.season import Clock
from zhike.care.demo.vocabulary.goods import PRODUCTS

LIST = {code: (price, cost) for code, _, _, _, price, cost in PRODUCTS}
NAMES = {code: "换轮胎" if name.startswith("轮胎 ") else name.split("（")[0] for code, _, name, _, _, _ in PRODUCTS}


@dataclass(frozen=True)
class Line:
    code: str
    quantity: int
    price: int
    cost: int  # of one

    @property
    def amount(self) -> int:
        return self.quantity * self.price


@dataclass
class Visit:
    client: Client
    shop: Shop
    staff: Member
    day: int
    minute: int  # of the day
    car: Car
    lines: list[Line] = field(default_factory=list)
    channel: str = "到店"
    number: str = ""
    returns: "Visit | None" = None

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def main(self) -> str:
        """What it was about, in a word."""
        return NAMES[self._biggest.code]

    @property
    def work(self) -> str:
        """The line of work it mostly was: the first letters of the product codes."""
        return self._biggest.code[:2]

    @property
    def _biggest(self) -> Line:
        return max(self.lines, key=lambda line: line.amount)


def days_of(dice: Dice, client: Client, clock: Clock) -> list[int]:
    """The days on which a customer came: a renewal in even time with own rhythm, until they stay away."""
    habit = client.habit
    if client.joined >= 0 and dice.chance(0.035):
        return []  # only asked
    even = dice.uniform() * habit.interval if client.joined < 0 else clock.even(client.joined)
    days: list[int] = []
    while even < clock.days - 0.001:
        day = clock.day(even)
        if not days or day > days[-1]:
            days.append(day)
        if dice.chance(habit.leaving):
            client.gone = True
            break
        even += max(1.0, dice.gamma(habit.regularity, habit.interval))
    return days


def of(dice: Dice, client: Client, clock: Clock, staff: list[list[Member]]) -> list[Visit]:
    """All visits of one customer, in order. `staff[day]` are those present at the shop."""
    action = (reminder.day_of(clock.start + datetime.timedelta(days=clock.days)) - clock.start).days
    client.visits = reminder.reminded(client, days_of(dice, client, clock), action)
    oil_at = {id(car): car.kilometres(0) - dice.whole(500, client.habit.oil_every) for car in client.cars}
    made = []
    for day in client.visits:
        car = dice.one(client.cars) if len(client.cars) > 2 else client.cars[0 if dice.chance(0.75) else -1]
        date = clock.date(day)
        visit = Visit(client, client.shop, dice.one(staff[day]), day, _minute(dice), car)
        codes = _work(dice, client, car, day, date, oil_at)
        visit.lines = [_priced(dice, client, code, quantity, date.year - clock.start.year) for code, quantity in codes.items()]
        visit.channel = _channel(dice, client)
        made.append(visit)
    return made


def _work(dice: Dice, client: Client, car: Car, day: int, date: datetime.date, oil_at: dict[int, int]) -> dict[str, int]:
    codes: dict[str, int] = {}
    driven = car.kilometres(day) - oil_at[id(car)]
    wants_oil = driven > client.habit.oil_every * 0.8 and client.habit.name != "rare"
    if wants_oil and dice.chance(0.92):
        oil_at[id(car)] = car.kilometres(day)
        _service(dice, car, date, codes)
    else:
        _other(dice, client, car, date, codes)
    if client.habit.name in ("wash", "round") and "XM-01" not in codes and dice.chance(0.4):
        codes["XM-01"] = 1
    return codes


def _service(dice: Dice, car: Car, date: datetime.date, codes: dict[str, int]) -> None:
    if car.model.electric:
        codes["BY-06"] = 1
    elif dice.chance(0.18):
        codes["BY-05" if car.model.level == 3 else "BY-04"] = 1
    else:
        codes[{1: "BY-01", 2: "BY-02", 3: "BY-03"}[car.model.level]] = 1
    hot, cold = 5 <= date.month <= 8, date.month in (11, 12, 1)
    extras = [
        ("PJ-01", 0.5 if hot else 0.22), ("PJ-02", 0.0 if car.model.electric else 0.3), ("BY-10", 0.24 if hot else 0.03),
        ("BY-08", 0.09), ("BY-09", 0.14 if cold else 0.02), ("PJ-05", 0.1), ("LT-07", 0.06),
        ("WX-03" if car.model.level == 3 else "WX-02", 0.07), ("BY-07", 0.0 if car.model.electric else 0.025),
    ]  # fmt: skip
    for code, chance in extras:
        if dice.chance(chance):
            codes[code] = 1


_OTHERS: dict[str, list[tuple[str, float]]] = {  # habit → what they come for
    "wash": [("wash", 86), ("tyre", 3), ("body", 4), ("repair", 3), ("goods", 3), ("papers", 1)],
    "round": [("wash", 40), ("tyre", 14), ("body", 14), ("repair", 16), ("goods", 11), ("papers", 5)],
    "rare": [("wash", 14), ("tyre", 22), ("body", 28), ("repair", 16), ("goods", 10), ("papers", 10)],
    "service": [("wash", 12), ("tyre", 22), ("body", 18), ("repair", 26), ("goods", 12), ("papers", 10)],
    "hailing": [("wash", 30), ("tyre", 26), ("body", 12), ("repair", 24), ("goods", 2), ("papers", 6)],
    "fleet": [("wash", 22), ("tyre", 26), ("body", 16), ("repair", 26), ("goods", 4), ("papers", 6)],
}


def _other(dice: Dice, client: Client, car: Car, date: datetime.date, codes: dict[str, int]) -> None:
    kinds, weights = zip(*_OTHERS[client.habit.name], strict=True)
    kind = dice.weighted(kinds, weights)
    if kind == "wash":
        _wash(dice, car, codes)
    elif kind == "tyre":
        _tyres(dice, car, codes)
    elif kind == "body":
        _paint(dice, car, codes)
    elif kind == "repair":
        _repair(dice, car, date, codes)
    elif kind == "goods":
        codes[dice.weighted(["PJ-05", "PJ-06", "PJ-07", "PJ-08", "PJ-09"], [40, 24, 26, 7, 3])] = 1
    else:
        codes[dice.weighted(["NJ-01", "NJ-02", "NJ-03"], [50, 44, 6])] = 1


def _wash(dice: Dice, car: Car, codes: dict[str, int]) -> None:
    fine = 0.2 + 0.2 * car.model.level
    codes["XM-02" if dice.chance(fine) else "XM-01"] = 1
    for code, chance in (("XM-04", 0.05), ("XM-03", 0.03), ("XM-07", 0.04), ("XM-05", 0.004 * car.model.level), ("XM-06", 0.03)):
        if dice.chance(chance):
            codes[code] = 1


def _tyres(dice: Dice, car: Car, codes: dict[str, int]) -> None:
    if dice.chance(0.35):
        codes["LT-06"] = 1
        return
    count = dice.weighted([1, 2, 4], [15, 55, 30])
    codes[car.model.tyre] = count
    codes["LT-08"] = count
    if count > 1 and dice.chance(0.6):
        codes["LT-07"] = 1


def _paint(dice: Dice, car: Car, codes: dict[str, int]) -> None:
    code = "BP-02" if car.model.level == 3 else "BP-01"
    codes[code] = dice.weighted([1, 2, 3, 5], [58, 27, 10, 5])
    if dice.chance(0.45):
        codes["BP-03"] = dice.weighted([1, 2], [3, 1])
    if dice.chance(0.25):
        codes["BP-04"] = 1


def _repair(dice: Dice, car: Car, date: datetime.date, codes: dict[str, int]) -> None:
    codes["WX-01"] = 1
    if 6 <= date.month <= 8 and dice.chance(0.35):
        codes["BY-11"] = 1
        return
    battery = "PJ-04" if car.model.level == 3 else "PJ-03"
    brakes = "WX-03" if car.model.level == 3 else "WX-02"
    works = [brakes, "WX-04", "WX-07", battery, "WX-06"] + ([] if car.model.electric else ["WX-05", "BY-12"])
    code = dice.weighted(works, [22, 20, 8, 26, 6, 9, 9][: len(works)])
    codes[code] = dice.weighted([1, 2], [3, 2]) if code in ("WX-05", "WX-07") else 1


def _priced(dice: Dice, client: Client, code: str, quantity: int, years: int) -> Line:
    price, cost = LIST[code]
    grown = price * (0.94 + 0.02 * years)
    if not client.is_person:
        grown *= 0.88
    elif price > 150 and dice.chance(0.25 + 0.4 * client.thrift):
        grown *= dice.one([0.95, 0.92, 0.9, 0.88])
    asked = round(grown) if price < 200 else round(grown / 5) * 5
    return Line(code, quantity, max(asked, 1), round(cost * (0.96 + 0.02 * years) * dice.between(0.97, 1.03)))


def _channel(dice: Dice, client: Client) -> str:
    if not client.is_person:
        return dice.weighted(["企业月结", "电话预约"], [7, 3])
    if client.source == "团购平台":
        return dice.weighted(["团购核销", "到店", "小程序预约"], [4, 4, 2])
    return dice.weighted(["到店", "小程序预约", "电话预约"], [58, 28, 14])


def _minute(dice: Dice) -> int:
    """Shops work from half past eight to seven; most come in the morning or after work."""
    middle, width = dice.weighted([(620, 70.0), (880, 80.0), (1050, 50.0)], [5, 4, 2])
    u = sum(dice.uniform() for _ in range(4)) - 2
    return min(max(int(middle + u * width), 512), 1138)


def returned(dice: Dice, visit: Visit, days: int) -> "Visit | None":
    """Now and then a part or an accessory comes back."""
    back = [line for line in visit.lines if line.code[:2] in ("PJ", "LT") and line.code not in ("LT-06", "LT-07", "LT-08")]
    day = visit.day + dice.whole(1, 12)
    if not back or day >= days or not dice.chance(0.028):
        return None
    line = dice.one(back)
    quantity = line.quantity if dice.chance(0.7) else 1
    return Visit(
        visit.client, visit.shop, visit.staff, day, _minute(dice), visit.car, [Line(line.code, -quantity, line.price, line.cost)],
        "到店", returns=visit,
    )  # fmt: skip
