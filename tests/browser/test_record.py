"""The record in a real browser: a warning before a second record, a call by keyboard, a merge, and each page on a phone."""

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from zhike.customers import actions
from zhike.customers.models import Customer, DuplicatePair, Interaction
from zhike.teams.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def made(actor: User, name: str, **values: Any) -> Customer:
    return actions.create_customer(actor=actor, values={"name": name, **values}, at=timezone.now())


def test_a_known_phone_warns_while_one_types_and_can_be_saved_all_the_same(
    watched: Watched, signed_in: Page, administrator: User
) -> None:
    made(administrator, "张伟", phone="13800138000")
    signed_in.goto("/customers/new/")
    signed_in.get_by_label("名称").fill("张小伟")
    signed_in.get_by_label("电话", exact=True).fill("138 0013 8000")
    warning = signed_in.locator("#matches")
    expect(warning).to_contain_text("张伟")
    expect(warning).to_contain_text("电话相同")
    signed_in.keyboard.press("Control+Enter")
    signed_in.get_by_label("都不是，仍存为新客户").check()
    signed_in.keyboard.press("Control+Enter")
    expect(signed_in.locator("h1")).to_have_text("张小伟")
    assert Customer.objects.count() == 2
    watched.complaints = [one for one in watched.complaints if "422" not in one]  # the first attempt was answered so


def test_choosing_an_organisation_asks_what_an_organisation_has(signed_in: Page) -> None:
    signed_in.goto("/customers/new/")
    signed_in.get_by_text("客户是谁").click()
    expect(signed_in.get_by_label("生日", exact=True)).to_be_visible()
    signed_in.get_by_label("名称").fill("华腾科技")
    signed_in.get_by_label("机构").check()
    signed_in.get_by_text("与我们的业务").click()
    expect(signed_in.get_by_label("统一社会信用代码")).to_be_visible()
    expect(signed_in.get_by_label("名称")).to_have_value("华腾科技")


def test_a_call_is_recorded_by_keyboard_alone(signed_in: Page, administrator: User) -> None:
    customer = made(administrator, "张伟", phone="13800138000")
    signed_in.goto(f"/customers/{customer.pk}/")
    signed_in.keyboard.press("c")
    expect(signed_in.get_by_label("说了什么")).to_be_focused()
    signed_in.keyboard.type("周五下午来做保养")
    signed_in.keyboard.press("Shift+Tab")  # the result stands before the text
    signed_in.keyboard.press("ArrowRight")
    signed_in.keyboard.press("Control+Enter")
    expect(signed_in.locator("#events")).to_contain_text("周五下午来做保养")
    call = Interaction.objects.get()
    assert (call.kind, call.outcome, call.staff) == ("call", "reached", administrator)


def test_a_question_is_answered_where_it_stands(signed_in: Page, administrator: User) -> None:
    customer = made(administrator, "张伟", phone="13800138000")
    signed_in.goto(f"/customers/{customer.pk}/")
    signed_in.get_by_role("link", name=re.compile("微信吗")).click()
    signed_in.locator(".questions input[name=wechat]").fill("zhangwei")
    signed_in.locator(".questions .btn-primary").click()
    expect(signed_in.locator(".questions")).to_contain_text("zhangwei")
    customer.refresh_from_db()
    assert customer.wechat == "zhangwei"


def test_two_records_are_compared_and_merged(signed_in: Page, administrator: User) -> None:
    kept = made(administrator, "张伟", phone="13800138000", region="朝阳")
    made(administrator, "张小伟", phone="13800138000", region="海淀")
    assert DuplicatePair.objects.count() == 1
    signed_in.goto("/duplicates/")
    signed_in.get_by_role("link", name="对比并合并").click()
    signed_in.get_by_label("海淀").check()
    signed_in.get_by_role("button", name="合并").click()
    expect(signed_in.locator("h1")).to_have_text("张伟")
    kept.refresh_from_db()
    assert kept.region == "海淀"
    signed_in.get_by_role("link", name="撤销").click()
    signed_in.on("dialog", lambda dialog: dialog.accept())
    signed_in.get_by_role("button", name="撤销合并").click()
    expect(signed_in.get_by_text("合并已撤销")).to_be_visible()
    assert Customer.objects.living().count() == 2


def full(actor: User) -> Customer:
    now = timezone.now()
    customer = made(actor, "杭州申江汽车服务有限公司滨江分公司", kind="organisation", phone="13800138000", tags=["重点", "月结"])
    actions.save_contact(actor=actor, customer=customer, name="王芳", phone="13700137000", position="采购")
    actions.record_interaction(
        actor=actor, customer=customer, kind="call", at=now, summary="等了很久", outcome="problem", mood="unhappy"
    )
    actions.plan_interaction(actor=actor, customer=customer, kind="visit", at=now - datetime.timedelta(days=1), summary="上门道歉")
    made(actor, "申江滨江", kind="organisation", phone="13800138000")
    return customer


def test_a_cell_of_the_list_is_changed_by_keyboard_and_a_row_is_looked_at(signed_in: Page, administrator: User) -> None:
    customer = made(administrator, "张伟", region="上海")
    signed_in.goto("/customers/?columns=name,region,tags")
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("v")
    panel = signed_in.locator("#panel")
    expect(panel).to_contain_text("张伟")
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("e")
    field = signed_in.locator(".cell-form input[name=region]")
    expect(field).to_be_focused()
    field.fill("杭州")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator(".list-table tbody")).to_contain_text("杭州")
    customer.refresh_from_db()
    assert (customer.region, customer.version) == ("杭州", 2)
    signed_in.get_by_role("cell", name="杭州").dblclick()
    field.fill("苏州")
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator(".list-table tbody")).to_contain_text("杭州")
    customer.refresh_from_db()
    assert customer.version == 2
