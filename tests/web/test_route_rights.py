"""Every route, asked by people who may not: from the URL table, so that a new route without an expectation fails."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from tests.teams.company import administrator, department, person
from tests.web.route_expectations import ROUTES, Expectation
from zhike.api.app import api
from zhike.care.choices import Rule
from zhike.care.models import Suggestion
from zhike.customers.choices import Channel, InteractionKind, MassKind, RelationshipKind
from zhike.customers.models import Customer, DuplicatePair, ImportBatch, Interaction, MassChange, Merge
from zhike.sales.models import Order
from zhike.teams import actions
from zhike.teams.choices import Permission, Scope
from zhike.teams.models import ApiToken, ExportRequest, User
from zhike.value.models import CreditDecision

pytestmark = pytest.mark.django_db
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
NOT_ASKED = 405  # the route does not take this method
EVERYTHING = list(Permission)
Cell = tuple[str, str, Expectation]


def routes() -> Iterator[str]:
    """All but the operations of the REST API, which tests/api/test_rights.py takes from the OpenAPI file."""

    def walk(patterns: list[Any], before: str) -> Iterator[str]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield before + str(one.pattern)

    operations = {re.sub(r"\{\w+\}", "<>", path.lstrip("/")) for path in api.get_openapi_schema()["paths"]}
    for route in dict.fromkeys(walk(get_resolver().url_patterns, "")):
        if re.sub(r"<[^>]+>", "<>", route) not in operations:
            yield route


def cells(chosen: Callable[[Expectation], bool]) -> list[Cell]:
    """Route × method with its expectation, for the expectations that a test is about."""
    found = []
    for route in routes():
        lines = ROUTES.get(route, ())
        for line in lines if isinstance(lines, tuple) else (lines,):
            if chosen(line):
                found += [(route, method, line) for method in line.only]
    return found


PERMISSIONS = sorted({line.permissions for _route, _method, line in cells(lambda line: bool(line.permissions))})


def hidden_records() -> dict[str, int]:
    """One record of each kind that belongs to somebody else, in another department."""
    owner = person("林涛", department=department())
    customer = Customer.objects.create(name="别人的客户", owner=owner, department=owner.department)
    now = timezone.now()
    other = Customer.objects.create(name="另一位", owner=owner, department=owner.department)
    gone = Customer.objects.create(name="并入", owner=owner, deleted_at=now, merged_into=customer)
    suggestion = Suggestion.objects.create(
        customer=customer,
        assignee=owner,
        rule=Rule.NO_CONTACT,
        facts={"days": 40, "cadence": 30, "grade": "key"},
        gain=1,
        priority=1,
        due_on=now.date(),
        channel=Channel.PHONE,
    )
    return {
        "person": owner.pk,
        "customer": customer.pk,
        "contact": customer.contacts.create(name="联系人").pk,
        "address": customer.addresses.create(detail="某路 1 号").pk,
        "identifier": customer.identifiers.create(kind="phone", value="+8613800138000").pk,
        "relationship": customer.relationships.create(other=other, kind=RelationshipKind.KNOWS).pk,
        "pair": DuplicatePair.objects.create(first=customer, second=other, reasons=["phone"]).pk,
        "merge": Merge.objects.create(kept=customer, gone=gone, before={}, moved={}).pk,
        "suggestion": suggestion.pk,
        "order": Order.objects.create(customer=customer, ordered_at=now, amount=1).pk,
        "interaction": Interaction.objects.create(customer=customer, kind=InteractionKind.CALL, at=now, staff=owner).pk,
        "mass": MassChange.objects.create(kind=MassKind.DELETE, started_by=owner).pk,
        "export": ExportRequest.objects.create(
            asked_by=owner, asked_at=now, screen="customers", kind="csv", rows=1, highest="internal", reason="盘点"
        ).pk,
        "credit": CreditDecision.objects.create(customer=customer, terms=30, reason="x", asked_by=owner, asked_at=now).pk,
        "comment": customer.comments.create(text="看一下", by=owner, at=now).pk,
        "training": owner.trainings.create(name="培训", held_on=now.date()).pk,
        "token": ApiToken.objects.create(user=owner, name="x", digest="x", hint="x", expires_at=now, permissions=[]).pk,
        "notice": owner.notices.create(kind="x").pk,
        "import": ImportBatch.objects.create(kind="orders", file_name="x.csv", reading={"kind": "text"}, created_by=owner).pk,
        "view": owner.saved_views.create(screen="customers", name="x", query="").pk,
    }


def address(route: str, records: dict[str, int], of: str) -> str:
    assert not of or of in records, f"{route}: hidden_records() in {__file__} makes no {of!r} yet; add one"
    number = str(records[of] if of else 1)
    filled = re.sub(r"<int:\w+>", number, route)
    return "/" + re.sub(r"<(?:\w+:)?\w+>", "nothing", filled)


def ask(client: Client, method: str, path: str) -> int:
    answer = client.generic(method, path, b"" if method == "GET" else b"{}", "application/json")
    return answer.status_code


def rows() -> dict[str, tuple[int, str]]:
    """A count and an order-free hash of every table, but for sessions, whose last use is noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' AND relkind = 'r'"
        )
        names = [name for (name,) in cursor.fetchall() if name not in ("zhike_usersession", "django_migrations")]
        parts = [
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM \"{name}\" t" for name in names
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def refused(client: Client, found: list[Cell], records: dict[str, int], allowed: set[int]) -> list[str]:
    """The cells that were not refused, or changed something."""
    before, wrong = rows(), []
    for route, asked in groupby(found, key=lambda cell: cell[0]):
        answers = []
        for _route, method, line in asked:
            path = address(route, records, line.of)
            status = ask(client, method, path)
            answers.append(f"{method} {path} gave {status}")
            if status not in allowed:
                wrong.append(answers[-1])
        after = rows()
        if after != before:
            wrong.append(f"{[name for name in after if after[name] != before[name]]} changed by one of {answers}")
            before = after
    return wrong


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def test_every_route_has_an_expectation_and_every_expectation_a_route() -> None:
    present = set(routes())
    assert not present - set(ROUTES), "new routes: say in tests/web/route_expectations.py who may use them"
    assert not set(ROUTES) - present, "these routes are gone: take their lines out of tests/web/route_expectations.py"


def test_who_is_not_signed_in_reaches_nothing_but_the_public_pages() -> None:
    records = hidden_records()
    found = cells(lambda line: not line.public)
    assert refused(Client(raise_request_exception=False), found, records, {302, 401, NOT_ASKED}) == []


def test_a_public_page_is_reached() -> None:
    administrator()
    for route, method, _line in cells(lambda line: line.public):
        if method == "GET":
            assert ask(Client(), "GET", f"/{route}") in (200, 302, 404, NOT_ASKED), route


@pytest.mark.parametrize(
    "lines", sorted({line.permissions for _route, _method, line in cells(lambda line: bool(line.permissions))})
)
def test_without_the_permission_it_is_refused(lines: tuple[Permission, ...]) -> None:
    """Somebody who may do everything else, everywhere."""
    records = hidden_records()
    client = signed_in(person(can=[one for one in EVERYTHING if one not in lines], scope=Scope.ALL))
    assert refused(client, cells(lambda line: line.permissions == lines), records, {403, 404, NOT_ASKED}) == []


def test_what_concerns_the_whole_company_is_refused_to_who_may_only_in_a_department() -> None:
    records = hidden_records()
    client = signed_in(person(can=EVERYTHING, scope=Scope.DEPARTMENT_BELOW, department=department()))
    assert refused(client, cells(lambda line: line.everywhere), records, {403, 404, NOT_ASKED}) == []


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.SUBORDINATES, Scope.DEPARTMENT, Scope.DEPARTMENT_BELOW])
def test_what_one_may_not_see_does_not_exist(scope: Scope) -> None:
    """Somebody who may do everything, with another one's record in the address."""
    records = hidden_records()
    client = signed_in(person(can=EVERYTHING, scope=scope, department=department()))
    assert refused(client, cells(lambda line: bool(line.of)), records, {404, NOT_ASKED}) == []


def test_what_is_somebody_elses_own_is_nobodys_even_of_an_administrator() -> None:
    records = hidden_records()
    found = cells(lambda line: line.is_own)
    assert refused(signed_in(administrator()), found, records, {404, NOT_ASKED}) == []


def test_every_unsafe_request_of_a_browser_needs_its_token_of_the_page() -> None:
    administrator_here, records = administrator(), hidden_records()
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(administrator_here)
    found = [cell for cell in cells(lambda line: True) if cell[1] in UNSAFE and not cell[0].startswith("api/")]
    assert refused(client, found, records, {401, 403, NOT_ASKED}) == []


def test_every_answer_carries_the_headers_that_protect_it() -> None:
    client, records = signed_in(administrator()), hidden_records()
    wrong = []
    for route in routes():
        lines = ROUTES.get(route, Expectation())
        first = lines[0] if isinstance(lines, tuple) else lines
        answer = client.get(address(route, records, first.of))
        policy = answer.headers.get("Content-Security-Policy", "")
        problems = {
            "broken": answer.status_code >= 500,
            "policy": "default-src 'self'" not in policy or "unsafe" in policy or "frame-ancestors 'none'" not in policy,
            "nosniff": answer.headers.get("X-Content-Type-Options") != "nosniff",
            "frame": answer.headers.get("X-Frame-Options") != "DENY",
            "opener": answer.headers.get("Cross-Origin-Opener-Policy") != "same-origin",
            "referrer": answer.headers.get("Referrer-Policy") != "same-origin",
            "store": "no-store" not in answer.headers.get("Cache-Control", "") and not first.public,
        }
        wrong += [f"{route}: {name}" for name, is_so in problems.items() if is_so]
    assert wrong == []


def test_a_refused_request_is_noticed_when_it_writes() -> None:
    """The control: without the comparison of rows, a write behind a refusal would stay unseen."""
    before = rows()
    actions.give_notice(to=[person().pk], kind="x")
    assert rows() != before


def test_over_https_cookies_travel_only_encrypted() -> None:
    code = (
        "from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, "
        "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"
    )
    environment = os.environ | {"ZHIKE_HTTPS": "1", "DJANGO_SETTINGS_MODULE": "zhike.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "Lax", "__Host-sessionid", "__Host-csrftoken"]
