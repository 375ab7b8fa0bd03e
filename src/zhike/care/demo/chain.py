"""Shops and staff with the days they came and went. Days count from the start of the three years; negative ones are before."""

from dataclasses import dataclass

from zhike.care.demo.vocabulary import staff

MONTH = 30.4
LONG_AGO = -1500


@dataclass(frozen=True)
class Shop:
    index: int
    name: str
    code: str
    city: str
    share: float
    opened: int  # day


@dataclass(frozen=True)
class Member:
    index: int
    name: str
    username: str
    position: str
    role: str
    place: str  # department
    joined: int  # day
    left: int | None
    skills: tuple[str, ...]

    def present(self, day: int) -> bool:
        return self.joined <= day and (self.left is None or day < self.left)


@dataclass(frozen=True)
class Chain:
    shops: list[Shop]
    members: list[Member]
    days: int

    def advisors(self, shop: Shop, day: int) -> list[Member]:
        """Who looks after customers there that day: the advisors, else the shop's manager, else who came first."""
        here = [member for member in self.members if member.place == shop.name]
        present = [member for member in here if member.present(day)]
        advisors = [member for member in present if member.role == "客户经理"]
        return advisors or present or [min(here, key=lambda member: member.joined)]

    def successor(self, shop: Shop, day: int, needle: int) -> Member:
        able = [member for member in self.advisors(shop, day) if member.left is None]
        return able[needle % len(able)] if able else self.manager_of(shop)

    def manager_of(self, shop: Shop) -> Member:
        return next(member for member in self.members if member.place == shop.name and member.role == "店长")

    def desk(self) -> Member:
        """The customer service desk of the head office."""
        return next(member for member in self.members if member.role == "客服专员")


def the_chain(days: int) -> Chain:
    shops = [
        Shop(index, name, code, city, share, int(days - months * MONTH) if months else LONG_AGO)
        for index, (name, code, city, share, months) in enumerate(staff.SHOPS)
    ]
    members = [
        Member(
            index, name, username, position, role, place,
            int(days - joined * MONTH), None if left < 0 else int(days - left * MONTH), tuple(skills.split()),
        )
        for index, (name, username, position, role, place, joined, left, skills) in enumerate(staff.PEOPLE)
    ]  # fmt: skip
    return Chain(shops, members, days)
