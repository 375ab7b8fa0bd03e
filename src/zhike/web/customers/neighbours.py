"""The next and the previous customer of the list that a record was opened from."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from zhike.customers.models import Customer
from zhike.web.lists.paging import Asked, Cursor, take
from zhike.web.lists.screen import State, registered
from zhike.web.lists.views import look_of

SCREEN = "customers"


@dataclass(frozen=True)
class Neighbours:
    """Addresses; empty where there is none."""

    back: str  # the list itself
    previous: str = ""
    next: str = ""
    query: str = ""  # what keeps them on further links: "list=…"


def neighbours(request: HttpRequest, customer: Customer) -> Neighbours:
    """Of the list whose query stands in `?list=`, else of the list that the link was clicked on."""
    screen, query = registered(SCREEN), list_query(request)
    back = reverse("customers")
    if screen is None or query is None:
        return Neighbours(back)
    look = look_of(request)
    screen.prepare(look)
    state = State.read(screen, QueryDict(query), look)
    rows = state.matching[0]
    here = rows.filter(pk=customer.pk).values_list(*[key.path for key in state.keys])[:1]
    kept = urlencode({"list": query})
    if not here:
        return Neighbours(f"{back}?{query}", query=kept)
    place = Cursor(tuple(here[0]), customer.pk)
    after = take(Asked(lambda: rows), state.keys, ["pk"], size=1, cursor=place).rows
    before = take(Asked(lambda: rows), state.keys, ["pk"], size=1, cursor=replace(place, back=True)).rows
    return Neighbours(f"{back}?{query}", _address(before, kept), _address(after, kept), kept)


def list_query(request: HttpRequest) -> str | None:
    if "list" in request.GET:
        return request.GET["list"][:2000]
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc == request.get_host() and came.path == reverse("customers"):
        return came.query[:2000]
    return None


def _address(found: list[dict[str, object]], kept: str) -> str:
    return f"{reverse('customer', args=[found[0]['pk']])}?{kept}" if found else ""
