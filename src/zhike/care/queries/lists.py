"""Today: the open suggestions of a person, as lines to be read."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from zhike.care.choices import Rule, SuggestionState
from zhike.care.models import Suggestion
from zhike.care.queries.counting import ANSWERED, quiet_at, waiting
from zhike.care.rules import CareTexts
from zhike.care.wording import Acquaintance, mind, opening, reason
from zhike.core import prepared, settings_store
from zhike.core.prepared import Prepared, Shelf
from zhike.customers.choices import CustomerKind
from zhike.customers.masking import class_of, shown
from zhike.customers.models import Customer, FieldDefinition
from zhike.teams.access import away_with_deputy, rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.prepared import PreparedFor
from zhike.teams.rules import CompanyRules

MOST = 60
WORTH = ("at_risk", "grade")
BORN = ("birthday_on", "lunar")
SPEAK_OF_PRODUCT = (Rule.SLIPPING, Rule.NO_CONTACT, Rule.SECOND_PURCHASE)


@dataclass(frozen=True)
class Line:
    suggestion: Suggestion
    customer: Customer
    grade: str
    stage: str
    reason: str
    opening: str
    mind: str
    phone: str  # as this person sees it
    contact: str  # whom to ask for at an organisation
    also: list[str]
    gain: float | None  # this and the figures of worth among the facts: None and left out for who may not see value
    facts: dict[str, Any]


def open_suggestions(user: User, at: datetime.datetime, who: Collection[int] = ()) -> QuerySet[Suggestion]:
    """Of these people, as far as the user sees the customers: nobody in their quiet hours, the most urgent first."""
    return _in_order(user, timezone.localtime(at).time(), who)


def _in_order(user: User, time: datetime.time, who: Collection[int] = (), rule: str = "") -> QuerySet[Suggestion]:
    found = waiting(user).filter(**({"assignee__in": who} if who else {}) | ({"rule": rule} if rule else {}))
    return found.exclude(quiet_at(time)).order_by("-priority", "customer_id")


def own_lists(user: User, on: datetime.date) -> list[int]:
    """Whose lists are this person's to work off: the own, and those of colleagues who are away and named them deputy."""
    return [user.pk, *away_with_deputy(user.pk, on)]


def _of_customer(user: User, customer: int) -> QuerySet[Suggestion]:
    found = Suggestion.objects.visible_to(user).filter(
        customer=customer, state__in=[SuggestionState.OPEN, SuggestionState.POSTPONED]
    )
    return found.select_related("assignee__department").order_by("-priority")


_OF_CUSTOMER = PreparedFor(_of_customer, int)
_FIELDS = Prepared(lambda: FieldDefinition.objects.all())


def suggestions_for(user: User, customer: Customer, on: datetime.date, fields: list[FieldDefinition] | None = None) -> list[Line]:
    """For the record page, which knows the fields and shows the grade itself: what to do next for this customer, and why."""
    open_ones: list[Suggestion] = _OF_CUSTOMER(user, customer.pk)
    for one in open_ones:
        one.customer = customer
    return lines(user, open_ones, on, fields=fields, scored=False)


_PAGES = Shelf(64)


def read_lines(
    user: User, at: datetime.datetime, who: Collection[int] = (), rule: str = "", *, first: int = 0, most: int = MOST
) -> list[Line]:
    """The order is found in the index of suggestions alone; what else a line needs is read for these only."""
    here = timezone.localtime(at)
    known = (user.pk, rights_of(user), tuple(who), rule, first, most)

    def page(time: datetime.time) -> QuerySet[Suggestion]:
        rows = Suggestion.objects.filter(pk__in=_in_order(user, time, who, rule).values("pk")[first : first + most])
        return rows.select_related("customer", "assignee__department").order_by("-priority", "customer_id")

    return lines(user, _PAGES.get(known, page, datetime.time)(here.time()), here.date())


def lines(
    user: User,
    suggestions: list[Suggestion],
    on: datetime.date,
    *,
    fields: list[FieldDefinition] | None = None,
    scored: bool = True,
) -> list[Line]:
    """A fixed number of queries, however many suggestions."""
    if not suggestions:
        return []
    known = {one.code: one for one in (fields if fields is not None else _FIELDS())}
    around = _around(user, suggestions, scored)
    company, texts = settings_store.read_all(CompanyRules, CareTexts)
    reader = Reader(user, on, known, company.name, texts)
    return [_line(reader, one, around[one.customer_id]) for one in suggestions]


@dataclass(frozen=True)
class Reader:
    """Who reads on which day, and what is the same for every line."""

    user: User
    on: datetime.date
    fields: dict[str, FieldDefinition]
    company: str
    texts: CareTexts


@dataclass(frozen=True)
class Around:
    """What stands in other tables of a customer on the list, as far as the reader may see it."""

    grade: str
    stage: str
    product: str  # the main one of the last purchase
    bought_at: datetime.datetime | None
    contact: str  # the main one, else the first, of an organisation


_AROUND = """
    SELECT c.id, COALESCE(s.grade, ''), COALESCE(s.stage, ''), COALESCE(p.name, ''), o.ordered_at, COALESCE(k.name, '')
    FROM unnest(%(ids)s::bigint[], %(speaks)s::boolean[], %(firms)s::boolean[]) AS c(id, speaks, is_firm)
    LEFT JOIN zhike_score s ON s.run_id = (SELECT id FROM zhike_run WHERE is_current) AND s.customer_id = c.id AND %(scored)s
    LEFT JOIN LATERAL (SELECT id, ordered_at FROM zhike_order WHERE customer_id = c.id AND kind = 'sale' AND c.speaks
        ORDER BY ordered_at DESC, id DESC LIMIT 1) o ON TRUE
    LEFT JOIN LATERAL (SELECT product_id FROM zhike_orderline WHERE order_id = o.id ORDER BY amount DESC, id LIMIT 1) l ON TRUE
    LEFT JOIN zhike_product p ON p.id = l.product_id
    LEFT JOIN LATERAL (SELECT name FROM zhike_contact WHERE customer_id = c.id AND c.is_firm
        ORDER BY is_main DESC, id LIMIT 1) k ON TRUE"""


def _around(user: User, suggestions: list[Suggestion], scored: bool) -> dict[int, Around]:
    rights = rights_of(user)
    orders = rights.allows(Permission.ORDER_VIEW)
    by_customer = {one.customer_id: one for one in sorted(suggestions, key=lambda one: one.rule in SPEAK_OF_PRODUCT)}
    given: dict[str, Any] = {
        "ids": list(by_customer), "speaks": [orders and one.rule in SPEAK_OF_PRODUCT for one in by_customer.values()],
        "firms": [one.customer.kind == CustomerKind.ORGANISATION for one in by_customer.values()],
        "scored": scored and rights.allows(Permission.VALUE_VIEW),
    }  # fmt: skip
    with prepared.cursor() as cursor:
        cursor.execute(_AROUND, given)
        return {customer: Around(*rest) for customer, *rest in cursor.fetchall()}


def _line(reader: Reader, one: Suggestion, around: Around) -> Line:
    fields = reader.fields
    asked = fields.get(one.facts.get("field", ""))
    with_value = rights_of(reader.user).allows(Permission.VALUE_VIEW)
    label = asked.label(get_language() or "zh-hans") if asked else ""
    classes = {code: definition.confidentiality for code, definition in fields.items()}
    known = _acquaintance(reader, one, around)
    with_day = one.rule != Rule.BIRTHDAY or rights_of(reader.user).shows(class_of(classes, "birthday"))
    left_out = (() if with_value else WORTH) + (() if with_day else BORN)
    return Line(
        suggestion=one, customer=one.customer, grade=around.grade, stage=around.stage,
        reason=reason(one.rule, one.facts, field_label=label, with_value=with_value, with_day=with_day),
        opening=opening(one.rule, one.facts, known),
        mind=mind(known.profile), phone=shown(reader.user, class_of(classes, "phone"), "phone", one.customer.phone),
        contact=known.contact, also=[str(Rule(rule).label) for rule in one.facts.get("also", [])],
        gain=one.gain if with_value else None,
        facts={name: fact for name, fact in one.facts.items() if name not in left_out},
    )  # fmt: skip


def _acquaintance(reader: Reader, one: Suggestion, around: Around) -> Acquaintance:
    fields, rights = reader.fields, rights_of(reader.user)
    customer, caller = one.customer, one.assignee
    profile = {
        code: value
        for code, value in customer.profile.items()
        if code in fields and fields[code].is_active and rights.shows(fields[code].confidentiality)
    }
    asked = fields.get(one.facts.get("field", ""))
    speaks = bool(around.product) and one.rule in SPEAK_OF_PRODUCT
    return Acquaintance(
        name=customer.name, is_person=customer.kind == CustomerKind.PERSON, me=caller.name,
        place=caller.department.name if caller.department else reader.company, contact=around.contact,
        sex=str(profile.get("sex", "")), last_product=_plain(around.product) if speaks else "",
        last_bought_on=timezone.localtime(around.bought_at).date() if speaks and around.bought_at else None,
        on=reader.on, profile=profile, own_words=reader.texts.of(one.rule),
        question=asked.question(get_language() or "zh-hans") if asked else "",
    )  # fmt: skip


def _plain(product: str) -> str:
    """Without what stands in brackets: nobody says that on the phone."""
    return product.split("（")[0].split(" (")[0]


def answered_today(user: User, at: datetime.datetime) -> list[Suggestion]:
    """What this person did, postponed or refused today, the latest first."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Suggestion.objects.visible_to(user).filter(decided_by=user, decided_at__gte=midnight, state__in=ANSWERED)
    return list(mine.select_related("customer").order_by("-decided_at")[:MOST])
