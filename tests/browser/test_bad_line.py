"""A bad line: what was typed is kept, and a page says what happened."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from zhike.customers.models import Customer
from zhike.teams.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACK = "上次在这里填写、还没保存的内容已恢复。"


def test_without_a_line_nothing_is_sent_and_what_was_typed_stays(watched: Watched, signed_in: Page) -> None:
    signed_in.goto("/customers/new/")
    signed_in.get_by_label("名称").fill("张伟")
    signed_in.context.set_offline(True)
    signed_in.keyboard.press("Control+Enter")
    expect(signed_in.get_by_text("网络")).to_be_visible()
    expect(signed_in.get_by_label("名称")).to_have_value("张伟")
    signed_in.context.set_offline(False)
    signed_in.keyboard.press("Control+Enter")
    expect(signed_in.locator("h1")).to_have_text("张伟")
    assert Customer.objects.count() == 1


def test_what_was_typed_comes_back_after_a_session_ended_and_goes_once_it_is_saved(watched: Watched, administrator: User) -> None:
    page = watched.page(user=administrator)
    page.goto("/customers/new/")
    page.get_by_label("名称").fill("张伟")
    page.get_by_label("备注").fill("下周来做保养")
    administrator.sessions.all().delete()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    administrator.set_password("correct horse battery")
    administrator.save()
    page.locator("[name=username]").fill("boss")
    page.locator("[name=password]").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="主导航", exact=True)).to_be_visible()
    page.goto("/customers/new/")
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.get_by_label("备注")).to_have_value("下周来做保养")
    page.get_by_label("名称").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("张伟")
    page.goto("/customers/new/")
    expect(page.get_by_label("名称")).to_have_value("")
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_what_came_back_can_be_discarded_and_a_way_out_discards_it(signed_in: Page) -> None:
    signed_in.on("dialog", lambda dialog: dialog.accept())
    for leaving in (False, True):
        signed_in.goto("/customers/new/")
        signed_in.get_by_label("名称").fill("张伟")
        if leaving:
            signed_in.get_by_role("link", name="取消").click()
            expect(signed_in.get_by_role("heading", name="客户")).to_be_visible()
        else:
            signed_in.reload()
            expect(signed_in.get_by_label("名称")).to_have_value("张伟")
            signed_in.get_by_role("button", name="不要了").click()
        assert signed_in.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))") == []
    signed_in.goto("/customers/new/")
    expect(signed_in.get_by_label("名称")).to_have_value("")


def test_a_lost_page_is_replaced_by_one_that_says_so_and_nothing_of_anybodys_is_kept(watched: Watched, signed_in: Page) -> None:
    signed_in.goto("/customers/")
    signed_in.evaluate(
        "navigator.serviceWorker.controller ? null"
        " : new Promise((go) => navigator.serviceWorker.addEventListener('controllerchange', () => go(null)))"
    )
    kept = signed_in.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))"
        ".then((all) => all.flat().map((one) => new URL(one.url).pathname))"
    )
    assert "/lost/" in kept
    assert [one for one in kept if one != "/lost/" and not one.startswith("/static/")] == []
    signed_in.context.set_offline(True)
    signed_in.goto("/orders/")
    expect(signed_in.get_by_role("heading", name="没有网络连接")).to_be_visible()
    signed_in.context.set_offline(False)  # it looks again by itself
    expect(signed_in.get_by_role("heading", name="订单")).to_be_visible()
    watched.complaints = [one for one in watched.complaints if "ERR_INTERNET_DISCONNECTED" not in one]
