"""The filters of the customer list. A filter that would tell what the caller may not see is refused, not answered."""

from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractMonth
from django.utils.translation import gettext as _

from zhike.api import profile_filters
from zhike.api.problems import bad_field
from zhike.api.schemas.customers import CustomerFilter
from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.customers.queries.in_plain import hidden_from
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.queries.customer_list import customers_with_scores, matching

EXACT = {
    "kind": "kind", "owner": "owner__in", "in_pool": "owner__isnull", "department": "department__in", "source": "source__in",
    "region": "region__startswith", "tag": "tags__overlap", "grade": "score_grade__in", "stage": "score_stage__in",
    "rfm_class": "score_rfm_class__in", "number": "number", "created_from": "created_at__gte",
    "created_until": "created_at__lt", "updated_from": "updated_at__gte", "updated_until": "updated_at__lt",
    "contacted_from": "last_contact_at__gte", "contacted_until": "last_contact_at__lt",
    "never_contacted": "last_contact_at__isnull", "last_order_from": "score_last_on__gte",
    "last_order_until": "score_last_on__lte", "clv_from": "score_clv__gte",
    "clv_until": "score_clv__lte", "revenue_from": "score_revenue__gte", "revenue_until": "score_revenue__lte",
    "treatment": "score_treatment__in", "segment": "score_segment__in", "channel": "preferred_channel__in",
    "r": "score_r_score__in", "f": "score_f_score__in", "m": "score_m_score__in",
    "orders_from": "score_orders__gte", "orders_until": "score_orders__lte",
    "frequency_from": "score_frequency__gte", "frequency_until": "score_frequency__lte",
    "first_order_from": "score_first_on__gte", "first_order_until": "score_first_on__lte",
    "silence_from": "score_silence_ratio__gte", "silence_until": "score_silence_ratio__lte",
    "p_alive_from": "score_p_alive__gte", "p_alive_until": "score_p_alive__lte", "batch": "batch__in",
}  # fmt: skip
OF_VALUE = ("rfm_class", "clv", "treatment", "segment", "r", "f", "m", "frequency", "silence", "p_alive")
OF_ORDERS = ("revenue", "orders", "first_order", "last_order")
RIGHTS = {
    "batch": Permission.CUSTOMER_IMPORT, **dict.fromkeys(OF_VALUE, Permission.VALUE_VIEW),
    **dict.fromkeys(OF_ORDERS, Permission.ORDER_VIEW),
}  # fmt: skip
FIELDS = {
    "region": "region", "tag": "tags", "number": "number", "source": "source_id", "kind": "kind", "birthday_month": "birthday",
    "channel": "preferred_channel",
}  # fmt: skip
COLUMNS = {"clv": "score_clv", "revenue": "score_revenue", "orders": "score_orders", "last_order": "score_last_order"}


def found(user: User, query: CustomerFilter) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """The visible customers that the filters leave: once to be shown in an order, once to be counted."""
    given = {name: value for name, value in query.given().items() if value not in (None, "", [])}
    classes = masking.field_classes()
    _refuse_hidden(user, given, classes)
    rows = customers_with_scores(user).filter(_where(user, given))
    return matching(rows, query.q, hidden_from(user, classes)) if query.q.strip() else (rows, rows)


def check_sort(user: User, sort: str) -> None:
    name = sort.removeprefix("-")
    if name in RIGHTS and not rights_of(user).allows(RIGHTS[name]):
        raise bad_field("sort", _("You may not order by this."))
    if name == "name" and masking.is_masked(user, masking.class_of(masking.field_classes(), "name")):
        raise bad_field("sort", _("You may not order by this."))


def _where(user: User, given: dict[str, Any]) -> Q:
    wheres: dict[str, Q] = {}
    for name, value in given.items():
        if name in EXACT or name in ODD:
            one = ODD[name](user, value) if name in ODD else Q(**{EXACT[name]: value})
            wheres[_of(name)] = wheres.get(_of(name), Q()) & one
    wheres |= profile_filters.wheres(user, given.get("profile", []))
    either = given.get("either", [])
    if missing := [name for name in either if name not in wheres]:
        raise bad_field("either", _("There is no filter “%(name)s” here.") % {"name": missing[0]})
    enough = reduce(or_, [wheres.pop(name) for name in dict.fromkeys(either)], Q())
    return reduce(and_, wheres.values(), enough)


def _of(name: str) -> str:
    """Both ends of a range are one filter."""
    return name.removesuffix("_from").removesuffix("_until")


def _below(user: User, parent: int) -> Q:
    return Q(parent=parent) if Customer.objects.visible_to(user).filter(pk=parent).exists() else Q(pk__in=[])


def _born_in(user: User, months: list[int]) -> Q:
    """By the index over month and day."""
    born = Customer.objects.annotate(month=ExtractMonth("birthday")).filter(month__in=months, birthday__isnull=False)
    return Q(pk__in=born.values("pk"))


ODD: dict[str, Callable[[User, Any], Q]] = {
    "parent": _below,
    "birthday_month": _born_in,
    "has_phone": lambda user, value: ~Q(phone="") if value else Q(phone=""),
}


def _refuse_hidden(user: User, given: dict[str, Any], classes: dict[str, str]) -> None:
    rights = rights_of(user)
    for name in given:
        right = RIGHTS.get(_of(name))
        hidden = name in FIELDS and masking.is_masked(user, masking.class_of(classes, FIELDS[name]))
        if hidden or (right and not rights.allows(right)):
            raise bad_field(name, _("You may not filter by this."))
