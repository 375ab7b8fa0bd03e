"""A suggestion in words, in the reader's language: the reason in a sentence, and how to begin."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language, gettext as _, ngettext

from zhike.care.choices import Rule
from zhike.value.choices import Grade

TWO_SIGNS = (
    "欧阳",
    "诸葛",
    "司徒",
    "上官",
    "司马",
    "慕容",
    "皇甫",
    "尉迟",
    "公孙",
    "长孙",
    "东方",
    "令狐",
    "宇文",
    "夏侯",
    "端木",
    "百里",
    "南宫",
)
SOON = 45  # days ahead in which the end of an insurance is worth a word


@dataclass(frozen=True)
class Acquaintance:
    """What whoever calls may know of the customer, for the first words."""

    name: str
    is_person: bool
    me: str
    place: str = ""  # the shop or company that calls
    contact: str = ""  # at an organisation
    sex: str = ""
    last_product: str = ""
    last_bought_on: datetime.date | None = None
    on: datetime.date | None = None
    profile: dict[str, Any] = field(default_factory=dict)  # only what the reader may see
    question: str = ""  # how to ask for the field in question
    own_words: str = ""  # of the company, for this reason


def reason(rule: str, facts: dict[str, Any], *, field_label: str = "", with_value: bool = True, with_day: bool = True) -> str:
    """From the figures that were written down with the suggestion; what a customer is worth, and the day of the birthday, only
    for who may see it."""
    if not with_day and rule == Rule.BIRTHDAY:
        return _("A birthday comes up.")
    if not with_value and rule == Rule.SLIPPING:
        said = {"rhythm": round(facts["rhythm"]), "days": facts["days"]}
        return _("Usually comes every %(rhythm)s days, silent for %(days)s.") % said
    if not with_value and rule == Rule.NO_CONTACT:
        return _("No contact for %(days)s days; one is owed every %(cadence)s.") % facts
    return _REASONS[Rule(rule)](facts, field_label)


def _slipping(facts: dict[str, Any], _label: str) -> str:
    said = {"rhythm": round(facts["rhythm"]), "days": facts["days"], "amount": _money(facts["at_risk"])}
    if "chance" in facts:
        said["chance"] = round(facts["chance"] * 100)
        return (
            _("Usually comes every %(rhythm)s days, silent for %(days)s; stays away with a chance of %(chance)s%%: "
              "%(amount)s margin a year at risk.") % said
        )  # fmt: skip
    return _("Usually comes every %(rhythm)s days, silent for %(days)s: %(amount)s margin a year at risk.") % said


def _no_contact(facts: dict[str, Any], _label: str) -> str:
    grade = facts.get("grade")
    said = {"days": facts["days"], "cadence": facts["cadence"], "grade": Grade(grade).label if grade in Grade.values else ""}
    if facts.get("never"):
        return _("A %(grade)s customer nobody has contacted in %(days)s days; owed every %(cadence)s.") % said
    return _("Last contact %(days)s days ago; a %(grade)s customer is owed one every %(cadence)s.") % said


def _second_purchase(facts: dict[str, Any], _label: str) -> str:
    return _("First bought %(days)s days ago; second purchases usually come after %(earliest)s to %(latest)s days.") % facts


def _promise(facts: dict[str, Any], _label: str) -> str:
    if not facts["promise"]:
        return _("A follow-up was promised for %(day)s.") % {"day": _day(facts["promised_on"])}
    return _("Promised for %(day)s: %(promise)s") % {"day": _day(facts["promised_on"]), "promise": facts["promise"]}


def _birthday(facts: dict[str, Any], _label: str) -> str:
    if facts["lunar"]:
        return _("Birthday by the lunar calendar on %(day)s.") % {"day": _day(facts["birthday_on"])}
    return _("Birthday on %(day)s.") % {"day": _day(facts["birthday_on"])}


def _question(facts: dict[str, Any], label: str) -> str:
    if facts["stale"]:
        return _("“%(field)s” was confirmed long ago; ask whether it still holds.") % {"field": label}
    return _("“%(field)s” is not known yet, and is used.") % {"field": label}


_REASONS: dict[Rule, Callable[[dict[str, Any], str], str]] = {
    Rule.SLIPPING: _slipping,
    Rule.NO_CONTACT: _no_contact,
    Rule.SECOND_PURCHASE: _second_purchase,
    Rule.PROMISE: _promise,
    Rule.BIRTHDAY: _birthday,
    Rule.QUESTION: _question,
}


def opening(rule: str, facts: dict[str, Any], known: Acquaintance) -> str:
    """The greeting, then the matter, with something personal from the record where there is something."""
    return f"{_greeting(known)}{_space()}{_matter(rule, facts, known)}{_aside(rule, known)}"


def _space() -> str:
    return "" if (get_language() or "").startswith("zh") else " "


def _greeting(known: Acquaintance) -> str:
    who = salutation(known)
    said = {"who": who, "me": known.me, "place": known.place}
    if known.place:
        return _("Hello %(who)s, this is %(me)s of %(place)s.") % said if who else _("Hello, this is %(me)s of %(place)s.") % said
    return _("Hello %(who)s, this is %(me)s.") % said if who else _("Hello, this is %(me)s.") % said


def salutation(known: Acquaintance) -> str:
    if not known.is_person:
        return known.contact
    if any(sign.isdigit() for sign in known.name):  # known by a number alone
        return ""
    surname = known.name[:2] if known.name[:2] in TWO_SIGNS else known.name[:1]
    if known.name.isascii() or known.sex not in ("m", "f"):
        return known.name
    return (_("Mr %(surname)s") if known.sex == "m" else _("Ms %(surname)s")) % {"surname": surname}


def _matter(rule: str, facts: dict[str, Any], known: Acquaintance) -> str:
    if known.own_words:
        return known.own_words
    product, car = known.last_product, known.profile.get("car")
    said = {"product": product, "car": car, "ago": _ago(known), **facts}
    if rule == Rule.PROMISE:
        return _("I promised to come back to you, and here I am.")
    if rule == Rule.BIRTHDAY:
        return _("Happy birthday! All of us wish you good health and a good year.")
    if rule == Rule.QUESTION and known.question:
        return _("One short question, so that we serve you better: %(question)s") % {"question": known.question}
    if rule == Rule.SECOND_PURCHASE and product:
        return (
            _("Thank you for choosing us for %(product)s. Are you happy with it? If anything is not right, I will see to it.")
            % said
        )
    if rule == Rule.NO_CONTACT and product:
        return _("I am not selling anything today. How has it been since %(product)s, and what could we do better?") % said
    if rule == Rule.SLIPPING and car and product and known.is_person:
        return _("Your %(car)s was last here for %(product)s %(ago)s. How is it running?") % said
    if rule == Rule.SLIPPING and product:
        return _("It has been a while since %(product)s, %(ago)s. Is everything all right with it?") % said
    return _("We have not heard from you for a while. Is everything all right?")


def _aside(rule: str, known: Acquaintance) -> str:
    """A word on something of theirs, when it fits."""
    until = known.profile.get("insured_until")
    if rule != Rule.PROMISE and until and known.on and 0 <= _days_until(until, known.on) <= SOON:
        return _space() + _("By the way, your car insurance ends on %(day)s; shall I look into it for you?") % {"day": _day(until)}
    if rule in (Rule.BIRTHDAY, Rule.NO_CONTACT) and known.profile.get("pets"):
        return _space() + _("And how is %(pets)s?") % {"pets": known.profile["pets"]}
    return ""


def mind(profile: dict[str, Any]) -> str:
    """What the customer is particular about: for the caller's eyes."""
    return str(profile.get("likes") or "")


def _days_until(text: Any, on: datetime.date) -> int:
    try:
        return (datetime.date.fromisoformat(str(text)) - on).days
    except ValueError:
        return -1


def _ago(known: Acquaintance) -> str:
    if known.on is None or known.last_bought_on is None:
        return ""
    days = max((known.on - known.last_bought_on).days, 1)
    if days < 60:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    return ngettext("%(n)d month ago", "%(n)d months ago", days // 30) % {"n": days // 30}


def _day(text: str) -> str:
    day = datetime.date.fromisoformat(text)
    return _("%(month)d-%(day)d") % {"month": day.month, "day": day.day}


def _money(amount: float) -> str:
    return f"¥{amount:,.0f}"
