"""Customers that may be the one in hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from zhike.core import normalise, search, settings_store
from zhike.customers.choices import PairState, SearchState
from zhike.customers.models import Contact, Customer, DuplicatePair, DuplicateSearch, Identifier
from zhike.customers.rules.duplicates import TELLS_HIDDEN
from zhike.customers.settings import DuplicateRules
from zhike.teams.models import User

EXACT = ("phone", "email", "credit_code", "member_no", "wechat", "number")
MOST = 8
NAMES_COMPARED = 60


@dataclass
class Match:
    customer: Customer
    reasons: set[str]


@dataclass
class Matches:
    """Those the person may see, and whether there is one they may not see."""

    seen: list[Match] = field(default_factory=list)
    exists_elsewhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.seen) or self.exists_elsewhere


def find_matches(user: User, entered: Mapping[str, Any], *, but: int | None = None) -> Matches:
    """Matches for what somebody types, before it is saved. `entered` may be half written; what is not valid yet is left out."""
    values = _normalised(entered)
    visible = Customer.objects.visible_to(user)
    seen = matches(visible, values, but=but)[:MOST]
    telling = {code: values[code] for code in TELLS_HIDDEN if values.get(code)}
    elsewhere = False
    if telling and settings_store.read(DuplicateRules).tell_hidden:
        hidden = _exact(Customer.objects.living(), telling, but).exclude(pk__in=visible.values("pk"))
        elsewhere = hidden.exists()
    return Matches(seen, elsewhere)


def matches(among: QuerySet[Customer], values: Mapping[str, Any], *, but: int | None = None) -> list[Match]:
    """The strongest first. `values` are normalised."""
    found: dict[int, Match] = {}
    for customer in _exact(among, values, but).select_related("owner")[: MOST * 4]:
        found[customer.pk] = Match(customer, _reasons(customer, values))
    if values.get("name"):
        for customer in _same_name(among, str(values["name"]), but):
            match = found.setdefault(customer.pk, Match(customer, set()))
            match.reasons |= {"name"} | _reasons(customer, values)
    return sorted(found.values(), key=lambda match: (-len(match.reasons - {"name"}), -match.customer.pk))


def open_pairs(user: User) -> QuerySet[DuplicatePair]:
    """The queue: both customers visible, newest first."""
    visible = Customer.objects.visible_to(user).values("pk")
    pairs = DuplicatePair.objects.filter(state=PairState.OPEN, first__in=visible, second__in=visible)
    return pairs.select_related("first__owner", "second__owner").order_by("-found_at", "-pk")


def latest_search() -> DuplicateSearch | None:
    return DuplicateSearch.objects.order_by("-pk").first()


def search_under_way() -> bool:
    return DuplicateSearch.objects.filter(state__in=[SearchState.WAITING, SearchState.RUNNING]).exists()


def _normalised(entered: Mapping[str, Any]) -> dict[str, Any]:
    values = {code: str(entered.get(code) or "").strip() for code in ("number", "member_no", "wechat")}
    values["phone"] = normalise.phone(str(entered.get("phone") or ""))
    values["email"] = normalise.email(str(entered.get("email") or ""))
    values["credit_code"] = normalise.credit_code(str(entered.get("credit_code") or ""))
    values["name"] = normalise.name(str(entered.get("name") or ""))
    return values


def _exact(among: QuerySet[Customer], values: Mapping[str, Any], but: int | None) -> QuerySet[Customer]:
    """By the indexed columns, and by further phones and e-mails of others; each its own index scan."""
    keys: set[int] = set()
    for code in EXACT:
        if values.get(code):
            keys.update(Customer.objects.living().filter(**{code: values[code]}).values_list("pk", flat=True)[:MOST])
    for kind in ("phone", "email"):
        if values.get(kind):
            same = Identifier.objects.filter(kind=kind, value=values[kind]).values_list("customer_id", flat=True)
            keys.update(same[:MOST])
    if values.get("phone"):
        keys.update(Contact.objects.filter(phone=values["phone"]).values_list("customer_id", flat=True)[:MOST])
    return among.filter(pk__in=keys - {but}) if keys - {but} else among.none()


def _reasons(customer: Customer, values: Mapping[str, Any]) -> set[str]:
    same = {code for code in (*EXACT, "birthday") if values.get(code) and getattr(customer, code) == values[code]}
    return same or ({"phone"} if values.get("phone") and not values.get("name") else set())


def _same_name(among: QuerySet[Customer], name: str, but: int | None) -> list[Customer]:
    key, wanted = normalise.name_key(name), search.wanted(name)
    if len(key) < 2 or not wanted:
        return []
    exact = _without(among, but).filter(name=name).select_related("owner")[:MOST]
    found = {customer.pk: customer for customer in exact}
    if len(found) < MOST:
        for customer in _without(among, but).filter(wanted.condition()).select_related("owner")[:NAMES_COMPARED]:
            if normalise.name_key(customer.name) == key:
                found.setdefault(customer.pk, customer)
    return list(found.values())


def _without(among: QuerySet[Customer], but: int | None) -> QuerySet[Customer]:
    return among if but is None else among.exclude(pk=but)
