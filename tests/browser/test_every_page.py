"""Every page of the product, from the URL table: axe finds nothing serious, it fits its width, the browser does not complain."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.browser.test_record import full
from tests.value import test_runs
from tests.web.route_expectations import ROUTES
from tests.web.test_route_rights import address, hidden_records, routes
from zhike.teams.actions import give_notice
from zhike.teams.models import User
from zhike.value import actions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_partitions_left")]
# Further states of pages, and those whose address has a word in it.
LISTS = (
    "sort=name&density=compact", "q=没有", "show=filters", "show=view", "show=export", "group=grade",
    "grade=key&stage=stable&either=grade,stage",
)  # fmt: skip
TABS = ("profile", "contacts", "relationships", "orders", "value", "files", "history")
FORMS = ("edit", "record", "plan", "merge", "consents/new", "contacts/new", "share", "transfer", "reveal/phone", "facts/region")
WORDS = ("/help/record/", "/plans/?view=month", "/plans/?view=week", "/lookup/?phone=8000", "/orders/?group=channel")
KINDS = ("segments", "voice")


def addresses(administrator: User) -> Iterator[str]:
    records = hidden_records()
    one = full(administrator)
    for route in routes():
        if not route.startswith(("api/", "sign-out", "setup")):
            lines = ROUTES[route]
            yield address(route, records, (lines[0] if isinstance(lines, tuple) else lines).of)
    yield from (f"/customers/?{query}" for query in LISTS)
    yield from (f"/customers/{one.pk}/?tab={tab}" for tab in TABS)
    yield from (f"/customers/{one.pk}/{form}/" for form in FORMS)
    yield from WORDS
    yield from (f"/value/analyses/{kind}/" for kind in KINDS)


def is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    is_html = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    return is_html and answer.content.startswith(b"<!doctype html>")  # else a part of a page


@pytest.mark.parametrize(("scheme", "width", "half"), [("light", 1280, 0), ("dark", 360, 1)])
def test_every_page_is_accessible_quiet_and_fits(
    watched: Watched,
    client: Client,
    administrator: User,
    serious_problems: Callable[[Page], list[str]],
    scheme: Any,
    width: int,
    half: int,
) -> None:
    """At a desk in the light one half of them, on a phone in the dark the other."""
    test_runs.little_shop()
    actions.run_scoring(actor=None, as_of=test_runs.DAY)
    give_notice(to=[administrator.pk], kind="backup.made", params={"rows": 12345}, url="/help/")
    client.force_login(administrator)
    pages = [path for path in addresses(administrator) if is_page(client, path)]
    assert len(pages) > 100
    page = watched.page(user=administrator, width=width, color_scheme=scheme, bypass_csp=True)
    wrong: list[str] = []
    for path in pages[half::2]:
        page.goto(path, wait_until="load")
        wrong += [f"{path} {problem}" for problem in serious_problems(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{path} is wider than the screen")
    assert not wrong, "\n".join(wrong)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
