"""The story as rows of the tables, for COPY. Ids in the story count from 1; `Keys` says where the database goes on."""

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from zhike.care.demo import payments, remarks
from zhike.care.demo.clients import Client
from zhike.care.demo.story import Story
from zhike.care.demo.talks import Talk
from zhike.care.demo.visits import Visit
from zhike.care.demo.vocabulary import places

ZONE = ZoneInfo("Asia/Shanghai")
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    name: str
    columns: str
    rows: Iterable[Row]


@dataclass(frozen=True)
class Keys:
    """Primary keys: of the small tables by name, and the last ones taken in the big ones."""

    users: dict[str, int]  # by username
    departments: dict[str, int]
    sources: dict[str, int]
    products: dict[str, int]  # by code
    batches: dict[str, int]  # by what they are
    customers: int
    orders: int
    interactions: int


@dataclass
class Writer:
    story: Story
    keys: Keys
    tokens: list[list[str]]  # search tokens, client by client

    def tables(self) -> Iterator[Table]:
        """In the order in which foreign keys allow."""
        yield Table("zhike_customer", _CUSTOMER, self._customers())
        yield Table("zhike_contact", "customer_id,name,phone,email,wechat,position,birthday,is_main,note", self._contacts())
        yield Table("zhike_address", "customer_id,label,region,detail,is_main", self._addresses())
        yield Table("zhike_identifier", "customer_id,kind,value", self._identifiers())
        yield Table("zhike_consent", "customer_id,purpose,channel,is_given,evidence,at,recorded_by_id", self._consents())
        yield Table("zhike_relationship", "customer_id,other_id,kind,note", self._relationships())
        yield Table("zhike_duplicatepair", "first_id,second_id,reasons,against,state,found_at", self._pairs())
        yield Table("zhike_order", _ORDER, self._orders())
        yield Table("zhike_orderline", "order_id,product_id,quantity,unit_price,amount,cost", self._lines())
        yield Table("zhike_interaction", _INTERACTION, self._interactions())
        yield Table("zhike_comment", 'customer_id,"on",on_id,text,by_id,at,mentioned', self._comments())

    def moment(self, day: int, minute: int) -> datetime.datetime:
        return datetime.datetime.combine(self.story.date(day), datetime.time(minute // 60, minute % 60), ZONE)

    def _customer(self, client: Client) -> int:
        return self.keys.customers + client.id

    def _customers(self) -> Iterator[Row]:
        last_talk: dict[int, Talk] = {}
        for talk in self.story.talks:
            if talk.planned or talk.outcome == "not_reached":
                continue
            if talk.client.id not in last_talk or _when(talk) > _when(last_talk[talk.client.id]):
                last_talk[talk.client.id] = talk
        for client, tokens in zip(self.story.clients, self.tokens, strict=True):
            yield self._customer_row(client, tokens, last_talk.get(client.id))

    def _customer_row(self, client: Client, tokens: list[str], last_talk: Talk | None) -> Row:
        dice, keys = self.story.dice, self.keys
        came = max(client.joined, 0)
        touched = max([came, *client.visits[-1:], last_talk.day if last_talk else 0])
        contact = self.moment(*_when(last_talk)) if last_talk else None
        known = self.story.profiles[client.id]
        knows_birthday = client.is_person and dice.chance(0.35 + 0.06 * min(len(client.visits), 6))
        quiet = (datetime.time(12, 0), datetime.time(14, 0)) if dice.chance(0.05) else (None, None)
        return (
            self._customer(client), "person" if client.is_person else "organisation", client.name, self.number(client),
            client.phone,
            f"u{client.id:05d}@example.com" if dice.chance(0.12) else "", "" if client.is_person else credit_code(client.id),
            f"M{client.id:06d}" if client.is_person and len(client.visits) >= 3 else "", "",
            client.born if knows_birthday else None, client.lunar and knows_birthday, f"{client.shop.city}{client.district}",
            keys.users[client.owner.username], self.story.date(max(client.owner_since, -2500)), keys.departments[client.shop.name],
            keys.sources[client.source], client.tags,
            json.dumps({code: value for code, (value, _) in known.items()}, ensure_ascii=False),
            json.dumps(self._provenance(client), ensure_ascii=False), self._channel(client), "", *quiet, "zh-hans",
            dice.chance(0.012), "", contact, tokens, 1, self._batch(client), self.moment(came, 540),
            keys.users[client.owner.username], self.moment(touched, 1140),
        )  # fmt: skip

    def _provenance(self, client: Client) -> dict[str, Any]:
        by = self.keys.users[client.owner.username]
        known = self.story.profiles[client.id]
        return {code: {"on": self.story.date(day).isoformat(), "by": by} for code, (_, day) in known.items()}

    def number(self, client: Client) -> str:
        return f"{client.shop.code}{client.id:05d}"

    def _channel(self, client: Client) -> str:
        if not self.story.dice.chance(0.6):
            return ""
        if not client.is_person:
            return self.story.dice.weighted(["phone", "visit", "wechat"], [5, 3, 2])
        return self.story.dice.weighted(["wechat", "phone", "sms", "store"], [55, 32, 4, 9])

    def _batch(self, client: Client) -> int | None:
        if client.joined < 0:
            return self.keys.batches["customers"]
        return None

    def _contacts(self) -> Iterator[Row]:
        dice = self.story.dice
        by_id = {client.id: client for client in self.story.clients}
        for client_id, (name, _) in self.story.contacts.items():
            client = by_id[client_id]
            phone = f"+86154{dice.whole(0, 99_999_999):08d}"
            yield self._customer(client), name, phone, "", "", dice.one(places.POSITIONS), None, True, ""
            if len(client.cars) > 5:
                second = self.story.contacts[dice.one(list(self.story.contacts))][0]
                other = f"+86154{dice.whole(0, 99_999_999):08d}"
                yield self._customer(client), second, other, "", "", "司机班长", None, False, "白天在路上，傍晚好联系"

    def _addresses(self) -> Iterator[Row]:
        dice = self.story.dice
        for client in self.story.clients:
            if dice.chance(0.9 if not client.is_person else 0.35):
                home = f"{dice.one(places.NEIGHBOURHOODS)}{dice.one(places.ESTATES)}{dice.whole(1, 40)}幢"
                work = f"{dice.one(places.NEIGHBOURHOODS)}工业园{dice.whole(1, 12)}号"
                region = f"{client.shop.city}{client.district}"
                yield self._customer(client), "家" if client.is_person else "公司", region, home if client.is_person else work, True

    def _identifiers(self) -> Iterator[Row]:
        for client in self.story.clients:
            plates = {car.plate for car in client.cars} if "plate" in self.story.profiles[client.id] else set()
            yield from ((self._customer(client), "plate", plate) for plate in sorted(plates)[:12])

    def _consents(self) -> Iterator[Row]:
        dice = self.story.dice
        for client in self.story.clients:
            if not dice.chance(0.76):
                continue
            at, by = self.moment(max(client.joined, 0), 600), self.keys.users[client.owner.username]
            evidence = f"{client.shop.name}签署会员协议" if client.joined >= 0 else "旧系统会员协议"
            purposes = ["service", "care"] + (["marketing"] if dice.chance(0.58) else [])
            yield from ((self._customer(client), purpose, "", True, evidence, at, by) for purpose in purposes)
            if "marketing" in purposes and dice.chance(0.06) and client.visits:
                later = self.moment(min(client.visits[-1] + 9, self.story.chain.days - 1), 900)
                yield self._customer(client), "marketing", "", False, "电话中要求不再推销", later, by

    def _relationships(self) -> Iterator[Row]:
        first = self.keys.customers
        return ((first + tie.left, first + tie.right, tie.kind, tie.note) for tie in self.story.ties)

    def _pairs(self) -> Iterator[Row]:
        first, found = self.keys.customers, self.moment(self.story.chain.days - 1, 1200)
        return (
            (first + twin.first, first + twin.second, json.dumps(twin.reasons), "[]", "open", found) for twin in self.story.twins
        )

    def _orders(self) -> Iterator[Row]:
        numbers = {id(visit): place for place, visit in enumerate(self.story.visits, start=self.keys.orders + 1)}
        bills = payments.of(self.story)
        for visit in self.story.visits:
            at = self.moment(visit.day, visit.minute)
            due, paid = bills.get(id(visit), (None, None))
            yield (
                numbers[id(visit)], self._customer(visit.client), "return" if visit.returns else "sale", visit.number, at,
                visit.amount,
                sum(line.cost * line.quantity for line in visit.lines), sum(line.quantity for line in visit.lines), visit.channel,
                visit.shop.city, numbers[id(visit.returns)] if visit.returns else None, self._order_batch(visit), at,
                self.keys.users[visit.staff.username], due, paid,
            )  # fmt: skip

    def _order_batch(self, visit: Visit) -> int | None:
        return self.keys.batches["orders"] if visit.channel == "团购核销" else None

    def _lines(self) -> Iterator[Row]:
        for place, visit in enumerate(self.story.visits, start=self.keys.orders + 1):
            for line in visit.lines:
                yield place, self.keys.products[line.code], line.quantity, line.price, line.amount, line.cost * line.quantity

    def _interactions(self) -> Iterator[Row]:
        numbers = {id(talk): place for place, talk in enumerate(self.story.talks, start=self.keys.interactions + 1)}
        for talk in self.story.talks:
            at, by = self.moment(talk.day, talk.minute), self.keys.users[talk.staff.username]
            created = min(at, self.moment(self.story.chain.days - 1, 1150))
            yield (
                numbers[id(talk)], self._customer(talk.client), talk.kind, talk.channel, talk.direction,
                "selling" if talk.selling else "not_selling", "planned" if talk.planned else "done", at, talk.minutes, talk.summary,
                talk.mood, talk.outcome, by, numbers[id(talk.follows)] if talk.follows else None, False, created, by,
                self._put_right(talk),
            )  # fmt: skip

    def _comments(self) -> Iterator[Row]:
        numbers = {id(talk): place for place, talk in enumerate(self.story.talks, start=self.keys.interactions + 1)}
        for one in remarks.of(self.story.chain, self.story.talks):
            told = [self.keys.users[one.to.username]] if one.to else []
            by, at = self.keys.users[one.by.username], self.moment(one.day, one.minute)
            yield self._customer(one.talk.client), "interaction", numbers[id(one.talk)], one.text, by, at, told

    def _put_right(self, talk: Talk) -> datetime.datetime | None:
        """Problems are solved within days; of the latest some are still open."""
        if talk.outcome != "problem" and talk.mood != "unhappy":
            return None
        day = talk.day + 3
        if day >= self.story.chain.days or (day > self.story.chain.days - 30 and self.story.dice.chance(0.5)):
            return None
        return self.moment(day, 1080)


def _when(talk: Talk) -> tuple[int, int]:
    return talk.day, talk.minute


_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(number: int) -> str:
    """Well formed (GB 32100), of an administrative region that does not exist."""
    body = f"91330199MA{number:06d}X"
    weighted = sum(_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + _SIGNS[-weighted % 31]


_CUSTOMER = (
    "id,kind,name,number,phone,email,credit_code,member_no,wechat,birthday,birthday_is_lunar,region,owner_id,owner_since,department_id,"
    "source_id,tags,profile,provenance,preferred_channel,preferred_time,quiet_from,quiet_until,language,do_not_disturb,note,"
    "last_contact_at,search,version,batch_id,created_at,created_by_id,updated_at"
)
_ORDER = (
    "id,customer_id,kind,order_no,ordered_at,amount,cost,quantity,channel,region,returns_id,batch_id,created_at,created_by_id,"
    "due_on,paid_on"
)
_INTERACTION = (
    "id,customer_id,kind,channel,direction,purpose,state,at,minutes,summary,mood,outcome,staff_id,follows_id,is_pinned,created_at,"
    "created_by_id,resolved_at"
)
