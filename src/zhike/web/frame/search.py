"""What the palette finds: records, actions, screens, saved views; at most eight of a kind, and only what this person may see."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import normalise
from zhike.core.search import tokens_for, wanted
from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.customers.queries.in_plain import hidden_from
from zhike.customers.queries.lookup import look_up_phone
from zhike.sales.models import Order, Product
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import SavedView, User
from zhike.value.queries.customer_list import matching
from zhike.web import formats
from zhike.web.frame.places import ACTIONS, PLACES, Place
from zhike.web.layout import address, record_address
from zhike.web.lists.screen import all_screens
from zhike.web.lists.views import views_for

MOST = 8
Item = dict[str, str]


def search(request: HttpRequest) -> JsonResponse:
    """`open` is the page of the one customer whose whole phone number was asked for."""
    user = request.user
    assert isinstance(user, User)
    text = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = [
        (_("Customers"), _customers(user, text)),
        (_("Orders"), _orders(user, text)),
        (_("Products"), _products(user, text)),
        (_("Actions"), _places(ACTIONS, user, text)),
        (_("Screens"), _places(PLACES, user, text)),
        (_("Saved views"), _views(user, text)),
    ]
    kinds = [{"label": label, "items": items[:MOST]} for label, items in found if items]
    return JsonResponse({"kinds": kinds, "open": _called(user, text)}, json_dumps_params={"ensure_ascii": False})


def _customers(user: User, text: str) -> list[Item]:
    if not text or not address("customers"):
        return []
    classes = masking.field_classes()
    rows, _counted = matching(Customer.objects.visible_to(user), text, hidden_from(user, classes))
    masked = masking.class_of(classes, "phone")
    found = rows.order_by("-updated_at", "-pk").values_list("pk", "name", "phone", "region", "owner__name")[:MOST]
    return [
        {
            "text": name,
            "hint": " · ".join(filter(None, (masking.shown(user, masked, "phone", phone), region, owner))),
            "url": record_address("customer") % pk,
        }
        for pk, name, phone, region, owner in found
    ]


def _orders(user: User, text: str) -> list[Item]:
    """By the beginning of the number, for which there is an index; what looks like none is not asked for."""
    if len(text) < 3 or not any(sign.isdigit() for sign in text):
        return []
    rows = Order.objects.visible_to(user).filter(order_no__startswith=text).exclude(order_no="").order_by("order_no")
    return [
        {"text": number, "hint": f"{name} · {formats.money(amount)}", "url": record_address("order") % pk}
        for pk, number, name, amount in rows.values_list("pk", "order_no", "customer__name", "amount")[:MOST]
    ]


def _products(user: User, text: str) -> list[Item]:
    if not text or not rights_of(user).allows(Permission.ORDER_VIEW):
        return []
    rows = Product.objects.filter(Q(code__istartswith=text) | Q(name__icontains=text), is_active=True).order_by("name", "pk")
    return [
        {"text": name, "hint": code, "url": record_address("product") % pk}
        for pk, name, code in rows.values_list("pk", "name", "code")[:MOST]
    ]


def _called(user: User, text: str) -> str:
    """The page of the caller: when a whole number was given and one customer has it."""
    if not normalise.phone(text):
        return ""
    found = look_up_phone(user, text)
    return record_address("customer") % found[0].pk if len(found) == 1 else ""


def _places(places: Iterable[Place], user: User, text: str) -> list[Item]:
    rights = rights_of(user)
    return [
        {"text": str(place.label), "hint": "", "url": address(place.route)}
        for place in places
        if place.is_open_to(rights) and _fits(str(place.label), text)
    ]


def _views(user: User, text: str) -> list[Item]:
    rights = rights_of(user)
    screens: dict[str, Any] = {screen.name: screen for screen in all_screens() if screen.is_open_to(rights)}
    views: list[SavedView] = list(views_for(user).filter(screen__in=screens).order_by("-is_pinned", "name", "pk")[:200])
    return [
        {
            "text": view.name,
            "hint": str(screens[view.screen].title),
            "url": f"{reverse(screens[view.screen].route)}?{view.query}{'&' if view.query else ''}view={view.pk}",
        }
        for view in views
        if _fits(view.name, text)
    ]


def _fits(label: str, text: str) -> bool:
    """By fragment, pinyin or initials, like customers."""
    if not text or text.casefold() in label.casefold():
        return True
    asked = wanted(text)
    return asked is not None and asked.found_in(set(tokens_for(label)))
