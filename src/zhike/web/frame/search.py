"""What the palette finds: customers, screens, actions, saved views; at most eight of a kind, and only what this person may see."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.core import normalise
from zhike.core.search import tokens_for, wanted
from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.customers.queries.lookup import look_up_phone
from zhike.teams.access import rights_of
from zhike.teams.models import SavedView, User
from zhike.value.queries.customer_list import matching
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
        (_("Actions"), _places(ACTIONS, user, text)),
        (_("Screens"), _places(PLACES, user, text)),
        (_("Saved views"), _views(user, text)),
    ]
    kinds = [{"label": label, "items": items[:MOST]} for label, items in found if items]
    return JsonResponse({"kinds": kinds, "open": _called(user, text)}, json_dumps_params={"ensure_ascii": False})


def _customers(user: User, text: str) -> list[Item]:
    if not text or not address("customers"):
        return []
    rows, _counted = matching(Customer.objects.visible_to(user), text)
    masked = masking.class_of(masking.field_classes(), "phone")
    found = rows.order_by("-updated_at", "-pk").values_list("pk", "name", "phone", "region", "owner__name")[:MOST]
    return [
        {
            "text": name,
            "hint": " · ".join(filter(None, (masking.shown(user, masked, "phone", phone), region, owner))),
            "url": record_address("customer") % pk,
        }
        for pk, name, phone, region, owner in found
    ]


def _called(user: User, text: str) -> str:
    """The page of the caller: when a whole number was given and one customer has it."""
    if not normalise.phone(text):
        return ""
    found = look_up_phone(user, text)
    return record_address("customer") % found[0].pk if len(found) == 1 else ""


def _places(places: Iterable[Place], user: User, text: str) -> list[Item]:
    rights = rights_of(user)
    open_to = [
        place for place in places if address(place.route) and (not place.rights or any(rights.allows(one) for one in place.rights))
    ]
    return [
        {"text": str(place.label), "hint": "", "url": address(place.route)} for place in open_to if _fits(str(place.label), text)
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
