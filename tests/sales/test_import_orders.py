"""Files of orders, from the file to the rows in the database and back."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import Q

from zhike.core import files
from zhike.core.models import AuditEntry
from zhike.core.search import wanted
from zhike.customers.choices import ImportState
from zhike.customers.imports import batches, left_out
from zhike.customers.imports.problems import FileProblem, first_in_words
from zhike.customers.imports.tables import Reading
from zhike.customers.models import Customer, ImportBatch, ImportMapping, Source
from zhike.sales.imports import actions
from zhike.sales.models import Order, OrderLine, Product
from zhike.teams.models import Notice, User

Bring = Callable[..., tuple[ImportBatch, Any]]

GBK = """订单编号,客户姓名,手机号,下单时间,商品名称,数量,单价,实付金额,门店
A001,李 雷,１３８００１３８０００,2024年1月5日 下午3点,机油,1,"¥1,280.00","¥1,280.00",杭州一店
A001,李雷,138-0013-8000,2024/1/5 15:00,机滤,２,40.00元,80元,杭州一店
A002,韩梅梅😀,86 13900139000,20240106,洗车,1,３０．５,３０．５,宁波店
A003,=cmd|' /C calc'!A0,13700137000,45298,保养套餐,1,1.2万,1.2万,杭州一店
A004,王五,1.38E+10,2024-01-07,洗车,1,30,30,宁波店
A005,赵六,13600136000,2024-02-30,洗车,1,30,30,宁波店
A006,钱七,13500135000,2024-01-08,洗车,1,30,九十,宁波店
A007,孙八,13400134000,2024-01-08,洗车,1,99999999999999,99999999999999,宁波店
A008,,,2024-01-08,洗车,1,30,30,宁波店
A009,李雷,13800138000,2024-01-09,退机油,-1,1280,(1280),杭州一店

A010,周九,13300133000,2024-01-10,洗车,1,30,30,宁波店,多出来的
A011,吴十\x07,'13200132000,24.1.11,洗车,1,'30,NULL,宁波店
合计,,,,,,,1460,
"""


def test_one_customer_under_two_phones_keeps_both(boss: User, bring: Bring) -> None:
    bring(
        boss,
        "客户编号,姓名,手机,日期,金额\nC1,王芳,13600000001,2024-01-01,1\nC1,王芳,13600000002,2024-02-01,2\nC2,李雷,13600000003,2024-01-01,1\n",
    )
    wang, li = Customer.objects.order_by("number")
    assert {wang.phone, *wang.identifiers.values_list("value", flat=True)} == {"+8613600000001", "+8613600000002"}
    assert not li.identifiers.exists()


TOTALS = [
    ("customers", "姓名,手机\n李雷,13800138000\n合计,\n", ["李雷"]),
    ("customers", "客户编号,姓名\nC1,李雷\n总计：,\n", ["李雷"]),
    ("customers", "姓名,手机\n合计,13800138000\n", ["合计"]),  # somebody of this name, as the phone says
    ("orders", "姓名,日期,金额\n李雷,2024-01-05,1\n小计,2024-01-05,1\n", ["李雷"]),
    ("orders", "手机,日期,金额\n13800138000,2024-01-05,1\n合计,,1\n", ["客户 8000"]),
]


@pytest.mark.parametrize(("kind", "text", "names"), TOTALS)
def test_nobody_is_called_by_the_word_for_a_total(boss: User, bring: Bring, kind: str, text: str, names: list[str]) -> None:
    batch, _ = bring(boss, text, kind=kind)
    assert [customer.name for customer in Customer.objects.filter(batch=batch)] == names
    assert batch.reasons == ({"total": 1} if len(text.splitlines()) > 2 else {})


def test_an_ugly_gbk_file_gives_what_is_good_and_names_the_rest(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, GBK.encode("gb18030"))
    assert batch.counts["created"] == {"customers": 4, "orders": 5, "products": 5, "lines": 6}
    assert batch.reasons == {
        "digits_lost": 1, "no_such_day": 1, "bad_amount": 1, "absurd_amount": 1, "no_customer": 1, "too_many_cells": 1, "total": 1,
    }  # fmt: skip
    li = Customer.objects.get(phone="+8613800138000")
    assert (li.name, li.batch, Order.objects.filter(customer=li).count()) == ("李雷", batch, 2)
    first = Order.objects.get(order_no="A001")
    assert (first.amount, first.quantity, first.channel) == (Decimal(1360), 3, "杭州一店")
    assert first.ordered_at == datetime.datetime(2024, 1, 5, 7, 0, tzinfo=datetime.UTC)
    assert Order.objects.get(order_no="A009").kind == "return"
    assert Order.objects.get(order_no="A003").amount == 12_000
    assert Customer.objects.get(phone="+8613700137000").name == "=cmd|' /C calc'!A0"
    assert Customer.objects.filter(name="韩梅梅😀").exists()
    assert Order.objects.get(order_no="A011").amount == 30  # its price times its quantity
    assert {line.product.name for line in OrderLine.objects.filter(order=first)} == {"机油", "机滤"}


def rejected_rows(batch: ImportBatch) -> list[list[str]]:
    assert batch.errors_file
    kept = files.location(batch.errors_file)
    with left_out.told(kept, reading=Reading.from_json(batch.reading), mapping=batch.mapping) as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))


def test_the_rows_left_out_can_be_corrected_and_sent_again(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, GBK.encode("gb18030"))
    header, *rows = rejected_rows(batch)
    assert (header[-2:], [row[-2] for row in rows]) == (["行号", "原因"], ["6", "7", "8", "9", "10", "13", "15"])
    assert all(row[-1] for row in rows)
    rows = [row for row in rows if row[0] not in {"A008", "合计"}]
    repaired = {"A004": (2, "13100131000"), "A005": (3, "2024-02-28"), "A006": (7, "90"), "A007": (7, "30")}
    for row in rows:
        at, value = repaired.get(row[0], (0, row[0]))
        row[at] = value
        if row[0] == "A007":
            row[6] = "30"
    again, _ = bring(boss, "\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows]))
    assert (again.counts["rejected"], again.counts["created"]["orders"]) == (0, 5)


def test_the_file_of_rejected_rows_runs_no_formula(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, "客户姓名,下单时间,金额\n=cmd|' /C calc'!A0,2024-02-30,5\n@SUM(A1),x,5\n-5,x,-5\n")
    cells = [row[0] for row in rejected_rows(batch)[1:]]
    assert cells == ["'=cmd|' /C calc'!A0", "'@SUM(A1)", "-5"]


def test_without_order_numbers_every_row_is_an_order(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\nK1,2024-01-01,5\nK2,2024-01-02,0\nK2,2024-01-03,-7\n")
    assert batch.counts["created"] == {"customers": 2, "orders": 4}
    assert batch.counts["remarks"] == {"repeated": 1, "zero_amount": 1, "returns": 1}
    assert sorted(Order.objects.values_list("amount", "kind")) == [(-7, "return"), (0, "sale"), (5, "sale"), (5, "sale")]


def test_customers_are_found_by_number_phone_and_name(boss: User, bring: Bring) -> None:
    number = Customer.objects.create(name="甲", number="K1")
    phone = Customer.objects.create(name="乙", phone="+8613800138000")
    name = Customer.objects.create(name="丙丁")
    bring(boss, "客户编号,日期,金额\nK1,2024-01-01,5\n")
    bring(boss, "手机号,日期,金额\n138 0013 8000,2024-01-01,5\n")
    bring(boss, "客户姓名,日期,金额\n丙 丁,2024-01-01,5\n")
    assert Customer.objects.count() == 3
    assert {order.customer_id for order in Order.objects.all()} == {number.pk, phone.pk, name.pk}


def test_a_name_that_several_have_is_not_guessed(boss: User, bring: Bring) -> None:
    Customer.objects.bulk_create([Customer(name="李雷"), Customer(name="李雷")])
    batch, _ = bring(boss, "客户姓名,日期,金额\n李雷,2024-01-01,5\n")
    assert batch.reasons == {"name_not_unique": 1}


def test_a_phone_under_another_number_is_somebody_else(boss: User, bring: Bring) -> None:
    Customer.objects.create(name="甲", number="K1", phone="+8613800138000")
    batch, _ = bring(boss, "客户编号,手机号,日期,金额\nK2,13800138000,2024-01-01,5\n")
    assert batch.counts["created"]["customers"] == 1


def test_known_order_numbers_are_updated_skipped_or_kept_beside(boss: User, bring: Bring) -> None:
    bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,5\nA2,K1,2024-01-01,6\n")
    skipped, _ = bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,50\n", policy="skip")
    assert (skipped.counts["skipped"], Order.objects.get(order_no="A1").amount) == (1, 5)
    updated, _ = bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,51\nA2,K1,2024-01-01,6\n")
    assert (updated.counts["updated"]["orders"], updated.counts["skipped"]) == (1, 1)
    assert Order.objects.get(order_no="A1").amount == 51
    both, _ = bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,52\n", policy="keep_both")
    assert sorted(Order.objects.values_list("order_no", flat=True)) == ["A1", f"A1-{both.pk}", "A2"]


def test_one_number_at_two_customers_is_refused(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,5\nA1,K2,2024-01-01,5\nA2,K1,2024-01-01,5\n")
    assert (batch.reasons, Order.objects.count()) == ({"two_customers": 2}, 1)


def test_ambiguous_dates_are_asked_for_and_nothing_is_written(boss: User, bring: Bring) -> None:
    text = "客户,日期,金额\nK1,01/02/2024,5\nK2,03/04/2024,6\n"
    with pytest.raises(FileProblem) as caught:
        bring(boss, text)
    assert (caught.value.code, Customer.objects.count()) == ("date_order", 0)
    bring(boss, text, date_order="dmy")
    assert sorted(order.ordered_at.month for order in Order.objects.all()) == [
        1,
        4,
    ]  # in UTC 1 February of Shanghai is still January


def test_the_same_file_is_not_imported_twice(boss: User, bring: Bring) -> None:
    text = "客户,日期,金额\nK1,2024-01-01,5\n"
    first, _ = bring(boss, text)
    with pytest.raises(FileProblem) as caught:
        bring(boss, text)
    assert (caught.value.code, caught.value.params["batch"], Order.objects.count()) == ("imported_already", first.pk, 1)
    ImportBatch.objects.filter(pk=first.pk).update(reading=first.reading | {"sheet": "another"})
    assert batches.earlier_import(ImportBatch.objects.latest("pk")) is None  # another sheet of it was not imported yet
    bring(boss, text, again=True)
    assert Order.objects.count() == 2


def test_running_a_finished_batch_again_does_nothing(boss: User, bring: Bring, at: datetime.datetime) -> None:
    batch, _ = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\n")
    assert not actions.run_import(actor=boss, batch=batch, now=at).ran
    assert Order.objects.count() == 1


def test_a_dry_run_counts_and_changes_nothing(boss: User, bring: Bring) -> None:
    batch, outcome = bring(boss, GBK.encode("gb18030"), dry=True)
    assert (batch.state, outcome.counts["created"]["orders"], batch.counts["rejected"]) == (ImportState.CHECKED, 5, 7)
    assert first_in_words(batch.counts)[0] == {
        "row": 6,
        "reason": "手机号：“1.38E+10”：数字被表格软件截断，请将该列设为文本格式后重新填写",
    }
    assert (Customer.objects.count(), Order.objects.count(), Product.objects.count()) == (0, 0, 0)


def test_the_mapping_is_remembered(boss: User, bring: Bring, tmp_path: Path) -> None:
    bring(boss, "甲,乙,丙\nK1,2024-01-01,5\n", mapping={"number": 0, "date": 1, "amount": 2})
    assert ImportMapping.objects.count() == 1
    path = tmp_path / "next.csv"
    path.write_text("甲,乙,丙\nK2,2024-02-01,7\n")
    assert actions.open_path(actor=boss, kind="orders", path=path).mapping == {"number": 0, "date": 1, "amount": 2}


def _searched(text: str) -> Q:
    asked = wanted(text)
    assert asked
    return asked.condition()


def test_new_customers_can_be_searched_and_say_where_they_come_from(boss: User, bring: Bring) -> None:
    source = Source.objects.create(name="展会")
    batch, _ = bring(boss, GBK.encode("gb18030"), source=source.pk, owner=boss.pk)
    found = Customer.objects.get(_searched("8000"), name="李雷")
    assert Customer.objects.get(_searched("lilei")) == found
    assert (found.owner, found.source, str(found.owner_since)) == (boss, source, "2026-03-10")
    assert found.provenance["phone"] == {"on": "2026-03-10", "batch": batch.pk, "source": source.pk, "by": boss.pk}


def test_one_audit_entry_a_batch(boss: User, bring: Bring) -> None:
    batch, _ = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\nK2,2024-01-01,5\n")
    entry = AuditEntry.objects.get(verb="imported")
    assert (entry.object_id, entry.actor) == (batch.pk, boss)


# -- undo --------------------------------------------------------------------------------------------------------------------

TABLES = ("zhike_customer", "zhike_order", "zhike_orderline", "zhike_product", "zhike_contact", "zhike_address")


def contents() -> dict[str, list[str]]:
    """Every row of the tables an import writes, without what an undo is meant to move on (version, time of change, line ids)."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            dropped = " - 'id'" if table == "zhike_orderline" else ""
            cursor.execute(f"SELECT (to_jsonb(t) - 'version' - 'updated_at'{dropped})::text AS line FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def test_undo_restores_everything(boss: User, bring: Bring, at: datetime.datetime) -> None:
    bring(boss, "订单号,客户编号,手机号,日期,商品,数量,金额\nA1,K1,,2024-01-01,机油,1,5\nA2,K2,13900139000,2024-01-01,洗车,2,6\n")
    before = contents()
    batch, _ = bring(
        boss, "订单号,客户编号,手机号,日期,商品,数量,金额\nA1,K1,13800138000,2024-01-02,机滤,3,50\nA3,K3,,2024-01-01,贴膜,1,7\n"
    )
    assert contents() != before
    undone = actions.undo_import(actor=boss, batch=batch, now=at)
    assert undone == {"orders": {"removed": 1, "restored": 1, "kept": 0}, "customers": {"restored": 1, "removed": 1, "kept": 0}}
    assert contents() == before
    batch.refresh_from_db()
    assert batch.state == ImportState.UNDONE
    with pytest.raises(ValidationError):
        actions.undo_import(actor=boss, batch=batch, now=at)


def test_undo_keeps_customers_that_got_other_data_since(boss: User, bring: Bring, at: datetime.datetime) -> None:
    first, _ = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\nK2,2024-01-01,6\n")
    bring(boss, "客户,日期,金额\nK1,2024-02-01,8\n")
    undone = actions.undo_import(actor=boss, batch=first, now=at)
    assert undone["customers"] == {"restored": 0, "removed": 1, "kept": 1}
    assert list(Order.objects.values_list("customer__number", "amount")) == [("K1", Decimal(8))]


def test_undo_leaves_values_that_somebody_changed_since(boss: User, bring: Bring, at: datetime.datetime) -> None:
    customer = Customer.objects.create(name="甲", number="K1")
    batch, _ = bring(boss, "客户编号,手机号,邮箱,日期,金额\nK1,13800138000,a@b.cn,2024-01-01,5\n")
    Customer.objects.filter(pk=customer.pk).update(phone="+8613900139000")
    actions.undo_import(actor=boss, batch=batch, now=at)
    customer.refresh_from_db()
    assert (customer.phone, customer.email) == ("+8613900139000", "")


def test_undo_then_the_same_file_again(boss: User, bring: Bring, at: datetime.datetime) -> None:
    text = "客户,日期,金额\nK1,2024-01-01,5\n"
    batch, _ = bring(boss, text)
    actions.undo_import(actor=boss, batch=batch, now=at)
    bring(boss, text)
    assert Order.objects.count() == 1


# -- rights ------------------------------------------------------------------------------------------------------------------


def test_who_may_not_import_may_not(bring: Bring, person: Callable[..., User], boss: User) -> None:
    for permissions in (["customer.view", "order.edit"], ["customer.import", "customer.view"]):
        nobody = person(f"nobody{len(permissions)}{permissions[0]}", *permissions)
        with pytest.raises(PermissionDenied):
            bring(nobody, "客户,日期,金额\nK1,2024-01-01,5\n")
    assert (ImportBatch.objects.count(), Customer.objects.count()) == (0, 0)


def test_the_customers_of_others_are_neither_changed_nor_revealed(boss: User, bring: Bring, person: Callable[..., User]) -> None:
    han = person("han")
    theirs = Customer.objects.create(name="大客户", number="K1", phone="+8613800138000", owner=boss)
    mine = Customer.objects.create(name="我的", number="K2", owner=han)
    batch, _ = bring(
        han, "客户编号,客户姓名,手机号,邮箱,日期,金额\nK1,x,,a@b.cn,2024-01-01,5\n,y,13800138000,,2024-01-01,5\nK2,我的,,c@d.cn,2024-01-01,5\n",
        owner=han.pk,
    )  # fmt: skip
    assert batch.reasons == {"not_yours": 2}
    assert not any("大客户" in " ".join(row) or "老板" in " ".join(row) for row in rejected_rows(batch))
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.email, theirs.version, mine.email) == ("", 1, "c@d.cn")
    assert list(Order.objects.values_list("customer_id", flat=True)) == [mine.pk]


def test_orders_of_others_are_not_updated(boss: User, bring: Bring, person: Callable[..., User]) -> None:
    bring(boss, "订单号,客户,日期,金额\nA1,K1,2024-01-01,5\n", owner=boss.pk)
    han = person("han")
    batch, _ = bring(han, "订单号,客户,日期,金额\nA1,K9,2024-01-01,500\n", owner=han.pk)
    assert (batch.reasons, Order.objects.get().amount) == ({"not_yours": 1}, 5)


def test_a_name_is_only_looked_for_among_ones_own(boss: User, bring: Bring, person: Callable[..., User]) -> None:
    Customer.objects.create(name="李雷", owner=boss)
    han = person("han")
    batch, _ = bring(han, "客户姓名,日期,金额\n李雷,2024-01-01,5\n", owner=han.pk)
    assert batch.counts["created"]["customers"] == 1  # nothing told Han that there is another


def test_without_the_right_to_create_only_known_customers_get_orders(bring: Bring, person: Callable[..., User]) -> None:
    clerk = person("clerk", "customer.view", "customer.edit", "customer.import", "order.view", "order.edit")
    Customer.objects.create(name="甲", number="K1", owner=clerk)
    batch, _ = bring(clerk, "客户编号,日期,金额\nK1,2024-01-01,5\nK2,2024-01-01,5\n")
    assert (batch.reasons, Customer.objects.count()) == ({"may_not_create": 1}, 1)


def test_nobody_gives_customers_to_people_out_of_reach(boss: User, bring: Bring, person: Callable[..., User]) -> None:
    with pytest.raises(ValidationError):
        bring(person("han"), "客户,日期,金额\nK1,2024-01-01,5\n", owner=boss.pk)


def test_the_imports_of_others_do_not_exist(boss: User, bring: Bring, person: Callable[..., User], at: datetime.datetime) -> None:
    batch, _ = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\n")
    with pytest.raises(ImportBatch.DoesNotExist):
        actions.undo_import(actor=person("han"), batch=batch, now=at)


# -- in the background ---------------------------------------------------------------------------------------------------------


def test_the_worker_runs_it_and_tells_the_importer(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    path = tmp_path / "file.csv"
    path.write_text("客户,日期,金额\nK1,2024-01-01,5\n")
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    actions.start_import(actor=boss, batch=batch)
    with pytest.raises(ValidationError):
        actions.start_import(actor=boss, batch=batch)
    for _ in range(2):  # a job is sometimes run twice
        actions.run_in_background(batch_id=batch.pk, language="en", now=at)
    assert Order.objects.count() == 1
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.url) == (boss, "import.done", f"/imports/{batch.pk}/")


def test_a_failure_says_why_and_changes_nothing(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    path = tmp_path / "file.csv"
    path.write_text("客户,日期,金额\nK1,2024-01-01,5\n")
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    actions.start_import(actor=boss, batch=batch)
    path.unlink()
    actions.run_in_background(batch_id=batch.pk, language="en", now=at)
    batch.refresh_from_db()
    assert (batch.state, batch.problem) == (ImportState.FAILED, {"code": "gone", "params": {}})
    assert Notice.objects.get().kind == "import.failed"
