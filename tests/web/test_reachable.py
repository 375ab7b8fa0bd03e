"""Every screen can be reached by clicking, from the start page on."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from tests.teams.company import administrator, person
from tests.web.route_expectations import PUBLIC, ROUTES
from zhike.care.models import Suggestion
from zhike.customers.models import Customer

# Led to otherwise: after sending a form, or by people who make the product.
OTHERWISE = {"design", "sign-out", "setup-demo", "me-recovery-codes", "me-second-factor-remove"}
# Of an empty company there is nothing yet to lead there: a run, an analysis, answers.
LATER = {"value-calculator", "value-credit", "answers"}


@pytest.mark.django_db
def test_every_screen_is_reached_by_clicking(client: Client) -> None:
    client.force_login(administrator())
    one = Customer.objects.create(name="李雷")
    Suggestion.objects.create(
        customer=one, assignee=person("韩梅梅"), rule="birthday", gain=1, priority=1, due_on=timezone.localdate(), channel="phone",
        facts={"birthday_on": timezone.localdate().isoformat(), "lunar": False},
    )  # fmt: skip
    waiting, seen, known = ["/"], {"/"}, set[str]()
    while waiting:
        path = waiting.pop()
        answer = client.get(path, follow=True)
        path = answer.request["PATH_INFO"]
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        known.add(name_of(path))
        for link in re.findall(r'(?:href|hx-get|action)="([^"#]+)', answer.content.decode()):
            address = urlsplit(urljoin(path, unescape(link)))
            if address.path not in seen and not address.netloc and name_of(address.path):
                seen.add(address.path)
                waiting.append(address.path)
    screens = {
        name_of(f"/{route}") for route, lines in ROUTES.items() if "<" not in route and lines != PUBLIC and is_screen(client, route)
    }
    assert screens - known - OTHERWISE - LATER == set()


def name_of(path: str) -> str:
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def is_screen(client: Client, route: str) -> bool:
    if route.startswith("api/"):
        return False
    answer = client.get(f"/{route}")
    return answer.status_code == 200 and answer.content.startswith(b"<!doctype html>")
