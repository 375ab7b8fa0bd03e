"""The filters of the customer list. A filter that would tell what the caller may not see is refused, not answered."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from zhike.api.problems import bad_field
from zhike.api.schemas.customers import CustomerFilter
from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.queries.customer_list import customers_with_scores, matching

EXACT = {
    "kind": "kind", "owner": "owner__in", "in_pool": "owner__isnull", "department": "department__in", "source": "source__in",
    "region": "region__startswith", "tag": "tags__overlap", "grade": "score__grade__in", "stage": "score__stage__in",
    "rfm_class": "score__rfm_class__in", "number": "number", "parent": "parent", "created_from": "created_at__gte",
    "created_until": "created_at__lt", "updated_from": "updated_at__gte", "updated_until": "updated_at__lt",
    "contacted_from": "last_contact_at__gte", "contacted_until": "last_contact_at__lt",
    "never_contacted": "last_contact_at__isnull", "last_order_from": "score__last_on__gte",
    "last_order_until": "score__last_on__lte", "clv_from": "score__clv__gte",
    "clv_until": "score__clv__lte", "revenue_from": "score__revenue__gte", "revenue_until": "score__revenue__lte",
}  # fmt: skip
RIGHTS = {
    "rfm_class": Permission.VALUE_VIEW, "clv": Permission.VALUE_VIEW, "revenue": Permission.ORDER_VIEW,
    "orders": Permission.ORDER_VIEW, "last_order": Permission.ORDER_VIEW,
}  # fmt: skip
FIELDS = {"region": "region", "tag": "tags", "number": "number", "source": "source_id", "kind": "kind"}
COLUMNS = {"clv": "score_clv", "revenue": "score_revenue", "orders": "score_orders", "last_order": "score_last_order"}


def found(user: User, query: CustomerFilter) -> "tuple[QuerySet[Customer], QuerySet[Customer]]":
    """The visible customers that the filters leave: once to be shown in an order, once to be counted."""
    given = {name: value for name, value in query.given().items() if value not in (None, "", [])}
    _refuse_hidden(user, given)
    rows = customers_with_scores(user).filter(_where(user, given))
    return matching(rows, query.q) if query.q.strip() else (rows, rows)


def check_sort(user: User, sort: str) -> None:
    name = sort.removeprefix("-")
    if name in RIGHTS and not rights_of(user).allows(RIGHTS[name]):
        raise bad_field("sort", _("You may not order by this."))
    if name == "name" and masking.is_masked(user, masking.class_of(masking.field_classes(), "name")):
        raise bad_field("sort", _("You may not order by this."))


def _where(user: User, given: dict[str, Any]) -> Q:
    where = Q(**{lookup: given[name] for name, lookup in EXACT.items() if name in given})
    if "parent" in given and not Customer.objects.visible_to(user).filter(pk=given["parent"]).exists():
        where &= Q(pk__in=[])
    return where


def _refuse_hidden(user: User, given: dict[str, Any]) -> None:
    rights, classes = rights_of(user), masking.field_classes()
    for name in given:
        right = RIGHTS.get(name.removesuffix("_from").removesuffix("_until"))
        hidden = name in FIELDS and masking.is_masked(user, masking.class_of(classes, FIELDS[name]))
        if hidden or (right and not rights.allows(right)):
            raise bad_field(name, _("You may not filter by this."))
