"""Today: the open suggestions of a person, as lines to be read."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import get_language

from zhike.care.choices import Rule, SuggestionState
from zhike.care.models import Suggestion
from zhike.care.wording import Acquaintance, mind, opening, reason
from zhike.core import settings_store
from zhike.customers.choices import CustomerKind
from zhike.customers.masking import class_of, shown
from zhike.customers.models import Contact, Customer, FieldDefinition, Interaction
from zhike.teams.access import away_with_deputy, rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.rules import CompanyRules
from zhike.value.models import Run, Score

MOST = 60
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


@dataclass(frozen=True)
class Figures:
    open: int
    done_today: int
    brought: float  # orders within 30 days of what was done in the last 90
    quiet: int  # hidden for now: these customers have their quiet hours


def open_suggestions(user: User, at: datetime.datetime, who: Sequence[int] = ()) -> QuerySet[Suggestion]:
    """Of these people, as far as the user sees the customers: nobody in their quiet hours, the most urgent first."""
    found = Suggestion.objects.visible_to(user).filter(state=SuggestionState.OPEN, customer__do_not_disturb=False)
    found = found.filter(assignee__in=who) if who else found
    return found.exclude(_in_quiet_hours(at)).order_by("-priority", "customer_id")


def _in_quiet_hours(at: datetime.datetime) -> Q:
    """Promises are kept all the same: the customer asked for them."""
    time = timezone.localtime(at).time()
    day = Q(customer__quiet_from__lt=F("customer__quiet_until"), customer__quiet_from__lte=time, customer__quiet_until__gt=time)
    over_night = Q(customer__quiet_from__gt=F("customer__quiet_until")) & (
        Q(customer__quiet_from__lte=time) | Q(customer__quiet_until__gt=time)
    )
    return (day | over_night) & ~Q(rule=Rule.PROMISE)


def own_lists(user: User, on: datetime.date) -> list[int]:
    """Whose lists are this person's to work off: the own, and those of colleagues who are away and named them deputy."""
    return [user.pk, *away_with_deputy(user.pk, on)]


def people_with_lists(user: User) -> QuerySet[User]:
    """Whose lists this person may look into, with the number of open lines."""
    visible = Q(suggestions__state=SuggestionState.OPEN, suggestions__customer__in=Customer.objects.visible_to(user))
    return User.objects.annotate(lines=Count("suggestions", filter=visible)).filter(lines__gt=0).order_by("name", "pk")


def counts_by_rule(found: QuerySet[Suggestion]) -> dict[str, int]:
    return dict(found.order_by().values_list("rule").annotate(Count("pk")))


def figures(user: User, at: datetime.datetime, who: Sequence[int]) -> Figures:
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Suggestion.objects.filter(decided_by=user, state=SuggestionState.DONE)
    done = mine.filter(decided_at__gte=midnight).count()
    lately = mine.filter(decided_at__gte=at - datetime.timedelta(days=90), result_amount__gt=0)
    brought = lately.aggregate(total=Sum("result_amount"))["total"] or 0
    visible = Suggestion.objects.visible_to(user).filter(state=SuggestionState.OPEN, customer__do_not_disturb=False)
    visible = visible.filter(assignee__in=who) if who else visible
    quiet = visible.filter(_in_quiet_hours(at)).count()
    return Figures(visible.count() - quiet, done, float(brought), quiet)


def promises_due(user: User, on: datetime.date) -> QuerySet[Interaction]:
    """What I promised until tomorrow, the oldest first."""
    until = timezone.make_aware(datetime.datetime.combine(on + datetime.timedelta(days=2), datetime.time()))
    due = Interaction.objects.visible_to(user).filter(staff=user, state="planned", at__lt=until)
    return due.select_related("customer").order_by("at", "pk")


def suggestions_for(user: User, customer: Customer, on: datetime.date, fields: list[FieldDefinition] | None = None) -> list[Line]:
    """For the record page, which knows the fields and shows the grade itself: what to do next for this customer, and why."""
    found = Suggestion.objects.visible_to(user).filter(
        customer=customer, state__in=[SuggestionState.OPEN, SuggestionState.POSTPONED]
    )
    open_ones = list(found.select_related("customer", "assignee__department").order_by("-priority"))
    return lines(user, open_ones, on, fields=fields, scored=False)


def read_lines(user: User, found: QuerySet[Suggestion], on: datetime.date, most: int = MOST) -> list[Line]:
    return lines(user, list(found.select_related("customer", "assignee", "assignee__department")[:most]), on)


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
    ids = [one.customer_id for one in suggestions]
    scores = _scores(user, ids) if scored else {}
    known = {one.code: one for one in (fields if fields is not None else FieldDefinition.objects.all())}
    products = _last_products(user, suggestions)
    contacts = _contacts(suggestions)
    company = settings_store.read(CompanyRules).name if any(one.assignee.department is None for one in suggestions) else ""
    made = []
    for one in suggestions:
        acquaintance = _acquaintance(user, one, products.get(one.customer_id), contacts.get(one.customer_id), known, company, on)
        made.append(_line(user, one, scores.get(one.customer_id, ("", "")), acquaintance, known))
    return made


def _contacts(suggestions: list[Suggestion]) -> dict[int, Contact]:
    """Whom to ask for at organisations: the main contact, else the first."""
    companies = [one.customer_id for one in suggestions if one.customer.kind == CustomerKind.ORGANISATION]
    found = Contact.objects.filter(customer__in=companies).order_by("is_main", "-pk") if companies else []
    return {one.customer_id: one for one in found}


def _line(user: User, one: Suggestion, score: tuple[str, str], known: Acquaintance, fields: dict[str, FieldDefinition]) -> Line:
    asked = fields.get(one.facts.get("field", ""))
    label = asked.label(get_language() or "zh-hans") if asked else ""
    classes = {code: definition.confidentiality for code, definition in fields.items()}
    grade, stage = score
    return Line(
        suggestion=one, customer=one.customer, grade=grade, stage=stage,
        reason=reason(one.rule, one.facts, field_label=label), opening=opening(one.rule, one.facts, known),
        mind=mind(known.profile), phone=shown(user, class_of(classes, "phone"), "phone", one.customer.phone),
        contact=known.contact, also=[str(Rule(rule).label) for rule in one.facts.get("also", [])],
    )  # fmt: skip


def _acquaintance(
    user: User, one: Suggestion, product: tuple[str, datetime.date] | None, contact: Contact | None,
    fields: dict[str, FieldDefinition], company: str, on: datetime.date,
) -> Acquaintance:  # fmt: skip
    customer, caller = one.customer, one.assignee
    rights = rights_of(user)
    profile = {
        code: value
        for code, value in customer.profile.items()
        if code not in fields or (fields[code].is_active and rights.shows(fields[code].confidentiality))
    }
    asked = fields.get(one.facts.get("field", ""))
    return Acquaintance(
        name=customer.name, is_person=customer.kind == "person", me=caller.name,
        place=caller.department.name if caller.department else company, contact=contact.name if contact else "",
        sex=str(profile.get("sex", "")), last_product=product[0] if product else "", last_bought_on=product[1] if product else None,
        on=on, profile=profile, question=asked.question(get_language() or "zh-hans") if asked else "",
    )  # fmt: skip


def _scores(user: User, ids: list[int]) -> dict[int, tuple[str, str]]:
    if not rights_of(user).allows(Permission.VALUE_VIEW):
        return {}
    current = Run.objects.filter(is_current=True).values("pk")
    rows = Score.objects.filter(run_id__in=current, customer_id__in=ids).values_list("customer_id", "grade", "stage")
    return {customer: (grade or "", stage or "") for customer, grade, stage in rows}


def _last_products(user: User, suggestions: list[Suggestion]) -> dict[int, tuple[str, datetime.date]]:
    """The main product of each one's last purchase, where the first words speak of it."""
    ids = [one.customer_id for one in suggestions if one.rule in SPEAK_OF_PRODUCT]
    if not ids or not rights_of(user).allows(Permission.ORDER_VIEW):
        return {}
    sql = """
        SELECT c.id, p.name, o.ordered_at FROM unnest(%s::bigint[]) AS c(id)
        JOIN LATERAL (SELECT id, ordered_at FROM zhike_order WHERE customer_id = c.id AND kind = 'sale'
            ORDER BY ordered_at DESC, id DESC LIMIT 1) o ON TRUE
        JOIN LATERAL (SELECT product_id FROM zhike_orderline WHERE order_id = o.id ORDER BY amount DESC, id LIMIT 1) l ON TRUE
        JOIN zhike_product p ON p.id = l.product_id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {customer: (_plain(name), timezone.localtime(at).date()) for customer, name, at in rows}


def _plain(product: str) -> str:
    """Without what stands in brackets: nobody says that on the phone."""
    return product.split("（")[0].split(" (")[0]


def answered_today(user: User, at: datetime.datetime) -> list[Suggestion]:
    """What this person did, postponed or refused today, the latest first."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    states = [SuggestionState.DONE, SuggestionState.POSTPONED, SuggestionState.REFUSED]
    mine = Suggestion.objects.visible_to(user).filter(decided_by=user, decided_at__gte=midnight, state__in=states)
    return list(mine.select_related("customer").order_by("-decided_at")[:MOST])
