"""Entering an order and changing one: customer, day, and either an amount or lines."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core import normalise
from zhike.customers.models import Customer
from zhike.sales import actions
from zhike.sales.models import Order, Product
from zhike.sales.queries import order_with_lines, product_by_words
from zhike.sales.remains import mark_of
from zhike.sales.rules import Line, total
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.loading import expect_orders
from zhike.value.queries import standing_of
from zhike.web import formats
from zhike.web.once import once
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.credit import in_words

EMPTY_LINES = 3
MOST_LINES = 200
OFFERED_PRODUCTS = 300
FIELDS = ("order_no", "ordered_at", "amount", "cost", "channel", "region", "due_on", "paid_on")


@dataclass
class Entered:
    """What somebody typed, and what is wrong with it."""

    texts: dict[str, str]
    rows: list[dict[str, str]]
    problems: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, posted: QueryDict) -> "Entered":
        columns = [posted.getlist(name)[:MOST_LINES] for name in ("product", "quantity", "unit_price", "line_cost")]
        rows = [dict(zip(("product", "quantity", "unit_price", "cost"), row, strict=True)) for row in zip(*columns, strict=False)]
        return cls(
            {name: posted.get(name, "").strip() for name in (*FIELDS, "customer")}, [row for row in rows if row["product"].strip()]
        )

    def fail(self, name: str, text: str) -> None:
        self.problems.setdefault(name, []).append(text)

    def number(self, name: str, text: str) -> Decimal | None:
        if not text.strip():
            return None
        try:
            value = Decimal(normalise.full_width(text).replace(",", "").strip())
        except InvalidOperation:
            value = Decimal("nan")
        if not value.is_finite() or abs(value) > 10**11:
            self.fail(name, _("“%(text)s” is not a number.") % {"text": text[:30]})
            return None
        return value

    def moment(self) -> datetime.datetime | None:
        text = self.texts["ordered_at"]
        try:
            found = (
                parse_datetime(text)
                if len(text) > 10
                else datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time())
            )
        except ValueError:
            found = None
        if found is None:
            self.fail("ordered_at", _("Give the day of the order."))
            return None
        return found if timezone.is_aware(found) else timezone.make_aware(found)

    def day(self, name: str) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(self.texts[name]) if self.texts[name] else None
        except ValueError:
            self.fail(name, _("Write the day as 2026-03-01."))
            return None

    def lines(self) -> list[Line]:
        lines = []
        for row in self.rows:
            product = product_by_words(row["product"])
            quantity, price, cost = (self.number("lines", row[name]) for name in ("quantity", "unit_price", "cost"))
            if product is None:
                self.fail("lines", _("There is no product “%(text)s”.") % {"text": row["product"][:60]})
            else:
                price = product.price if price is None else price
                lines.append(Line(product.pk, Decimal(1) if quantity is None else quantity, price or Decimal(0), cost))
        return lines

    def values(self) -> dict[str, Any]:
        return {
            "order_no": self.texts["order_no"],
            "ordered_at": self.moment(),
            "amount": self.number("amount", self.texts["amount"]),
            "cost": self.number("cost", self.texts["cost"]),
            "channel": self.texts["channel"][:40],
            "region": self.texts["region"][:60],
            "due_on": self.day("due_on"),
            "paid_on": self.day("paid_on"),
        }


@require_http_methods(["GET", "POST"])
@needs(Permission.ORDER_EDIT)
@once
def new(request: HttpRequest) -> HttpResponse:
    """`?customer=` names the customer by id."""
    actor = signed_in_person(request)
    if request.method == "GET":
        given = request.GET.get("customer", "")
        known = Customer.objects.visible_to(actor).filter(pk=int(given) if given.isascii() and given.isdigit() else 0).first()
        texts = {"customer": f"#{known.pk} {known.name}" if known else "", "ordered_at": f"{timezone.localdate():%Y-%m-%d}"}
        expect_orders()
        return _form(request, Entered(dict.fromkeys(FIELDS, "") | texts, []), credit=_credit(actor, known))
    entered = Entered.read(request.POST)
    customer = customer_by_words(actor, entered)
    values, lines = entered.values(), entered.lines()
    if not entered.problems and customer:
        beyond = "" if "beyond" in request.POST else _beyond(actor, customer, values, lines)
        if beyond:
            return _form(request, entered, beyond=beyond)
        try:
            made = actions.record_order(actor=actor, customer=customer, lines=lines, **values)
        except ValidationError as problem:
            entered.problems = _by_field(problem)
        else:
            say(request, _("The order is entered."), url=reverse("order-new"), label=_("Next order"))
            return HttpResponseRedirect(reverse("order", args=[made.pk]))
    return _form(request, entered)


@require_http_methods(["GET", "POST"])
@needs(Permission.ORDER_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    order = get_object_or_404(order_with_lines(actor), pk=pk)
    if request.method == "GET":
        expect_orders()
        return _form(request, _entered_from(order), order)
    entered, mark = Entered.read(request.POST), request.POST.get("mark")
    values, lines = entered.values(), entered.lines()
    if not entered.problems:
        try:
            if lines or order.lines.all():
                actions.change_order(actor=actor, order=pk, lines=lines, mark=mark, **values)
            else:
                actions.change_order(actor=actor, order=pk, mark=mark, **values)
        except ValidationError as problem:
            entered.problems = _by_field(problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("order", args=[pk]))
    return _form(request, entered, order)


def _credit(actor: User, customer: Customer | None) -> str:
    standing = standing_of(actor, customer.pk, timezone.localdate()) if customer else None
    return in_words(standing) if standing and standing.grade else ""


def _beyond(actor: User, customer: Customer, values: dict[str, Any], lines: list[Line]) -> str:
    """What to think of before an order on account goes beyond the customer's limit; it may be entered all the same."""
    if not values["due_on"] or values["paid_on"]:
        return ""
    standing = standing_of(actor, customer.pk, timezone.localdate())
    amount = total(lines) if lines else values["amount"] or Decimal(0)
    if standing is None or standing.free is None or amount <= max(standing.free, Decimal(0)):
        return ""
    account = standing.account
    figures = {"then": account.open + amount, "limit": standing.limit, "late": account.overdue}
    told = {name: formats.money(value) for name, value in figures.items()}
    text = _("Beyond the limit: with this order %(then)s would be open, the limit is %(limit)s.") % told
    return text + (" " + _("%(late)s of it are overdue.") % told if account.overdue else "")


def customer_by_words(actor: User, entered: Entered) -> Customer | None:
    """By #id, number, phone or the whole name; a name that several have is not guessed."""
    text = entered.texts["customer"]
    visible = Customer.objects.visible_to(actor)
    head = text.removeprefix("#").split(" ")[0]
    if text.startswith("#") and head.isascii() and head.isdigit():
        found = list(visible.filter(pk=int(head))[:1])
    else:
        phone = normalise.phone(text)
        found = (
            list(visible.filter(Q(number=text) | Q(name=normalise.name(text)) | (Q(phone=phone) if phone else Q(pk=None)))[:2])
            if text
            else []
        )
    if len(found) == 1:
        return found[0]
    several = _("Several customers are called so; give the number or the phone.")
    entered.fail("customer", several if found else _("There is no such customer."))
    return None


def _entered_from(order: Order) -> Entered:
    texts = {name: "" if getattr(order, name) is None else str(getattr(order, name)) for name in FIELDS}
    texts["ordered_at"] = f"{timezone.localtime(order.ordered_at):%Y-%m-%d %H:%M}"
    rows = [
        {"product": line.product.code, "quantity": f"{line.quantity.normalize():f}",
         "unit_price": f"{line.unit_price.normalize():f}",
         "cost": "" if line.cost is None else str(line.cost)} for line in order.lines.all()
    ]  # fmt: skip
    return Entered(texts, rows)


def _by_field(problem: ValidationError) -> dict[str, list[str]]:
    return problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}


def _form(
    request: HttpRequest, entered: Entered, order: Order | None = None, *, credit: str = "", beyond: str = ""
) -> HttpResponse:
    empty = {"product": "", "quantity": "", "unit_price": "", "cost": ""}
    context = {
        "order": order, "mark": mark_of(order) if order else "", "texts": entered.texts,
        "rows": [*entered.rows, *[empty] * EMPTY_LINES],
        "problems": {name: " ".join(texts) for name, texts in entered.problems.items()},
        "credit": credit, "beyond": beyond,
        "products": Product.objects.filter(is_active=True).order_by("name")[:OFFERED_PRODUCTS],
    }  # fmt: skip
    return page(request, "orders/form.html", context, status=422 if entered.problems or beyond else 200)
