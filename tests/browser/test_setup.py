"""The first visit, the second factor and the settings, in a real browser."""

import pytest
from django.utils import timezone
from django_otp.oath import TOTP
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.teams.company import PASSWORD, administrator, person
from zhike.teams.choices import Permission
from zhike.teams.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MAIN = "form .btn-primary"


def code_of(user: User, steps: int) -> str:
    totp = TOTP(user.totpdevice_set.get().bin_key)  # type: ignore[attr-defined]
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06d}"


@pytest.mark.parametrize("width", [1280, 360])
def test_the_first_visit_makes_an_administrator_who_can_go_on(watched: Watched, width: int) -> None:
    page = watched.page(width=width)
    page.goto("/me/")
    expect(page).to_have_url(f"{watched.base}/setup/")
    expect(page.locator("h1")).to_have_text("欢迎使用知客")
    for name, value in {"company": "晨光汽修", "name": "王敏", "username": "wang", "new": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"[name={name}]", value)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(MAIN)
    page.wait_for_url(lambda url: "/setup" not in url)
    assert User.objects.get().is_administrator
    page.goto("/settings/people/")
    expect(page.get_by_role("link", name="王敏")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_signing_in_with_a_code_from_the_phone(watched: Watched) -> None:
    li = person(username="li", name="李雷")
    page = watched.page(user=li)
    page.goto("/me/second-factor/")
    page.click("button[name=begin]")
    expect(page.locator("img.qr")).to_be_visible()
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 100
    page.fill("[name=code]", code_of(li, -1))
    page.click(MAIN)
    expect(page.locator(".mono .nowrap")).to_have_count(10)
    phone = watched.page(width=360)
    phone.goto("/sign-in/")
    phone.fill("[name=username]", "li")
    phone.fill("[name=password]", PASSWORD)
    phone.click(MAIN)
    phone.wait_for_url("**/sign-in/code/")
    phone.fill("[name=code]", code_of(li, 0))
    phone.click(MAIN)
    phone.wait_for_url(lambda url: "/sign-in" not in url)
    phone.goto("/me/")
    expect(phone.locator(".facts")).to_contain_text("li")


def test_a_salesperson_sees_no_settings(watched: Watched) -> None:
    page = watched.page(user=person(can=[Permission.CUSTOMER_VIEW]))
    page.goto("/me/")
    expect(page.locator("a[href='/settings/']")).to_have_count(0)
    boss = watched.page(user=administrator())
    boss.goto("/me/")
    expect(boss.locator("a[href='/settings/']").first).to_be_visible()
