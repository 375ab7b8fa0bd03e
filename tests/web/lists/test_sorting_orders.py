"""Orders by customer, due date and amount: whole pages, ties and empty dates included, and nothing sorted that has no index."""

import datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from tests.web.lists.world import customer
from zhike.sales.models import Order
from zhike.teams.models import Role, User
from zhike.web.lists import screen, views
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import State
from zhike.web.orders.list import ORDERS

pytestmark = pytest.mark.django_db
WAYS = {
    "customer": lambda one: one.customer.name, "amount": lambda one: one.amount,
    "due": lambda one: one.due_on or datetime.date(9999, 1, 1),
}  # fmt: skip


@pytest.fixture
def orders(seller: User) -> list[Order]:
    Role.objects.update(permissions=["customer.view", "order.view"])
    people = [customer(name, owner=seller) for name in ("李雷", "韩梅", "李雷")]
    first = datetime.date(2026, 5, 1)
    return [
        Order.objects.create(
            customer=people[n % 3],
            ordered_at=timezone.now(),
            amount=n % 4,
            due_on=first + datetime.timedelta(n % 2) if n % 3 else None,
        )
        for n in range(11)
    ]


def state_of(user: User, query: str) -> State:
    return State.read(ORDERS, QueryDict(query), Look(user, timezone.localtime()))


@pytest.mark.parametrize("who", ["boss", "seller"])
@pytest.mark.parametrize("sort", [sign + name for name in WAYS for sign in ("", "-")])
def test_pages_hold_all_orders_in_order(
    request: pytest.FixtureRequest, orders: list[Order], who: str, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 3)
    user, found, at = request.getfixturevalue(who), [], ""
    while True:
        page = views.page_of(state_of(user, f"sort={sort}&at={at}"))
        found += [row["pk"] for row in page.rows]
        if not page.next:
            break
        at = page.next
    way, falls = WAYS[sort.lstrip("-")], sort.startswith("-")
    expected = sorted(sorted(orders, key=lambda one: one.pk, reverse=falls), key=way, reverse=falls)
    if sort == "-due":  # empty ones are last both ways
        expected = [one for one in expected if one.due_on] + [one for one in expected if not one.due_on]
    with connection.cursor() as cursor:  # names as the database puts them in order
        cursor.execute("SELECT '李雷' < '韩梅'")
        turned = sort.endswith("customer") and cursor.fetchone()[0] != ("李雷" < "韩梅")
    if turned:
        expected = sorted(sorted(orders, key=lambda one: one.pk, reverse=falls), key=way, reverse=not falls)
    assert found == [one.pk for one in expected]


def test_among_too_many_rows_the_amount_does_not_sort_and_the_page_says_so(
    client: Client, boss: User, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "MOST_SORTED", 5)
    client.force_login(boss)
    page = client.get("/orders/?sort=-amount,customer").content.decode()
    assert "请筛选到一万行以内" in page
    assert state_of(boss, "sort=-amount,customer").sorts == ("customer",)
    few = state_of(boss, "sort=-amount&amount_from=3")
    assert (few.sorts, few.too_many) == (("-amount",), False)
    assert "请筛选到一万行以内" not in client.get("/orders/?sort=-amount&amount_from=3").content.decode()
