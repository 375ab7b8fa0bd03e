"""What every page can do: palette, keyboard, theme, phone, dialogs; without a word of complaint from the browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from zhike.core.search import tokens_for
from zhike.customers.models import Customer
from zhike.teams.actions import give_notice
from zhike.teams.models import Notice, SavedView, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def has(part: str) -> re.Pattern[str]:
    """An address with this in it."""
    return re.compile(re.escape(part))


def customer(name: str, **fields: Any) -> Customer:
    return Customer.objects.create(name=name, search=tokens_for(name, phones=[fields.get("phone", "")]), **fields)


@pytest.fixture
def three() -> list[Customer]:
    return [
        customer("张伟", phone="+8613900004321", region="上海"),
        customer("李娜", phone="+8613800001111"),
        customer("杭州申江汽车服务有限公司滨江分公司"),
    ]


def test_the_strict_policy_is_kept_on_a_page_with_everything(signed_in: Page) -> None:
    """The fixture fails on any complaint; the policy has no exception for inline scripts or styles."""
    answer = signed_in.goto("/design")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    expect(signed_in.locator(".chart-plot canvas")).to_be_visible()
    signed_in.locator(".chart-plot canvas").hover(position={"x": 300, "y": 150})
    signed_in.get_by_role("button", name="看表").click()
    expect(signed_in.locator(".chart-table td").first).to_have_text("2026-01")
    signed_in.get_by_role("button", name="看图").click()
    expect(signed_in.locator(".chart-plot canvas")).to_be_visible()


def test_the_palette_finds_customers_screens_actions_and_views(signed_in: Page, administrator: User, three: list[Customer]) -> None:
    SavedView.objects.create(user=administrator, screen="customers", name="上海客户", query="region=上海")
    signed_in.goto("/customers/")
    signed_in.keyboard.press("Control+k")
    box = signed_in.get_by_role("combobox")
    for text, found in (
        ("张", "张伟"),
        ("zhangw", "张伟"),
        ("ln", "李娜"),
        ("4321", "张伟"),
        ("滨江", "杭州申江汽车服务有限公司滨江分公司"),
        ("shkh", "上海客户"),
        ("bangzhu", "帮助"),
    ):
        box.fill(text)
        expect(signed_in.get_by_role("option").first).to_contain_text(found)
    box.fill("没有这样的东西")
    expect(signed_in.get_by_text("没有找到")).to_be_visible()
    box.fill("上海客户")
    expect(signed_in.get_by_role("option")).to_have_count(1)
    signed_in.keyboard.press("Enter")
    expect(signed_in).to_have_url(has("region="))


def test_the_palette_is_walked_by_arrows(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/")
    signed_in.keyboard.press("Control+k")
    options = signed_in.get_by_role("option")
    expect(options.nth(1)).to_be_visible()
    signed_in.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    signed_in.keyboard.press("ArrowUp")
    signed_in.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#palette")).to_be_hidden()


def test_a_pasted_phone_number_opens_its_customer(signed_in: Page, three: list[Customer]) -> None:
    signed_in.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed_in.goto("/customers/")
    signed_in.evaluate("navigator.clipboard.writeText('139 0000 4321')")
    signed_in.keyboard.press("Control+k")
    expect(signed_in.get_by_role("combobox")).to_be_focused()
    signed_in.keyboard.press("Control+v")
    expect(signed_in).to_have_url(has(f"/customers/{three[0].pk}/"))


def test_a_list_is_searched_while_typing_and_the_address_follows(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/?sort=name")
    expect(signed_in.locator(".list-table tbody tr")).to_have_count(3)
    signed_in.keyboard.press("/")
    signed_in.keyboard.type("lina")
    expect(signed_in.locator(".list-table tbody tr")).to_have_count(1)
    expect(signed_in).to_have_url(has("q=lina"))
    expect(signed_in).to_have_url(has("sort=name"))
    signed_in.go_back()
    expect(signed_in.locator(".list-table tbody tr")).to_have_count(3)


def test_rows_are_walked_picked_and_tagged_by_keyboard(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/?sort=name")
    for key in ("j", "j", "x", "k", "x"):
        signed_in.keyboard.press(key)
    expect(signed_in.locator("[data-picked]")).to_have_text("2")
    signed_in.get_by_role("button", name="打标签").click()
    dialog = signed_in.get_by_role("dialog", name="打标签")
    dialog.get_by_label("添加标签").fill("老客户")
    signed_in.keyboard.press("Control+Enter")
    expect(signed_in.get_by_text("已修改 2 位客户的标签。")).to_be_visible()
    assert Customer.objects.filter(tags=["老客户"]).count() == 2


def test_filters_open_in_place_and_lead_to_an_address(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/?sort=name")
    signed_in.get_by_role("link", name="筛选").click()
    dialog = signed_in.get_by_role("dialog", name="筛选")
    dialog.get_by_label("地区（开头）").fill("上海")
    dialog.get_by_role("button", name="应用").click()
    expect(signed_in.locator(".list-table tbody tr")).to_have_count(1)
    assert "region=" in signed_in.url
    assert "clv_from" not in signed_in.url  # empty fields stay out
    assert "sort=name" in signed_in.url
    signed_in.get_by_role("link", name="去掉筛选").click()
    expect(signed_in.locator(".list-table tbody tr")).to_have_count(3)


def test_columns_are_chosen_moved_and_kept_as_a_view(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/")
    signed_in.get_by_role("link", name="视图", exact=True).click()
    dialog = signed_in.get_by_role("dialog", name="视图")
    for label in ("电话", "等级", "阶段"):
        dialog.get_by_label(label, exact=True).uncheck()
    dialog.get_by_label("地区", exact=True).check()
    dialog.get_by_role("button", name="应用").click()
    expect(signed_in.locator(".list-table th", has_text="地区")).to_be_visible()
    expect(signed_in.locator(".list-table th", has_text="电话")).to_have_count(0)
    signed_in.get_by_role("link", name="保存视图").click()
    signed_in.get_by_role("dialog", name="保存视图").get_by_label("名称").fill("按地区")
    signed_in.get_by_role("dialog", name="保存视图").get_by_role("button", name="保存", exact=True).click()
    expect(signed_in.get_by_role("link", name="按地区")).to_have_attribute("aria-current", "page")
    assert "columns=" in SavedView.objects.get().query


def test_go_keys_and_the_help_for_keys(signed_in: Page) -> None:
    signed_in.goto("/notices/")
    signed_in.keyboard.press("?")
    expect(signed_in.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in.get_by_role("dialog", name="键盘快捷键")).to_be_hidden()
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("c")
    expect(signed_in).to_have_url(has("/customers/"))


def test_the_theme_changes_at_once_and_stays(signed_in: Page, administrator: User) -> None:
    signed_in.goto("/notices/")
    signed_in.get_by_role("button", name="我的菜单").click()
    with signed_in.expect_response("**/preferences/"):
        signed_in.get_by_role("button", name="深色").click()
    assert signed_in.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    administrator.refresh_from_db()
    assert administrator.theme == "dark"
    signed_in.reload()
    assert signed_in.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_the_language_changes_the_whole_page(signed_in: Page, three: list[Customer]) -> None:
    signed_in.goto("/customers/?sort=name")
    signed_in.get_by_role("button", name="我的菜单").click()
    signed_in.get_by_role("button", name="English").click()
    expect(signed_in.get_by_role("heading", name="Customers")).to_be_visible()
    expect(signed_in).to_have_url(has("sort=name"))


def test_a_notice_is_read_by_following_it(signed_in: Page, administrator: User) -> None:
    give_notice(to=[administrator.pk], kind="backup.made", params={"rows": 12345}, url="/help/")
    signed_in.goto("/customers/")
    signed_in.get_by_role("link", name="1 条未读通知").click()
    signed_in.get_by_role("button", name="备份完成：共 12,345 行。").click()
    expect(signed_in).to_have_url(has("/help/"))
    assert Notice.objects.get().read_at is not None
    expect(signed_in.get_by_role("link", name="通知", exact=True)).to_be_visible()


def test_everything_works_without_script(watched: Watched, administrator: User, three: list[Customer]) -> None:
    page = watched.page(user=administrator, java_script_enabled=False)
    page.goto("/customers/")
    page.get_by_label("在列表中搜索").fill("张伟")
    page.keyboard.press("Enter")
    expect(page.locator(".list-table tbody tr")).to_have_count(1)
    page.get_by_role("link", name="筛选").click()
    page.get_by_label("地区（开头）").fill("杭州")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_text("没有匹配的结果")).to_be_visible()
    page.get_by_role("link", name="显示全部").click()
    page.get_by_label("选择此行").first.check()
    page.get_by_role("button", name="打标签").click()
    page.get_by_label("添加标签").fill("老客户")
    page.get_by_role("button", name="打标签").click()
    expect(page.get_by_text("已修改 1 位客户的标签。")).to_be_visible()


def test_on_a_phone_the_daily_ways_are_at_the_bottom(watched: Watched, administrator: User, three: list[Customer]) -> None:
    page = watched.page(user=administrator, width=360, height=740, has_touch=True)
    page.goto("/customers/")
    expect(page.get_by_role("navigation", name="主导航（手机）").get_by_role("link", name="客户")).to_be_visible()
    expect(page.get_by_role("navigation", name="主导航", exact=True)).to_be_hidden()
    page.get_by_role("button", name="姓名、拼音或电话").tap()
    page.get_by_role("combobox").fill("zw")
    expect(page.get_by_role("option").first).to_contain_text("张伟")
