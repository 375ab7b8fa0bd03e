"""The list of orders."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from zhike.customers import masking
from zhike.customers.choices import ImportKind
from zhike.customers.models import Customer
from zhike.customers.queries.in_plain import hidden_from
from zhike.sales.choices import OrderKind
from zhike.sales.models import UNPAID, Order
from zhike.teams.choices import Permission
from zhike.value.queries.customer_list import matching
from zhike.web import formats
from zhike.web.jinja import templates
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.imports import finished_imports
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import Column, Group, ListScreen, Sum, register
from zhike.web.lists.views import list_page

MOST_CUSTOMERS = 1000  # whose orders a search by name shows


def _number() -> Drawn:
    """The order's number opens it; orders without one are opened by their id."""
    linked = cells.link("shown_no", "order")
    return Drawn(
        ("order_no", "pk"),
        lambda row, look: linked.cell(row | {"shown_no": row["order_no"] or f"#{row['pk']}"}, look),
        _plain_number,
    )


def _plain_number(row: dict[str, Any], look: Look) -> str:
    return row["order_no"] or f"#{row['pk']}"


def _kind(code: str, label: str) -> Any:
    ui: Any = templates().globals["ui"]
    return ui.chip(label, "warn") if code == OrderKind.RETURN else label


PAYMENT = {"open": _("not paid yet"), "overdue": _("overdue"), "paid": _("paid")}


class Payment(filters.Choice):
    """Of orders on account: how far they are paid today."""

    def where(self, value: Any, look: Look) -> Q:
        asked = {
            "open": UNPAID,
            "overdue": UNPAID & Q(due_on__lt=look.today),
            "paid": Q(due_on__isnull=False, paid_on__isnull=False),
        }
        return reduce(or_, [asked[code] for code in value])


class OrderList(ListScreen):
    name, route, title, right = "orders", "orders", _("Orders"), Permission.ORDER_VIEW
    order = "-date"
    columns = (
        Column("number", _("Order no."), _number(), phone="title"),
        Column("date", _("Date"), cells.day("ordered_at"), Key("ordered_at"), phone="line"),
        Column(
            "customer",
            _("Customer"),
            cells.link("customer__name", "customer", id_path="customer_id"),
            Key("customer__name"),
            phone="line",
        ),
        Column("kind", _("Kind"), cells.choice("kind", OrderKind, _kind)),
        Column("quantity", _("Quantity"), cells.number("quantity"), shown=False),
        Column("amount", _("Amount"), cells.money("amount"), Key("amount", narrow=True), phone="side"),
        Column("cost", _("Cost"), cells.money("cost"), shown=False),
        Column("channel", _("Channel"), cells.text("channel", short=14)),
        Column("region", _("Region"), cells.text("region", short=14), shown=False),
        Column("due", _("To be paid by"), cells.day("due_on"), Key("due_on", nullable=True), shown=False),
        Column("paid", _("Paid on"), cells.day("paid_on"), shown=False),
        Column("owner", _("Owner"), cells.text("customer__owner__name"), shown=False),
    )
    filters = (
        filters.Dates("date", _("Date"), "ordered_at", moment=True),
        filters.Numbers("amount", _("Amount"), "amount", unit="¥"),
        filters.Choice("kind", _("Kind"), "kind", options=lambda look: OrderKind.choices),
        Payment("payment", _("Payment"), "due_on", options=lambda look: PAYMENT.items()),
        filters.Dates("due", _("To be paid by"), "due_on"),
        filters.Text("channel", _("Channel begins with"), "channel"),
        filters.Text("region", _("Region begins with"), "region"),
        filters.Numbered(
            "batch",
            _("Import"),
            "batch",
            Permission.CUSTOMER_IMPORT,
            options=lambda look: finished_imports(look, ImportKind.ORDERS),
        ),
    )
    see_also = (
        ("products", _("Products and prices"), Permission.ORDER_VIEW),
        ("orders-deleted", _("Deleted orders"), Permission.ORDER_EDIT),
    )
    quick_view = True
    groups = (
        Group("kind", _("Kind"), "kind", "kind", lambda value, look: str(OrderKind(value).label)),
        Group("channel", _("Channel"), "channel", "channel", lambda value, look: value or gettext("none yet")),
        Group("region", _("Region"), "region", "region", lambda value, look: value or gettext("none yet")),
    )
    sums = (Sum(_("Amount"), "amount", formats.money),)
    export_right = Permission.CUSTOMER_EXPORT
    search_hint = _("Order no., customer or phone")
    nothing_yet = (_("No orders yet"), _("Import a file of orders, or enter the first one."))
    first_steps = (("imports", _("Import"), Permission.CUSTOMER_IMPORT), ("order-new", _("New order"), Permission.ORDER_EDIT))

    def rows(self, look: Look) -> "QuerySet[Any]":
        return Order.objects.visible_to(look.user)

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        """An order whose number begins so; if there is none, the orders of the customers that the words find."""
        numbered = rows.filter(order_no__startswith=text).exclude(order_no="")
        if numbered.exists():
            return numbered, numbered
        hidden = hidden_from(look.user, masking.field_classes())
        customers = matching(Customer.objects.visible_to(look.user), text, hidden)[1].order_by()
        found = rows.filter(customer__in=list(customers.values_list("pk", flat=True)[:MOST_CUSTOMERS]))
        return found, found


ORDERS = register(OrderList())


def orders(request: HttpRequest) -> HttpResponse:
    return list_page(request, ORDERS)
