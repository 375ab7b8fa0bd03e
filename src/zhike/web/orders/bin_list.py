"""Deleted orders, out of the lines of the audit trail that tell of it; from here they come back."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, DecimalField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from zhike.core import settings_store
from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.customers.settings import BinRules
from zhike.sales import actions
from zhike.sales.models import Order
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Look
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import BulkAction, Column, ListScreen, Said, register
from zhike.web.lists.views import list_page

MOST = 200


def _restore(actor: User, rows: "QuerySet[Any]", answers: dict[str, str]) -> Said:
    """One by one, because each has reasons of its own why it may not come back."""
    done, problems = 0, []
    for key in rows.order_by("pk").values_list("object_id", flat=True)[:MOST]:
        try:
            actions.restore_order(actor=actor, order=key)
            done += 1
        except ValidationError as problem:
            problems += problem.messages
    said = ngettext("%(n)d order is back.", "%(n)d orders are back.", done) % {"n": done}
    return Said(" ".join([said, *dict.fromkeys(problems)]))


def _before(name: str) -> KeyTextTransform:
    """What a value was."""
    return KeyTextTransform("0", KeyTransform(name, "changes"))


class DeletedOrders(ListScreen):
    name, route, title, right = "orders-bin", "orders-deleted", _("Deleted orders"), Permission.ORDER_EDIT
    above = ("orders", _("Orders"))
    order = "-deleted"
    columns = (
        Column("number", _("Order no."), cells.text("object_name", short=22), phone="title"),
        Column("customer", _("Customer"), cells.text("customer_name", short=22), phone="line"),
        Column("amount", _("Amount"), cells.money("amount"), phone="side"),
        Column("by", _("Deleted by"), cells.text("actor_name"), phone="line"),
        Column("deleted", _("Deleted"), cells.ago("at"), Key("at"), phone="line"),
    )
    filters = (filters.Dates("deleted", _("Deleted"), "at", moment=True),)
    actions = (BulkAction("restore", _("Restore"), Permission.ORDER_EDIT, _restore, explain=_("At most 200 at once.")),)
    nothing_yet = (_("No deleted orders"), _("Deleted orders wait here and can be restored."))

    def rows(self, look: Look) -> "QuerySet[AuditEntry]":
        since = look.at - datetime.timedelta(days=settings_store.read(BinRules).keep_days)
        told = AuditEntry.objects.filter(object_type="order", verb=AuditVerb.DELETED, at__gte=since)
        later = AuditEntry.objects.filter(object_type="order", object_id=OuterRef("object_id"), pk__gt=OuterRef("pk"))
        customers = Customer.objects.visible_to(look.user)
        known = told.annotate(customer_key=Cast(_before("customer_id"), BigIntegerField()), amount=Cast(_before("amount"), _MONEY))
        named = known.annotate(customer_name=Subquery(customers.filter(pk=OuterRef("customer_key")).values("name")[:1]))
        return named.filter(~Exists(later), ~Exists(Order.objects.filter(pk=OuterRef("object_id"))), customer_name__isnull=False)

    def note(self) -> str:
        return gettext("kept for at least %(n)s days") % {"n": settings_store.read(BinRules).keep_days}


_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=14, decimal_places=2)
DELETED = register(DeletedOrders())


def deleted(request: HttpRequest) -> HttpResponse:
    return list_page(request, DELETED)
