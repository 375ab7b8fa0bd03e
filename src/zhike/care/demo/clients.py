"""The customers of the demo company: who they are, what they drive, how they come."""

import datetime
from dataclasses import dataclass, field

from zhike.care.demo.chain import Chain, Member, Shop
from zhike.care.demo.dice import Dice
from zhike.care.demo.vocabulary import cars, names, places
from zhike.care.demo.vocabulary.cars import Model

ORGANISATIONS = 0.035


@dataclass(frozen=True)
class Car:
    model: Model
    colour: str
    plate: str  # partly starred: belongs to nobody
    year: int  # of purchase
    kilometres_at_start: int
    kilometres_a_year: int

    def kilometres(self, day: int) -> int:
        return int(self.kilometres_at_start + self.kilometres_a_year * day / 365)


@dataclass(frozen=True)
class Habit:
    """How somebody buys: mean days between visits, how regular, how easily they stay away for good."""

    name: str
    interval: float
    regularity: float
    leaving: float  # at each visit
    oil_every: int  # kilometres


@dataclass
class Client:
    id: int
    is_person: bool
    name: str
    sex: str
    born: datetime.date
    lunar: bool
    shop: Shop
    owner: Member
    owner_since: int
    joined: int  # day; before 0: was in the old system
    district: str
    cars: list[Car]
    habit: Habit
    source: str
    phone: str
    thrift: float  # 0 pays list prices gladly … 1 counts every yuan
    visits: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    trade: str = ""
    talkative: float = 0.5
    gone: bool = False  # stays away for good

    @property
    def title(self) -> str:
        """How staff call them in notes."""
        if not self.is_person:
            return self.name
        return self.name[0] + ("先生" if self.sex == "m" else "女士")


def make(dice: Dice, chain: Chain, start: datetime.date, count: int) -> list[Client]:
    digits = dice.rng.choice(100_000_000, size=count, replace=False).tolist()
    shares = [shop.share for shop in chain.shops]
    made = []
    for number in range(1, count + 1):
        shop = dice.weighted(chain.shops, shares)
        phone = f"+86154{digits[number - 1]:08d}"  # 154 is not given out to anybody
        make_one = _organisation if dice.chance(ORGANISATIONS) else _person
        made.append(make_one(dice, chain, start, number, shop, phone))
    return _without_twin_companies(dice, made)


def _without_twin_companies(dice: Dice, clients: list[Client]) -> list[Client]:
    seen: set[str] = set()
    for client in clients:
        while not client.is_person and client.name in seen:
            client.name = _company_name(dice, client.shop.city, client.trade)
        seen.add(client.name)
    return clients


def _person(dice: Dice, chain: Chain, start: datetime.date, number: int, shop: Shop, phone: str) -> Client:
    sex = "f" if dice.chance(0.37) else "m"
    born_year = min(max(int(dice.around(start.year - 40, 0.0055)), start.year - 72), start.year - 19)
    joined = _joining_day(dice, shop, chain.days)
    owner, since = _owner(dice, chain, shop, joined)
    hailing = dice.chance(0.03)
    fleet = [_car(dice, shop.city, start, hailing=hailing)]
    if dice.chance(0.13) and not hailing:
        fleet.append(_car(dice, shop.city, start))
    habit = _hailing_habit(dice) if hailing else _person_habit(dice, fleet[0])
    return Client(
        id=number, is_person=True, name=names.surname(dice) + names.given(dice, sex, born_year), sex=sex,
        born=datetime.date(born_year, dice.whole(1, 12), dice.whole(1, 28)), lunar=dice.chance(0.45 if born_year < 1972 else 0.1),
        shop=shop, owner=owner, owner_since=since, joined=joined, district=_home(dice, shop),
        cars=fleet, habit=habit, source=_source(dice, joined), phone=phone, thrift=dice.beta(2, 3), talkative=dice.beta(2, 2),
        tags=["网约车"] if hailing else [],
    )  # fmt: skip


def _organisation(dice: Dice, chain: Chain, start: datetime.date, number: int, shop: Shop, phone: str) -> Client:
    trade = dice.weighted(list(places.TRADES), [row[0] for row in places.TRADES.values()])
    _, least, most = places.TRADES[trade]
    joined = _joining_day(dice, shop, chain.days)
    owner, since = _owner(dice, chain, shop, joined)
    size = dice.whole(least, min(most, least + int(dice.gamma(1.3, (most - least) / 2.2))))
    kinds = cars.VANS if trade in ("物流", "快运", "建材", "食品", "园林绿化") else cars.COMPANY_CARS
    fleet = [_car(dice, shop.city, start, among=kinds) for _ in range(size)]
    interval = max(1.6, 90.0 / size) * dice.around(1, 0.25)
    return Client(
        id=number, is_person=False, name=_company_name(dice, shop.city, trade), sex="m", born=start, lunar=False,
        shop=shop, owner=owner, owner_since=since, joined=joined, district=dice.one(places.DISTRICTS[shop.city]), cars=fleet,
        habit=Habit("fleet", interval, 2.0, dice.beta(1, 30), 8000), source="企业洽谈" if joined >= 0 else "旧系统导入",
        phone=phone, thrift=dice.beta(3, 2), trade=trade, talkative=dice.beta(3, 2), tags=["企业客户"],
    )  # fmt: skip


def _home(dice: Dice, shop: Shop) -> str:
    """People go to the shop next door; some come from farther."""
    return places.NEXT_DOOR[shop.name] if dice.chance(0.62) else dice.one(places.DISTRICTS[shop.city])


def _company_name(dice: Dice, city: str, trade: str) -> str:
    word = dice.one(places.COMPANY_WORDS)
    kind = dice.weighted(["有限公司", "有限责任公司", "商行" if trade == "商贸" else "有限公司"], [8, 1, 1])
    return f"{city}{word}{trade}{kind}" if dice.chance(0.85) else f"浙江{word}{trade}{kind}{city}分公司".replace("商行", "有限公司")


def _joining_day(dice: Dice, shop: Shop, days: int) -> int:
    """A third of an old shop's customers were there before; the others come a little faster every year."""
    if shop.opened < 0 and dice.chance(0.3):
        return -dice.whole(1, 900)
    first = max(shop.opened, 0)
    part = dice.uniform()
    growth = 0.6  # the last day brings 1.6 times as many new ones as the first
    share = ((1 + part * (2 + growth) * growth) ** 0.5 - 1) / growth
    return first + int(share * (days - 1 - first))


def _owner(dice: Dice, chain: Chain, shop: Shop, joined: int) -> tuple[Member, int]:
    owner = dice.one(chain.advisors(shop, joined))
    since = max(joined, owner.joined)
    while owner.left is not None and owner.left <= chain.days:
        since = owner.left
        owner = chain.successor(shop, since, dice.whole(0, 99))
    return owner, since


def _car(dice: Dice, city: str, start: datetime.date, *, hailing: bool = False, among: list[Model] | None = None) -> Car:
    model = dice.one(cars.HAILING) if hailing else dice.one(among) if among else dice.weighted(cars.MODELS, cars.WEIGHTS)
    usual, spread, most = (52000, 0.2, 90000) if hailing else (22000, 0.3, 60000) if among else (12500, 0.38, 28000)
    yearly = int(min(dice.around(usual, spread), most))
    oldest = 5 if model.electric else 11
    year = start.year + 1 - int(dice.beta(1.4, 2.2) * oldest)
    begun = max(0.1, start.year + 0.5 - year)
    letter = dice.one("ABCDEFGHJKLMNPQRSTUVWXYZ")
    end = "***" if model.electric else "**"
    plate = f"{places.LETTERS[city]}·{letter}{dice.whole(0, 9)}{end}{dice.whole(0, 9)}"
    return Car(model, dice.one(cars.COLOURS), plate, year, int(begun * yearly), yearly)


def _person_habit(dice: Dice, car: Car) -> Habit:
    """Own rhythm by mileage for those who come for the service, by taste for those who come to wash."""
    oil_every = dice.one([7500, 8000, 10000, 10000]) if not car.model.electric else 15000
    rhythm = min(max(365 * oil_every / car.kilometres_a_year * 0.85, 60), 420)
    kind = dice.weighted(["service", "wash", "round", "rare"], [44, 13, 17, 26])
    if kind == "wash":
        return Habit(kind, dice.between(13, 45), 1.6, dice.beta(1, 45), oil_every)
    if kind == "round":
        return Habit(kind, min(rhythm, dice.between(45, 110)), 2.2, dice.beta(1, 18), oil_every)
    if kind == "rare":
        return Habit(kind, dice.between(120, 400), 1.2, dice.beta(2, 4), oil_every)
    return Habit(kind, rhythm, 6.0, dice.beta(1, 8), oil_every)


def _hailing_habit(dice: Dice) -> Habit:
    return Habit("hailing", dice.between(24, 48), 4.0, dice.beta(1, 30), 8000)


def _source(dice: Dice, joined: int) -> str:
    if joined < 0:
        return "旧系统导入"
    return dice.weighted(["路过到店", "抖音同城", "团购平台", "小区地推", "保险公司合作"], [42, 18, 17, 9, 8])
