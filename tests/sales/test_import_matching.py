"""To whom the rows of a file go: who is found, who stays as they are, whose the new ones are, and what is told at the end."""

from __future__ import annotations

import datetime
import errno
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from zhike.core import spreadsheet
from zhike.customers.actions import change_customer
from zhike.customers.imports.problems import FileProblem
from zhike.customers.models import Customer, Identifier, ImportBatch
from zhike.sales.imports import actions, conflicts, undoing
from zhike.sales.models import Order
from zhike.teams.models import Department, Role

if TYPE_CHECKING:
    from zhike.teams.models import User

Bring = Callable[..., Any]
OWNERS = ["li", "LI", "李经理", "nobody", "gone", "双胞", ""]


def owners(bring: Bring, actor: User, **more: Any) -> tuple[dict[str, Any], dict[str, int]]:
    rows = "".join(f"K{n},{owner}\n" for n, owner in enumerate(OWNERS))
    batch, _outcome = bring(actor, f"客户编号,负责人\n{rows}", kind="customers", **more)
    return dict(Customer.objects.values_list("number", "owner__username")), batch.reasons


def test_owners_are_known_by_account_or_name_if_only_one_is_called_so(boss: User, bring: Bring, person: Any) -> None:
    shop = Department.objects.create(name="一店")
    person("li", name="李经理", department=shop)
    person("gone", is_active=False)
    person("a", name="双胞")
    person("b", name="双胞")
    found, reasons = owners(bring, boss)
    assert found == {"K0": "li", "K1": "li", "K2": "li", "K6": None}
    assert reasons == {"unknown_owner": 3}
    assert set(Customer.objects.filter(owner__username="li").values_list("department__name", flat=True)) == {"一店"}


def test_who_may_not_hand_over_gives_new_customers_only_to_their_own(bring: Bring, person: Any) -> None:
    person("li", name="李经理")
    han = person("han")
    batch, _outcome = bring(han, "客户编号,负责人\nK1,han\nK2,li\n", kind="customers", owner=han.pk)
    assert (batch.reasons, Customer.objects.get().number) == ({"owner_out_of_reach": 1}, "K1")


def test_a_further_phone_finds_who_has_it_but_nobody_out_of_the_bin(boss: User, bring: Bring, at: datetime.datetime) -> None:
    known, binned = Customer.objects.create(name="甲"), Customer.objects.create(name="乙", deleted_at=at)
    Identifier.objects.create(customer=known, kind="phone", value="+8613800138000")
    Identifier.objects.create(customer=binned, kind="phone", value="+8613900139000")
    batch, _outcome = bring(boss, "手机号,邮箱\n13800138000,a@b.cn\n13900139000,c@d.cn\n", kind="customers")
    assert batch.counts["created"]["customers"] == batch.counts["updated"]["customers"] == 1
    known.refresh_from_db()
    binned.refresh_from_db()
    assert (known.email, binned.email) == ("a@b.cn", "")


def test_further_phones_come_only_where_the_file_may_speak_and_never_twice(boss: User, bring: Bring) -> None:
    known = Customer.objects.create(name="甲", number="K1", phone="+8613800138000")
    text = "客户编号,手机号,生日\nK1,13900139000/13800138000,\nK2,13500135000/13600136000,2024-02-30\n"
    bring(boss, text.replace("/13800138000", "/13700137000"), kind="customers", policy="skip")
    assert not Identifier.objects.exists()
    bring(boss, text, kind="customers")
    known.refresh_from_db()
    assert (known.phone, [one.value for one in Identifier.objects.all()]) == ("+8613900139000", ["+8613800138000"])
    Identifier.objects.all().delete()
    bring(boss, "客户编号,手机号\nK1,13900139000 / 13900139000\n", kind="customers")
    assert not Identifier.objects.exists()


def test_what_the_importer_sees_only_masked_is_filled_but_not_overwritten(boss: User, bring: Bring, person: Any) -> None:
    han = person("han")
    Role.objects.filter(users=han).update(clearance="public")
    values = {"phone": "+8613800138000", "region": "沪", "tags": ["老"], "email": "a@b.cn", "birthday": datetime.date(1980, 1, 1)}
    Customer.objects.create(name="甲", number="K1", owner=han, **values)
    Customer.objects.create(name="乙", number="K2", owner=han)
    row = "13900139000,苏,新,c@d.cn,1990-05-05,新名"
    bring(han, f"客户编号,手机号,地区,标签,邮箱,生日,姓名\nK1,{row}\nK2,{row}\n", kind="customers", owner=han.pk)
    one, other = Customer.objects.order_by("number")
    assert (one.phone, other.phone, one.tags, other.tags) == ("+8613800138000", "+8613900139000", ["老", "新"], ["新"])
    assert (one.birthday, other.birthday) == (datetime.date(1980, 1, 1), datetime.date(1990, 5, 5))
    assert (other.region, other.email, one.name, other.name) == ("苏", "c@d.cn", "新名", "新名")
    assert "phone" not in one.provenance
    assert {"phone", "region", "email", "birthday"} <= set(other.provenance)
    assert "name" not in other.provenance


def test_a_clean_file_leaves_nothing_to_remark(boss: User, bring: Bring, tmp_path: Path) -> None:
    batch, _outcome = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\nK1,2024-01-02,5\n")
    assert (batch.counts["remarks"], batch.step, batch.errors_file) == ({}, "", None)
    batch, _outcome = bring(boss, "客户,日期,金额\nK1,never,5\nK1,2024-01-03,5\n")
    assert (batch.errors_file.content_type, batch.errors_file.name, batch.step) == (
        "text/csv",
        f"{Path(batch.file_name).stem}-rejected.csv",
        "",
    )


def test_an_import_tried_again_begins_anew(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    path, text = tmp_path / "file.csv", "客户,日期,金额\nK1,2024-01-01,5\n"
    path.write_text(text)
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    path.unlink()
    with pytest.raises(FileProblem):
        actions.run_now(actor=boss, batch=batch, now=at)
    batch.refresh_from_db()
    assert (batch.state, batch.step, batch.started_at, batch.finished_at) == ("failed", "", at, at)
    path.write_text(text)
    actions.reopen_import(actor=boss, batch=batch)
    later = at + datetime.timedelta(days=1)
    actions.run_now(actor=boss, batch=batch, now=later)
    batch.refresh_from_db()
    assert (batch.state, batch.problem, batch.started_at, batch.rows_total, batch.rows_done) == ("done", "", later, 1, 1)


def test_after_an_undo_that_kept_nobody_nobody_is_named(boss: User, bring: Bring, at: datetime.datetime) -> None:
    for kind, text in (("customers", "客户编号,姓名\nK1,甲\n"), ("orders", "客户,日期,金额\nK2,2024-01-01,5\n")):
        batch, _outcome = bring(boss, text, kind=kind)
        assert conflicts.of(batch, seen_by=boss).total == 0
        actions.undo_import(actor=boss, batch=batch, now=at)
        batch.refresh_from_db()
        found = conflicts.of(batch, seen_by=boss)
        assert (found.orders, found.customers, found.first, found.known) == (0, 0, [], True)
    assert not ImportBatch.objects.exclude(state="undone").exists()


def test_who_may_not_import_orders_takes_none_back(boss: User, bring: Bring, person: Any, at: datetime.datetime) -> None:
    batch, _outcome = bring(boss, "客户,日期,金额\nK1,2024-01-01,5\n")
    may = ["customer.view", "customer.import", "order.view", "order.edit"]
    for number, (permissions, edited) in enumerate(((may[:3], "keep"), (["order.edit", *may[:1]], "keep"), (may, "remove"))):
        clerk = person(f"clerk{number}", *permissions, scope="all")
        with pytest.raises(PermissionDenied):
            actions.undo_import(actor=clerk, batch=batch, now=at, edited=edited)
        with pytest.raises(PermissionDenied):
            undoing.start_undo(actor=clerk, batch=batch, edited=edited)
    with pytest.raises(ValidationError):
        actions.undo_import(actor=boss, batch=batch, now=at, edited="some")
    assert Order.objects.filter(batch=batch).count() == 1


def test_before_an_undo_each_that_would_stay_says_why(boss: User, bring: Bring, at: datetime.datetime) -> None:
    first, _outcome = bring(boss, "客户编号,姓名,备注\nK1,甲,a\nK2,乙,b\nK3,丙,c\nK4,丁,d\n", kind="customers")
    bring(boss, "客户编号,备注\nK1,x\n", kind="customers")
    bring(boss, "客户,日期,金额\nK2,2024-01-01,5\n")
    change_customer(actor=boss, customer=Customer.objects.get(number="K3"), values={"note": "y"}, at=at)
    found = conflicts.of(first, seen_by=boss)
    told = {one.name: (one.why, one.by) for one in found.first if conflicts.REASONS[one.why]}
    assert told == {"甲": ("imported", ""), "乙": ("used", ""), "丙": ("changed", "老板")}
    assert (found.customers, found.orders) == (3, 0)


def test_a_list_for_a_full_disk_says_that_it_is_full() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        spreadsheet.write_xlsx(Path("/dev/full"), "x", ["a"], [["b"]])
    assert caught.value.errno == errno.ENOSPC


def test_numbers_stay_numbers_in_a_list_and_words_run_nowhere() -> None:
    assert list(map(spreadsheet.harmless, [5, None, "x", "=x", "＝x"])) == [5, None, "x", "'=x", "'＝x"]


def test_a_choice_of_columns_that_lost_one_is_not_run(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    path = tmp_path / "file.csv"
    path.write_text("客户,日期,金额\nK1,2024-01-01,5\n")
    batch = actions.open_path(actor=boss, kind="orders", path=path)
    ImportBatch.objects.filter(pk=batch.pk).update(mapping={"number": 0, "date": 1})
    with pytest.raises(FileProblem) as caught:
        actions.run_now(actor=boss, batch=batch, now=at)
    assert (caught.value.code, Customer.objects.exists()) == ("unmapped", False)
