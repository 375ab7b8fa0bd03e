"""What a cell says beyond the value of its column, and what the undo leaves to those who changed something since."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from zhike.teams.models import User

Bring = Callable[..., Any]


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_further_phones_of_a_cell_are_kept_found_and_undone(boss: User, bring: Bring, at: datetime.datetime, kind: str) -> None:
    from zhike.customers.models import Customer, Identifier
    from zhike.customers.queries import look_up_phone
    from zhike.sales.imports import actions

    known = Customer.objects.create(name="王芳", phone="+8613700137000")
    more = ",日期,金额" if kind == "orders" else ",备注"
    end = ",2024-01-05,9" if kind == "orders" else ",好"
    text = f"姓名,手机号{more}\n李雷,13800138000/13900139000{end}\n王芳,13700137000；13600136000{end}\n赵敏,13500135000{end}\n"
    batch, outcome = bring(boss, text, kind=kind)
    assert (outcome.counts["rejected"], outcome.counts["created"]["customers"]) == (0, 2)
    lei = Customer.objects.get(name="李雷")
    assert (lei.phone, [one.value for one in lei.identifiers.all()]) == ("+8613800138000", ["+8613900139000"])
    assert [one.value for one in known.identifiers.all()] == ["+8613600136000"]
    for phone, name in (("13900139000", "李雷"), ("13600136000", "王芳"), ("13800138000", "李雷")):
        assert [one.name for one in look_up_phone(boss, phone)] == [name]
    assert Customer.objects.filter(search__contains=["9000"]).get() == lei
    assert bring(boss, text.replace("\n赵敏", "\n陈静"), kind=kind)[1].counts["created"]["customers"] <= 1  # nothing twice
    assert Identifier.objects.count() == 2
    known.refresh_from_db()
    assert "6000" in known.search
    actions.undo_import(actor=boss, batch=batch, now=at)
    known.refresh_from_db()
    assert known.identifiers.count() == 0
    assert ("6000" in known.search, "7000" in known.search) == (False, True)


def test_lunar_birthdays_come_in_as_lunar(boss: User, bring: Bring, at: datetime.datetime) -> None:
    from zhike.customers.models import Customer
    from zhike.sales.imports import actions

    Customer.objects.create(name="王芳", number="K2", birthday="1990-05-01")
    text = "编号,姓名,生日\nK1,李雷,农历八月十五\nK2,王芳,一九九〇年四月初七(农历)\nK3,赵敏,1980-03-08\nK4,陈静,农历十三月初一\n"
    batch, outcome = bring(boss, text, kind="customers")
    assert outcome.reasons == {"bad_lunar_day": 1}
    born = {one.number: (one.birthday.isoformat(), one.birthday_is_lunar) for one in Customer.objects.all()}
    assert born == {"K1": ("1904-08-15", True), "K2": ("1990-04-07", True), "K3": ("1980-03-08", False)}
    actions.undo_import(actor=boss, batch=batch, now=at)
    left = Customer.objects.get()
    assert (left.birthday, left.birthday_is_lunar) == (datetime.date(1990, 5, 1), False)


def test_the_undo_of_an_updated_order_keeps_what_somebody_changed_since(boss: User, bring: Bring, at: datetime.datetime) -> None:
    from zhike.sales.imports import actions
    from zhike.sales.models import Order

    head = "订单号,客户编号,日期,金额,渠道,地区\n"
    bring(boss, head + "A1,K1,2024-01-01,5,门店,沪\nA2,K1,2024-01-02,5,门店,沪\n")
    batch, _outcome = bring(boss, head + "A1,K1,2024-01-01,7,官网,苏\nA2,K1,2024-01-02,7,官网,苏\n")
    Order.objects.filter(order_no="A1").update(channel="电话")  # by hand, after the import
    undone = actions.undo_import(actor=boss, batch=batch, now=at)
    assert undone["orders"] == {"removed": 0, "restored": 2, "kept": 1}
    found = {one.order_no: (int(one.amount), one.channel, one.region) for one in Order.objects.all()}
    assert found == {"A1": (5, "电话", "沪"), "A2": (5, "门店", "沪")}
