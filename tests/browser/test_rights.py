"""What people with few rights must not find: on lists, records, Today, in the palette, exports and by address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.teams.company import department, person, role
from zhike.care.models import Suggestion
from zhike.customers import actions
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SELLS = [Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT, Permission.INTERACTION_RECORD, Permission.ORDER_VIEW]
NAMES = ("王自己", "钱同店", "孙别店")
PHONE = "13800138000"


@dataclass
class Company:
    """One customer of mine, one of a colleague of my shop, one of another shop; each with an order and a place on Today."""

    me: User
    colleague: User
    customers: list[Customer]
    orders: list[Order]


@pytest.fixture
def company(administrator: User) -> Company:
    here, there = department("一店"), department("二店")
    me, colleague = person("李雷", department=here), person("韩梅梅", department=here)
    stranger, now = person("林涛", department=there), timezone.now()
    made, orders = [], []
    for owner, name in zip((me, colleague, stranger), NAMES, strict=True):
        one = actions.create_customer(actor=administrator, values={"name": name, "phone": PHONE}, at=now, owner=owner)
        Suggestion.objects.create(
            customer=one, assignee=owner, rule="birthday", gain=1, priority=1, due_on=now.date(), channel="phone",
            facts={"birthday_on": now.date().isoformat(), "lunar": False},
        )  # fmt: skip
        made.append(one)
        orders.append(Order.objects.create(customer=one, ordered_at=now, amount=88, order_no=f"NO-{owner.pk}"))
    return Company(me, colleague, made, orders)


def status(page: Page, address: str) -> int:
    """Asked beside the page, so that the browser does not complain of a refusal."""
    return int(page.context.request.get(address, max_redirects=0).status)


def seen(page: Page, company: Company, names: set[str]) -> None:
    """Exactly these customers are on the list, on Today, among the orders, in the palette, and have an address."""
    for address in ("/customers/", "/orders/", "/?who=all", "/today/planned/"):
        page.goto(address)
        shown = page.locator("main").inner_text()
        assert {name for name in NAMES if name in shown} <= names, address
    page.goto("/customers/")
    assert {name for name in NAMES if page.locator("main").get_by_role("link", name=name).count()} == names
    for customer, order in zip(company.customers, company.orders, strict=True):
        is_seen = customer.name in names
        assert (status(page, f"/customers/{customer.pk}/") == 200) == is_seen
        assert is_seen or status(page, f"/orders/{order.pk}/") in (403, 404)
        found = page.context.request.get("/search", params={"q": customer.name[1:]}).text()
        assert (customer.name in found or f"/customers/{customer.pk}/" in found) == is_seen


def test_a_salesperson_finds_their_own_customers_and_nobody_elses(watched: Watched, company: Company) -> None:
    company.me.roles.add(role(SELLS, clearance=Confidentiality.CONFIDENTIAL))
    page = watched.page(user=company.me)
    seen(page, company, {"王自己"})
    assert page.get_by_role("link", name="导出").count() == 0
    for address in (
        "/value/",
        "/settings/",
        "/imports/",
        "/duplicates/",
        "/customers/deleted/",
        "/today/team/",
        "/settings/audit/",
    ):
        assert (status(page, address) == 200) == (address == "/today/team/"), address
    page.goto(f"/customers/{company.customers[0].pk}/")
    page.locator(".timeline-kinds").get_by_role("link", name="评论").click()
    page.get_by_role("textbox", name="评论").press_sequentially("@")
    expect(page.locator(".mention-list")).to_contain_text("王芳")  # the administrator sees everything
    assert "韩梅梅" not in page.locator(".mention-list").inner_text()


def test_a_shop_manager_finds_the_shop(watched: Watched, company: Company) -> None:
    company.me.roles.add(role([*SELLS, Permission.CUSTOMER_EXPORT], scope=Scope.DEPARTMENT, clearance=Confidentiality.CONFIDENTIAL))
    page = watched.page(user=company.me)
    seen(page, company, {"王自己", "钱同店"})
    page.goto("/today/team/")
    expect(page.locator("main")).to_contain_text("韩梅梅")
    assert "林涛" not in page.locator("main").inner_text()
    page.goto("/customers/")
    page.get_by_role("link", name="导出").click()
    with page.expect_download() as file:
        page.get_by_role("button", name="CSV").click()
    lines = file.value.path().read_text(encoding="utf-8-sig")
    assert "钱同店" in lines
    assert "孙别店" not in lines


def test_without_any_permission_there_is_nothing_but_ones_own_account(
    watched: Watched, company: Company, serious_problems: Callable[[Page], list[str]]
) -> None:
    page = watched.page(user=company.me, width=360, height=780)
    page.goto("/")
    assert not any(name in page.locator("body").inner_text() for name in NAMES)
    assert serious_problems(page) == []
    assert status(page, "/me/") == 200
    for address in ("/customers/", "/orders/", "/value/", "/settings/", "/imports/", "/today/team/", "/customers/new/"):
        assert status(page, address) == 403, address
    assert status(page, f"/customers/{company.customers[0].pk}/") == 404  # their own, but they may not see customers
    assert not any(name in page.context.request.get("/search", params={"q": "王"}).text() for name in NAMES)


def test_a_data_clerk_sees_neither_worth_nor_orders_nor_phones(watched: Watched, company: Company) -> None:
    rights: list[Any] = [Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EDIT]
    company.me.roles.add(role(rights, scope=Scope.ALL, clearance=Confidentiality.INTERNAL))
    page = watched.page(user=company.me)
    page.goto("/customers/?columns=name,phone,clv,revenue&sort=-clv")
    shown = page.locator("main").inner_text()
    assert all(name in shown for name in NAMES)
    assert "138****8000" in shown
    assert PHONE not in page.content()
    assert "终身价值" not in shown
    page.goto(f"/customers/{company.customers[2].pk}/?tab=value")
    record = page.locator("main").inner_text()
    assert "终身价值" not in record
    assert company.orders[2].order_no not in record
    assert PHONE not in page.content()
    assert page.get_by_role("link", name="导出").count() == 0
    for address in ("/value/", "/value/clv/", "/orders/", f"/orders/{company.orders[0].pk}/", "/settings/"):
        assert status(page, address) in (403, 404), address
