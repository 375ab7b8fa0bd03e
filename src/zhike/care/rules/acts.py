"""What to do for one customer: does a rule fire, what is it worth, until when, through which channel."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from zhike.care.choices import Rule
from zhike.care.rules.birthdays import Birthdays
from zhike.care.rules.settings import CareRules, SecondPurchase
from zhike.customers.choices import Channel, ConsentPurpose
from zhike.customers.rules.contact import Line, consent
from zhike.value.choices import Grade, Stage

VALUED = (Grade.KEY, Grade.IMPORTANT)
RHYTHM_FROM = 2  # repeat purchase days: one interval is no rhythm
LEAST_ALIVE = 0.05
PURPOSES: dict[str, tuple[str, ...]] = {  # none of which the customer may have withdrawn
    Rule.SLIPPING: (ConsentPurpose.CARE, ConsentPurpose.MARKETING),
    Rule.SECOND_PURCHASE: (ConsentPurpose.CARE, ConsentPurpose.MARKETING),
    Rule.NO_CONTACT: (ConsentPurpose.CARE,),
    Rule.BIRTHDAY: (ConsentPurpose.CARE,),
    Rule.QUESTION: (ConsentPurpose.SERVICE,),
    Rule.PROMISE: (ConsentPurpose.SERVICE,),
}


@dataclass(frozen=True)
class Known:
    """What the rules know of one customer on one day."""

    customer_id: int
    assignee_id: int
    on: datetime.date
    measured_on: datetime.date  # silence counts until then: earlier than `on` where the orders ended long ago
    until: datetime.datetime  # the end of that day: consents count that were given before
    grade: str | None = None
    stage: str | None = None
    orders: int = 0
    frequency: int = 0  # repeat purchase days
    first_on: datetime.date | None = None
    last_on: datetime.date | None = None
    rhythm_days: float | None = None
    mean_spend: float | None = None
    p_alive: float | None = None
    chance_to_leave: float | None = None  # as learned from those who left, where that is known
    expected_orders: float = 0.0  # purchase days in the next 12 months
    expected_spend: float = 0.0  # of one
    margin: float = 0.0  # so far
    margin_share: float = 0.0  # of the amount
    since: datetime.date | None = None  # customer of ours
    last_contact_on: datetime.date | None = None
    birthday: datetime.date | None = None
    birthday_is_lunar: bool = False
    preferred_channel: str = ""
    reachable: tuple[str, ...] = (Channel.PHONE,)  # channels there is an address for
    consents: tuple[Line, ...] = ()
    do_not_disturb: bool = False
    question: str = ""  # code of the field most worth asking
    question_weight: float = 0.0  # its share of all that is worth knowing
    question_is_stale: bool = False
    promise_id: int | None = None
    promised_on: datetime.date | None = None
    promise: str = ""

    @property
    def year_margin(self) -> float:
        """Expected of the next 12 months, the chance that they stay away included."""
        return self.expected_orders * self.expected_spend * self.margin_share


@dataclass(frozen=True)
class Draft:
    """A suggestion not yet written down."""

    customer_id: int
    assignee_id: int
    rule: str
    gain: float
    due_on: datetime.date
    channel: str
    facts: dict[str, Any] = field(default_factory=dict)
    promised_id: int | None = None
    priority: float = 0.0


@dataclass(frozen=True)
class Finding:
    """That a rule fires: the money at stake, the deadline, the figures for the sentence."""

    stake: float
    due_on: datetime.date
    facts: dict[str, Any]


def draft(rule: str, known: Known, rules: CareRules, second: SecondPurchase, birthdays: Birthdays) -> Draft | None:
    """The suggestion that this rule makes, or None. Nothing is ever suggested around a customer's wishes."""
    channel = channel_for(rule, known)
    if known.do_not_disturb or not channel:
        return None
    found = _RULES[rule](known, rules, second, birthdays)
    if found is None:
        return None
    return Draft(
        known.customer_id, known.assignee_id, rule, round(found.stake * rules.effect(rule), 2), found.due_on, channel, found.facts,
        known.promise_id if rule == Rule.PROMISE else None,
    )  # fmt: skip


def channel_for(rule: str, known: Known) -> str:
    """The one the customer prefers, else the first there is, among those that no withdrawn consent closes."""
    closed = {
        channel
        for channel in known.reachable
        if any(consent(known.consents, channel=channel, purpose=purpose, at=known.until) is False for purpose in PURPOSES[rule])
    }
    free = [channel for channel in known.reachable if channel not in closed]
    return known.preferred_channel if known.preferred_channel in free else next(iter(free), "")


def _slipping(known: Known, rules: CareRules, *_: object) -> Finding | None:
    if known.grade not in VALUED or known.stage == Stage.LOST or known.frequency < RHYTHM_FROM:
        return None
    if known.last_on is None or not known.rhythm_days:
        return None
    days = (known.measured_on - known.last_on).days
    silence = days / known.rhythm_days
    if not rules.silence_from <= silence <= rules.silence_until:
        return None
    at_risk = round(_at_risk(known, known.rhythm_days), 2)
    facts = {"days": days, "rhythm": round(known.rhythm_days, 1), "ratio": round(silence, 2), "at_risk": at_risk}
    if known.chance_to_leave is not None:
        facts["chance"] = round(known.chance_to_leave, 2)
    return Finding(at_risk, known.on + datetime.timedelta(days=2), facts | {"last_on": known.last_on.isoformat()})


def _at_risk(known: Known, rhythm_days: float) -> float:
    """A year's margin if they came on as before, times the chance that they will not: learned from those who left, else by the
    model of purchases. What that expects of such customers bounds the own rhythm, which a few purchases in quick succession
    exaggerate."""
    alive = 0.5 if known.p_alive is None else max(known.p_alive, LEAST_ALIVE)
    year = min(365 / rhythm_days, 365) * (known.mean_spend or known.expected_spend)
    if known.p_alive is not None and known.expected_orders:
        year = min(year, known.expected_orders / alive * known.expected_spend)
    return year * known.margin_share * (1 - alive if known.chance_to_leave is None else known.chance_to_leave)


def _no_contact(known: Known, rules: CareRules, *_: object) -> Finding | None:
    cadence = rules.cadence(known.grade)
    seen = known.last_contact_on or known.since
    if not cadence or known.stage == Stage.LOST or seen is None or (known.on - seen).days <= cadence:
        return None
    days = (known.on - seen).days
    facts = {"days": days, "cadence": cadence, "never": known.last_contact_on is None, "grade": known.grade}
    return Finding(known.year_margin, known.on + datetime.timedelta(days=5), facts)


def _second_purchase(known: Known, _rules: CareRules, second: SecondPurchase, *_: object) -> Finding | None:
    if known.first_on is None or known.first_on != known.last_on or known.orders < 1:
        return None
    days = (known.measured_on - known.first_on).days
    if not second.earliest <= days <= second.latest:
        return None
    left = min(second.latest - days, 14)
    facts = {"days": days, "earliest": second.earliest, "latest": second.latest, "first_on": known.first_on.isoformat()}
    return Finding(max(known.margin, 0.0), known.on + datetime.timedelta(days=left), facts)


def _promise(known: Known, rules: CareRules, *_: object) -> Finding | None:
    if known.promised_on is None or known.promised_on > known.on + datetime.timedelta(days=rules.promise_days):
        return None
    return Finding(known.year_margin, known.promised_on, {"promised_on": known.promised_on.isoformat(), "promise": known.promise})


def _birthday(known: Known, _rules: CareRules, _second: SecondPurchase, birthdays: Birthdays) -> Finding | None:
    day = birthdays.on(known.birthday, known.birthday_is_lunar)
    if day is None or known.stage == Stage.LOST:
        return None
    return Finding(known.year_margin, day, {"birthday_on": day.isoformat(), "lunar": known.birthday_is_lunar})


def _question(known: Known, *_: object) -> Finding | None:
    if not known.question or known.grade not in VALUED or known.stage == Stage.LOST:
        return None
    facts = {"field": known.question, "stale": known.question_is_stale}
    return Finding(known.year_margin * known.question_weight, known.on + datetime.timedelta(days=14), facts)


_RULES: dict[str, Callable[[Known, CareRules, SecondPurchase, Birthdays], Finding | None]] = {
    Rule.SLIPPING: _slipping,
    Rule.NO_CONTACT: _no_contact,
    Rule.SECOND_PURCHASE: _second_purchase,
    Rule.PROMISE: _promise,
    Rule.BIRTHDAY: _birthday,
    Rule.QUESTION: _question,
}
