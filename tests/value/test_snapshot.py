"""The columnar copy of the orders stays in step with the database, whatever happens to either of them."""

import dataclasses
import shutil
import threading
from decimal import Decimal

import duckdb
import pytest
from django.db import connection, transaction

from tests.value import shop
from zhike.customers.models import Customer
from zhike.sales.models import FactsDirty, Order
from zhike.value import order_arrays, snapshot
from zhike.value.catching_up import changed_since
from zhike.value.models import Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_folder() -> None:
    shutil.rmtree(snapshot.folder(), ignore_errors=True)


def rows_of(manifest: snapshot.Manifest, columns: str = "customer_id, ordered_on::text, amount") -> list[tuple]:
    if not manifest.parts:
        return []
    return duckdb.connect().execute(f"SELECT {columns} FROM read_parquet(?) ORDER BY order_id", [manifest.files()]).fetchall()


def far_order(customer: Customer, bucket: int) -> Order:
    """An order whose number lies in another part."""
    return Order.objects.create(pk=(bucket << snapshot.SHIFT) + 5, customer=customer, ordered_at=shop.noon("2026-03-03"), amount=7)


def test_every_column_arrives_exactly() -> None:
    (li,) = shop.customers(1)
    sale = Order.objects.create(
        customer=li, ordered_at=shop.noon("2026-02-01"), amount=Decimal("99999999999.99"), cost=Decimal("0.01"),
        quantity=Decimal("2.125"), channel="门店",
    )  # fmt: skip
    back = Order.objects.create(
        customer=li, ordered_at=shop.noon("2026-02-02"), amount=Decimal("-0.05"), kind="return", returns=sale
    )
    rows = rows_of(snapshot.refresh(), "order_id, customer_id, ordered_on::text, amount, cost, quantity, is_return, channel")
    assert rows == [
        (sale.pk, li.pk, "2026-02-01", Decimal("99999999999.99"), Decimal("0.01"), Decimal("2.125"), False, "门店"),
        (back.pk, li.pk, "2026-02-02", Decimal("-0.05"), None, None, True, ""),
    ]


def test_a_run_of_an_earlier_version_is_not_compared_part_by_part() -> None:
    (li,) = shop.customers(1)
    far_order(li, 1)
    facts = snapshot.refresh()
    for known in (facts, dataclasses.replace(facts, token="earlier", layout=facts.layout - 1)):
        snapshot.pin(known)
    assert changed_since(Run(report={"facts": {"token": facts.token}}), facts) == []
    assert changed_since(Run(report={"facts": {"token": "earlier"}}), facts) is None


def test_days_are_those_of_the_company_not_of_london() -> None:
    (li,) = shop.customers(1)
    late = shop.noon("2026-02-01").replace(hour=0, minute=30)  # still January in UTC
    Order.objects.create(customer=li, ordered_at=late, amount=1)
    assert rows_of(snapshot.refresh()) == [(li.pk, "2026-02-01", Decimal("1.00"))]
    with connection.cursor() as cursor:
        cursor.execute("SHOW TimeZone")
        assert cursor.fetchone() == ("UTC",)


def test_only_the_parts_that_changed_are_exported_again() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-01-01", 10)])
    far = far_order(li, 9)
    first = snapshot.refresh()
    far.amount = Decimal("8.00")
    far.save()
    second = snapshot.refresh()
    assert {bucket for bucket in second.parts if second.parts[bucket] != first.parts[bucket]} == {9}
    assert second.version == first.version + 1
    assert rows_of(second) == [(li.pk, "2026-01-01", Decimal("10.00")), (li.pk, "2026-03-03", Decimal("8.00"))]


def test_without_changes_the_copy_is_left_alone() -> None:
    shop.orders([(shop.customers(1)[0], "2026-01-01", 10)])
    assert snapshot.refresh() == snapshot.refresh()


def test_new_changed_and_deleted_orders_arrive_and_new_channels_too() -> None:
    li, zhang = shop.customers(2)
    one, two = shop.orders([(li, "2026-01-01", 10), (zhang, "2026-01-02", 20)])
    snapshot.refresh()
    one.delete()
    Order.objects.filter(pk=two.pk).update(amount=Decimal("21"))
    shop.orders([(li, "2026-01-03", 30)], channel="微信")
    manifest = snapshot.refresh()
    assert rows_of(manifest, "customer_id, amount, channel") == [
        (zhang.pk, Decimal("21.00"), ""),
        (li.pk, Decimal("30.00"), "微信"),
    ]
    assert set(manifest.channels) == {"", "微信"}


def test_a_part_whose_orders_are_all_gone_disappears() -> None:
    (li,) = shop.customers(1)
    far_order(li, 9)
    assert list(snapshot.refresh().parts) == [9]
    Order.objects.all().delete()
    assert snapshot.refresh().parts == {}


def test_a_deleted_folder_is_made_anew() -> None:
    shop.orders([(shop.customers(1)[0], "2026-01-01", 10)])
    before = rows_of(snapshot.refresh())
    shutil.rmtree(snapshot.folder())
    assert rows_of(snapshot.refresh()) == before


def test_a_missing_or_damaged_file_is_noticed() -> None:
    shop.orders([(shop.customers(1)[0], "2026-01-01", 10)])
    manifest = snapshot.refresh()
    snapshot.folder().joinpath(manifest.parts[next(iter(manifest.parts))].file).unlink()
    assert len(rows_of(snapshot.refresh())) == 1
    (snapshot.folder() / snapshot.MANIFEST).write_text('{"token": "cut o')
    assert len(rows_of(snapshot.refresh())) == 1


def test_after_a_restore_the_copy_of_the_later_time_is_not_used() -> None:
    """The database goes back to an earlier state, the folder does not."""
    (li,) = shop.customers(1)
    with connection.cursor() as cursor:
        snapshot.refresh()
        cursor.execute("CREATE TEMP TABLE backup AS TABLE zhike_setting")
        shop.orders([(li, "2026-01-01", 10)])
        snapshot.refresh()
        cursor.execute("DELETE FROM zhike_order")
        cursor.execute("TRUNCATE zhike_factsdirty, zhike_setting; INSERT INTO zhike_setting TABLE backup; DROP TABLE backup")
    assert rows_of(snapshot.refresh()) == []


@pytest.mark.parametrize("moment", ["_export", "_write"])
def test_a_refresh_that_dies_leaves_the_old_copy_and_the_next_one_catches_up(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-01-01", 10)])
    snapshot.refresh()
    shop.orders([(li, "2026-01-02", 20)])
    original = getattr(snapshot, moment)

    def dies(*arguments: object) -> None:
        original(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshot, moment, dies)
        with pytest.raises(KeyboardInterrupt):
            snapshot.refresh()
    assert FactsDirty.objects.exists()
    assert len(rows_of(snapshot.refresh())) == 2


def test_a_refresh_killed_between_commit_and_renaming_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-01-01", 10)])
    snapshot.refresh()
    shop.orders([(li, "2026-01-02", 20)])
    real = snapshot.os.replace

    def dies(source: object, target: object) -> None:
        if str(target).endswith(snapshot.MANIFEST):
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(snapshot.os, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            snapshot.refresh()
    kept = snapshot.refresh()
    assert len(rows_of(kept)) == 2
    assert kept.version == 2  # found, not made anew


def test_orders_that_others_are_writing_meanwhile_come_with_the_next_refresh() -> None:
    li, zhang = shop.customers(2)
    shop.orders([(li, "2026-01-01", 10)])
    written, may_commit = threading.Event(), threading.Event()

    def writer() -> None:
        try:
            with transaction.atomic():
                shop.orders([(zhang, "2026-01-02", 20)])
                written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=writer)
    other.start()
    assert written.wait(10)
    assert len(rows_of(snapshot.refresh())) == 1
    may_commit.set()
    other.join()
    assert len(rows_of(snapshot.refresh())) == 2


def test_gone_customers_are_noted_and_merges_followed_to_the_last() -> None:
    a, b, c, d, e = shop.customers(5)
    now = shop.noon("2026-02-02")
    Customer.objects.filter(pk=a.pk).update(deleted_at=now, merged_into=b)
    Customer.objects.filter(pk=b.pk).update(deleted_at=now, merged_into=c)
    Customer.objects.filter(pk=d.pk).update(deleted_at=now)
    Customer.objects.filter(pk=e.pk).update(deleted_at=now, merged_into=d)
    assert snapshot.refresh().gone == {a.pk: c.pk, b.pk: c.pk, d.pk: None, e.pk: None}


def test_tidying_deletes_what_no_kept_run_needs() -> None:
    (li,) = shop.customers(1)
    shop.orders([(li, "2026-01-01", 10)])
    old = snapshot.refresh()
    snapshot.pin(old)
    shop.orders([(li, "2026-01-02", 20)])
    new = snapshot.refresh()
    snapshot.tidy({old.token})
    assert len(rows_of(snapshot.pinned(old.token))) == 1  # type: ignore[arg-type]
    snapshot.tidy(set())
    assert snapshot.pinned(old.token) is None
    assert len(list(snapshot.folder().glob("orders-*"))) == 1
    assert len(rows_of(new)) == 2


def test_hundredths_survive_the_way_without_floating_point() -> None:
    values = order_arrays.np.array([1, -1, 10**13 - 1, -(10**13) + 1, order_arrays.NOTHING, 0])
    assert order_arrays._decimals(values, 2).to_pylist() == [
        Decimal("0.01"), Decimal("-0.01"), Decimal("99999999999.99"), Decimal("-99999999999.99"), None, Decimal("0.00"),
    ]  # fmt: skip
