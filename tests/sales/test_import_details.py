"""The small promises of an import: one batch is one batch, what is refused says what, bad rows bring nothing along."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.customers.choices import ImportState
from zhike.customers.models import Contact, Customer, FieldDefinition, ImportBatch
from zhike.sales.imports import actions

if TYPE_CHECKING:
    from zhike.teams.models import User

Bring = Callable[..., Any]
ROWS = "客户编号,客户姓名\nK1,李雷\nK2,韩梅梅\n"


@pytest.fixture
def opened(boss: User, tmp_path: Any) -> Callable[..., ImportBatch]:
    def open_one(text: str = ROWS, kind: str = "customers") -> ImportBatch:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(text)
        return actions.open_path(actor=boss, kind=kind, path=path)

    return open_one


def states(*batches: ImportBatch) -> list[str]:
    for one in batches:
        one.refresh_from_db()
    return [one.state for one in batches]


def test_who_cancels_or_reopens_one_leaves_the_others(
    boss: User, opened: Callable[..., ImportBatch], at: datetime.datetime
) -> None:
    one, other, done = opened(), opened(ROWS.replace("K", "L")), opened(ROWS.replace("K", "M"))
    actions.run_now(actor=boss, batch=done, now=at)
    actions.cancel_import(actor=boss, batch=one)
    assert states(one, other, done) == ["cancelled", "uploaded", "done"]
    actions.cancel_import(actor=boss, batch=done)  # too late: done it is
    actions.cancel_import(actor=boss, batch=other)
    actions.reopen_import(actor=boss, batch=one)
    assert states(one, other, done) == ["uploaded", "cancelled", "done"]
    for closed in (one, done):
        with pytest.raises(ValidationError):
            actions.reopen_import(actor=boss, batch=closed)
    with pytest.raises(ValidationError):
        actions.start_import(actor=boss, batch=done)
    actions.start_import(actor=boss, batch=one)
    for again in (actions.start_import, actions.start_check):
        with pytest.raises(ValidationError):
            again(actor=boss, batch=one)
    actions.reopen_import(actor=boss, batch=other)
    actions.start_import(actor=boss, batch=other)
    actions.cancel_import(actor=boss, batch=one)  # under way: asked to stop
    assert states(one, other) == ["running", "running"]
    assert (one.cancel_requested, other.cancel_requested) == (True, False)


def test_a_check_says_what_there_is_and_leaves_nothing_under_way(
    boss: User, bring: Bring, opened: Any, at: datetime.datetime
) -> None:
    bystander = opened(ROWS.replace("K", "L"))
    batch, outcome = bring(boss, "客户编号,客户姓名,生日\nK1,李雷,\nK2,韩梅梅,2024-02-30\n", kind="customers", dry=True)
    assert (batch.state, batch.step, batch.rows_total, batch.rows_done) == (ImportState.CHECKED, "", 2, 2)
    assert batch.reasons == outcome.reasons == {"no_such_day": 1}
    assert batch.counts["created"]["customers"] == 1
    assert not Customer.objects.exists()
    assert states(bystander) == ["uploaded"]


def test_what_is_wrong_with_the_choices_is_said_at_its_field(boss: User, person: Any, opened: Callable[..., ImportBatch]) -> None:
    batch = opened()
    for policy, mapping, field in (
        ("whatever", batch.mapping, "policy"),
        ("update", {}, "mapping"),
        ("update", {"hat": 0}, "mapping"),
    ):
        with pytest.raises(ValidationError) as problem:
            actions.set_mapping(actor=boss, batch=batch, mapping=mapping, policy=policy, options={})
        assert list(problem.value.message_dict) == [field]
    li = person("li")
    with pytest.raises(ImportBatch.DoesNotExist):
        actions.set_mapping(actor=li, batch=batch, mapping=batch.mapping, policy="update", options={})
    ImportBatch.objects.filter(pk=batch.pk).update(created_by=li)
    for options, field in (({"owner": boss.pk}, "owner"), ({"department": 10**6}, "department")):
        with pytest.raises(ValidationError) as problem:
            actions.set_mapping(actor=li, batch=batch, mapping=batch.mapping, policy="update", options=options)
        assert list(problem.value.message_dict) == [field]
    kept = actions.set_mapping(actor=li, batch=batch, mapping=batch.mapping, policy="update", options={"owner": li.pk})
    assert set(kept.options) == {"owner", "path"}
    for act in (actions.start_check, actions.start_import, actions.cancel_import, actions.reopen_import):
        with pytest.raises(PermissionDenied):
            act(actor=person(f"looker {act.__name__}", "customer.view"), batch=batch)


def test_a_row_that_is_refused_brings_no_contact_and_no_address(boss: User, bring: Bring) -> None:
    rows = ["K1,华腾,赵六,中山路1号,", "K2,天马,钱七,解放路2号,2024-02-30", "K3,孙八,孙八,,"]
    bring(boss, "\n".join(["客户编号,客户姓名,联系人,地址,生日", *rows]), kind="customers")
    assert list(Contact.objects.values_list("customer__number", "name", "is_main")) == [("K1", "赵六", True)]
    assert not Customer.objects.filter(number="K2").exists()
    assert not Customer.objects.get(number="K3").contacts.exists()
    assert Customer.objects.get(number="K1").addresses.filter(is_main=True).count() == 1


def test_what_spreadsheets_write_for_nothing_is_nothing(boss: User, bring: Bring) -> None:
    nothings = (
        "#N/A",
        "#NULL!",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "NULL",
        "null",
        "None",
        "\\N",
        "NaN",
        "nan",
        "N/A",
        "n/a",
    )
    words = ("-", "--", "—", "——", "/", "无", "暂无", "空", "未知", "不详", ".")
    lines = [f"K{n},客户{n},{nothing},{nothing}" for n, nothing in enumerate(nothings)]
    lines += [f"W{n},客人{n},{word},{word}" for n, word in enumerate(words)]
    _batch, outcome = bring(boss, "\n".join(["客户编号,客户姓名,手机号,备注", *lines]), kind="customers")
    assert outcome.reasons == {}
    assert set(Customer.objects.values_list("phone", flat=True)) == {""}
    assert set(Customer.objects.filter(number__startswith="K").values_list("note", flat=True)) == {""}
    assert set(Customer.objects.filter(number__startswith="W").values_list("note", flat=True)) == set(words)  # words may be meant


def test_new_customers_have_what_the_file_says_of_the_model(boss: User, bring: Bring) -> None:
    FieldDefinition.objects.create(code="shoe", label_zh="鞋码", label_en="Shoe size", ring="related", type="number")
    bring(boss, "客户编号,客户姓名,鞋码,标签,地区\nK1,李雷,42,重点;老客户,杭州\nK2,韩梅梅,,,\n", kind="customers")
    one, other = Customer.objects.order_by("number")
    assert (one.profile, one.tags, one.region) == ({"shoe": 42}, ["重点", "老客户"], "杭州")
    assert (other.profile, other.tags, other.region) == ({}, [], "")
    assert {"shoe", "region"} <= set(one.provenance)
    bring(boss, "客户编号,鞋码,标签\nK1,43,新品\nK2,38,老客户\n", kind="customers")
    assert list(Customer.objects.order_by("number").values_list("profile", "tags")) == [
        ({"shoe": 43}, ["重点", "老客户", "新品"]), ({"shoe": 38}, ["老客户"]),
    ]  # fmt: skip
