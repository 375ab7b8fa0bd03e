"""Foreign keys of imported rows are checked together; nothing may slip through for it."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from zhike.customers import tokens
from zhike.customers.choices import ImportState
from zhike.customers.imports.keys import checked_together
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.staging import Staging
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.imports import actions
from zhike.sales.models import FactsDirty, Order
from zhike.teams.models import Department, User

Bring = Callable[..., tuple[ImportBatch, Any]]
FILE = "客户编号,客户姓名,手机号\nC1,张伟,13800138000\nC2,李娜,13900139000\n"


def _customers(boss: User, path: Path, at: datetime.datetime, **options: Any) -> ImportBatch:
    file = path / "customers.csv"
    file.write_text(FILE)
    batch = actions.open_path(actor=boss, kind="customers", path=file)
    ImportBatch.objects.filter(pk=batch.pk).update(options=batch.options | options)
    batch.refresh_from_db()
    actions.run_now(actor=boss, batch=batch, now=at)
    return batch


def _refused(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)


@pytest.mark.parametrize("key", ["department", "source", "owner"])
def test_new_customers_never_point_to_what_is_gone(boss: User, tmp_path: Path, at: datetime.datetime, key: str) -> None:
    with pytest.raises(FileProblem):
        _customers(boss, tmp_path, at, **{key: 987_654})
    assert not Customer.objects.exists()
    assert ImportBatch.objects.get().state == ImportState.FAILED


def test_what_they_do_point_to_is_kept(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    shop = Department.objects.create(name="杭州一店")
    _customers(boss, tmp_path, at, department=shop.pk)
    assert set(Customer.objects.values_list("department", flat=True)) == {shop.pk}
    _refused("DELETE FROM zhike_department")


def test_afterwards_every_row_is_checked_again(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    _customers(boss, tmp_path, at)
    _refused("UPDATE zhike_customer SET owner_id = 987654")


def test_a_failure_inside_leaves_the_checks_on(boss: User) -> None:
    with connection.cursor() as cursor:
        with pytest.raises(ZeroDivisionError), transaction.atomic(), checked_together(Staging(cursor, "customers"), {}, {}):
            raise ZeroDivisionError
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


def test_the_word_null_is_a_piece_like_any_other(boss: User, tmp_path: Path, at: datetime.datetime) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("客户编号,客户姓名\nNULL1,张伟\n")
    actions.run_now(actor=boss, batch=actions.open_path(actor=boss, kind="customers", path=file), now=at)
    kept = Customer.objects.get().search
    assert "null" in kept
    assert None not in kept
    Customer.objects.update(search=[])
    assert (tokens.remake(size=1), Customer.objects.get().search, tokens.remake()) == (1, kept, 0)


def test_the_columnar_copy_still_hears_of_imported_orders(boss: User, bring: Bring) -> None:
    FactsDirty.objects.all().delete()
    bring(boss, "客户,日期,金额\nK1,2024-01-01,5\n")
    assert FactsDirty.objects.filter(bucket=Order.objects.get().pk >> 16).exists()
