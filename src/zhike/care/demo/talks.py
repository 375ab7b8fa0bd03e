"""What was said: calls after a job, reminders, complaints and what came of them, greetings, fleet visits, promises."""

import datetime
from dataclasses import dataclass

from zhike.care.demo import season
from zhike.care.demo.chain import Chain, Member
from zhike.care.demo.clients import Client
from zhike.care.demo.dice import Dice
from zhike.care.demo.visits import Visit
from zhike.care.demo.vocabulary import names, places, sayings


@dataclass
class Talk:
    client: Client
    staff: Member
    day: int
    minute: int
    kind: str
    channel: str
    summary: str
    outcome: str = "reached"
    mood: str = "neutral"
    direction: str = "out"
    selling: bool = False
    planned: bool = False
    minutes: int | None = None
    follows: "Talk | None" = None


@dataclass
class Teller:
    """Writes the talks of one customer after another."""

    dice: Dice
    chain: Chain
    start: datetime.date

    def of(self, client: Client, visits: list[Visit], contact: str) -> list[Talk]:
        talks = self._inquiry(client) if not visits else []
        for place, visit in enumerate(visits):
            following = visits[place + 1].day if place + 1 < len(visits) else self.chain.days
            talks += self._after(visit, following)
            talks += self._problem(visit)
            talks += self._reminder(visit, following)
            talks += self._question(visit)
        if visits:
            talks += self._win_back(client, visits[-1].day)
            talks += self._greetings(client, visits)
            if not client.is_person:
                talks += self._fleet(client, visits, contact)
        talks += self._promise(client, visits, contact)
        return sorted((talk for talk in talks if talk.planned or talk.day < self.chain.days), key=lambda one: (one.day, one.minute))

    def _who(self, client: Client, day: int) -> Member:
        if client.owner_since <= day and client.owner.present(day):
            return client.owner
        return self.dice.one(self.chain.advisors(client.shop, day))

    def _say(self, parts: tuple[list[str], ...] | list[str], client: Client, **facts: object) -> str:
        text = "".join(self.dice.one(part) for part in parts) if isinstance(parts, tuple) else self.dice.one(parts)
        car = client.cars[0]
        known = {
            "title": client.title,
            "car": f"{car.model.brand}{car.model.name}",
            "km": 5000 * (car.kilometres_at_start // 5000 + 2),
        }
        return text.format(**(known | facts))

    def _after(self, visit: Visit, following: int) -> list[Talk]:
        dice, day = self.dice, visit.day + self.dice.whole(2, 4)
        if visit.amount < 300 or day > following or not dice.chance(0.4):
            return []
        staff = self._who(visit.client, day)
        facts = {"main": visit.main, "staff": visit.staff.name, "km": 5000 * (visit.car.kilometres(day) // 5000 + 2)}
        talk = Talk(visit.client, staff, day, self._minute(), "call", "phone", "", minutes=dice.whole(1, 6))
        if dice.chance(0.22):
            talk.summary, talk.outcome, talk.mood = self._say(sayings.NOT_REACHED, visit.client), "not_reached", ""
        elif dice.chance(0.08):
            talk.summary, talk.outcome, talk.mood = self._say(sayings.AFTER_POOR, visit.client, **facts), "problem", "unhappy"
        else:
            middle = sayings.AFTER_ANY + sayings.AFTER[visit.work]
            talk.summary = self._say((sayings.AFTER_OPENING, middle, sayings.AFTER_CLOSING), visit.client, **facts)
            talk.mood = "happy" if dice.chance(0.4) else "neutral"
        return [talk]

    def _problem(self, visit: Visit) -> list[Talk]:
        dice = self.dice
        if not dice.chance(0.011):
            return []
        day, client = visit.day + dice.whole(1, 3), visit.client
        at = self._minute()
        how = dice.one(sayings.PROBLEM_HOW)
        wrong, done = dice.one(sayings.PROBLEM[visit.work])
        kind, channel = {"来电": ("call", "phone"), "到店": ("visit", "store"), "微信": ("message", "wechat")}[how[:2]]
        said = self._say([how + wrong], client, main=visit.main)
        minutes = None if kind == "message" else dice.whole(4, 15)
        first = Talk(client, self._who(client, day), day, at, kind, channel, said, "problem", "unhappy", "in", minutes=minutes)
        client.tags.append("投诉过")
        later, mood = day + dice.whole(1, 3), "happy" if dice.chance(0.45) else "neutral"
        solved = Talk(client, self._who(client, later), later, self._minute(), "help", "store", done, mood=mood, follows=first)
        return [first, solved] if solved.day < self.chain.days else [first]

    def _reminder(self, visit: Visit, following: int) -> list[Talk]:
        dice, client = self.dice, visit.client
        day = visit.day + int(client.habit.interval * dice.between(0.75, 1.05))
        if client.habit.name == "wash" or day >= following or not dice.chance(0.24):
            return []
        outcome = (
            "interested" if following < self.chain.days and following - day < 20 else dice.one(["reached", "reached", "declined"])
        )
        return [
            self._offer(
                sayings.REMIND, sayings.REMIND_SAYS, client, day, outcome, km=5000 * (visit.car.kilometres(day) // 5000 + 1)
            )
        ]

    def _win_back(self, client: Client, last: int) -> list[Talk]:
        dice = self.dice
        day = last + int(client.habit.interval * dice.between(1.8, 3.0)) + 20
        if not client.gone or day >= self.chain.days or not dice.chance(0.3):
            return []
        outcome = dice.weighted(["declined", "reached", "interested"], [5, 3, 1])
        district = dice.one([one for one in places.DISTRICTS[client.shop.city] if one != client.district])
        return [
            self._offer(
                sayings.WIN_BACK, sayings.WIN_BACK_SAYS, client, day, outcome, months=max(2, (day - last) // 30), district=district
            )
        ]

    def _offer(
        self, openings: dict[str, list[str]], says: dict[str, list[str]], client: Client, day: int, outcome: str, **facts: object
    ) -> Talk:
        kind, channel = ("call", "phone") if self.dice.chance(0.6) else ("message", "wechat")
        if kind == "call" and self.dice.chance(0.2):
            text, outcome, mood = self._say(sayings.NOT_REACHED, client), "not_reached", ""
        else:
            text, mood = (
                self._say((openings[kind], says[outcome]), client, **facts),
                "happy" if outcome == "interested" else "neutral",
            )
        minutes = self.dice.whole(1, 7) if kind == "call" else None
        return Talk(
            client, self._who(client, day), day, self._minute(), kind, channel, text, outcome, mood, selling=True, minutes=minutes
        )

    def _question(self, visit: Visit) -> list[Talk]:
        client, day = visit.client, visit.day - self.dice.whole(1, 4)
        if day < max(client.joined, 0) or not self.dice.chance(0.07):
            return []
        return [self._asked(client, day)]

    def _inquiry(self, client: Client) -> list[Talk]:
        return [self._asked(client, client.joined)]

    def _asked(self, client: Client, day: int) -> Talk:
        how = self.dice.one(list(sayings.ASK_HOW))
        kind, channel = sayings.ASK_HOW[how]
        said = how + self._say(sayings.ASK, client)
        staff = self._who(client, day)
        return Talk(client, staff, day, self._minute(), kind, channel, said, "interested", "neutral", "in", selling=True)

    def _greetings(self, client: Client, visits: list[Visit]) -> list[Talk]:
        made: list[Talk] = []
        if len(visits) < 3 or not client.is_person:
            return made
        for year in range(self.start.year, self.start.year + 4):
            festival = (season.spring_festival(year) - self.start).days - self.dice.whole(2, 8)
            if visits[0].day < festival < min(visits[-1].day + 200, self.chain.days) and self.dice.chance(0.3):
                made.append(self._care(client, festival, "message", sayings.FESTIVAL))
            born = (datetime.date(year, client.born.month, client.born.day) - self.start).days
            if not client.lunar and visits[0].day < born < min(visits[-1].day + 120, self.chain.days) and self.dice.chance(0.22):
                made.append(self._care(client, born, "gift" if self.dice.chance(0.3) else "message", sayings.BIRTHDAY))
        if self.dice.chance(0.012 * len(visits) ** 0.5):
            day = self.dice.one(visits).day + self.dice.whole(8, 40)
            made.append(
                Talk(
                    client,
                    self._who(client, day),
                    day,
                    self._minute(),
                    "help",
                    "phone",
                    self._say(sayings.HELP, client),
                    mood="happy",
                )
            )
        return made

    def _care(self, client: Client, day: int, kind: str, texts: list[str]) -> Talk:
        mood = "happy" if self.dice.chance(0.6) else "neutral"
        channel = "wechat" if kind == "message" else "store"
        return Talk(client, self._who(client, day), day, self._minute(), kind, channel, self._say(texts, client), mood=mood)

    def _fleet(self, client: Client, visits: list[Visit], contact: str) -> list[Talk]:
        made, day = [], visits[0].day + self.dice.whole(5, 60)
        until = min(visits[-1].day + 100, self.chain.days)
        while day < until:
            text = self._say(sayings.FLEET, client, contact=contact, count=self.dice.whole(1, 5))
            kind = "meeting" if self.dice.chance(0.3) else "visit"
            mood = "happy" if self.dice.chance(0.3) else "neutral"
            selling = "谈" in text or "报价" in text or "集采" in text
            staff, minutes = self._who(client, day), self.dice.whole(20, 90)
            made.append(Talk(client, staff, day, self._minute(), kind, "visit", text, mood=mood, selling=selling, minutes=minutes))
            day += self.dice.whole(60, 140)
        return made

    def _promise(self, client: Client, visits: list[Visit], contact: str) -> list[Talk]:
        days = self.chain.days
        recent = bool(visits) and visits[-1].day > days - 150
        if not self.dice.chance(0.05 if recent else 0.004):
            return []
        day = days + self.dice.whole(-6, 12)
        by = self.start + datetime.timedelta(days=day)
        texts = sayings.PROMISES if client.is_person else sayings.FLEET_PROMISES
        text = self._say(texts, client, contact=contact, day=f"{by.month}月{by.day}日")
        return [Talk(client, client.owner, day, self._minute(), "call", "phone", text, outcome="", mood="", planned=True)]

    def _minute(self) -> int:
        return self.dice.whole(545, 1110)


def contact_name(dice: Dice) -> tuple[str, str]:
    sex = "f" if dice.chance(0.35) else "m"
    return names.surname(dice) + names.given(dice, sex, dice.whole(1968, 1995)), sex
