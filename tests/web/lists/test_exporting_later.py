"""More rows than somebody waits for: the worker makes the file, its asker fetches it."""

import csv
import datetime
import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from python_calamine import CalamineWorkbook

from tests.teams.company import person
from tests.web.lists.world import content, customer
from zhike.core import files, settings_store, spreadsheet
from zhike.core.models import AuditEntry, StoredFile
from zhike.core.queue import unfinished
from zhike.customers.models import Customer
from zhike.jobs.tasks import make_export
from zhike.jobs.worker import MOST_ATTEMPTS
from zhike.teams.actions import decide_export, export_files
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import ExportRequest, Notice, Role, User
from zhike.teams.rules import ExportRules
from zhike.web.lists import sheets

pytestmark = pytest.mark.django_db
ALL = {"query": "columns=name,phone&sort=name", "all": "1", "kind": "csv"}


@pytest.fixture
def desk(seller: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Four customers, of whom three would be too many to wait for."""
    monkeypatch.setattr(export_files, "AT_ONCE", 2)
    monkeypatch.setattr(export_files, "STEP", 1)
    Role.objects.update(clearance=Confidentiality.CONFIDENTIAL)
    for n in range(4):
        customer(f"张伟{n}", phone=f"+861380013800{n}", owner=seller)
    client = Client()
    client.force_login(seller)
    return client


def ordered(desk: Client, **fields: str) -> ExportRequest:
    answer = desk.post("/lists/customers/export", ALL | fields)
    row = ExportRequest.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/exports/{row.pk}/")
    return row


def made(row: ExportRequest, at: datetime.datetime | None = None) -> ExportRequest:
    export_files.make_file(request_id=row.pk, at=at or timezone.now())
    row.refresh_from_db()
    return row


def table(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))


def test_few_rows_come_at_once(desk: Client) -> None:
    ids = list(Customer.objects.values_list("pk", flat=True)[:2])
    answer = desk.post("/lists/customers/export", ALL | {"all": "", "id": ids})
    assert len(table(answer)) == 3
    assert not ExportRequest.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_many_are_made_by_the_worker_and_fetched(desk: Client, seller: User, kind: str, tmp_path: Path) -> None:
    row = ordered(desk, kind=kind)
    assert {"request_id": row.pk} in unfinished("exports.make")
    page = desk.get(f"/exports/{row.pk}/").content.decode()
    assert f"/exports/{row.pk}/cancel/" in page
    assert f"/exports/{row.pk}/file/" not in page
    assert desk.get(f"/exports/{row.pk}/", headers={"X-Part": "progress"}).status_code == 200
    assert made(row).done == 4
    assert desk.get(f"/exports/{row.pk}/", headers={"X-Part": "progress"}).headers["HX-Refresh"] == "true"
    assert f"/exports/{row.pk}/file/" in desk.get(f"/exports/{row.pk}/").content.decode()
    assert Notice.objects.get(user=seller).url == f"/exports/{row.pk}/"
    assert "4" in desk.get("/notices/").content.decode()
    sent = desk.post(f"/exports/{row.pk}/file/")
    assert f"-{row.number}.{kind}" in sent.headers["Content-Disposition"]
    if kind == "csv":
        rows = table(sent)
    else:
        (tmp_path / "list.xlsx").write_bytes(content(sent))
        rows = CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_index(0).to_python()  # type: ignore[assignment]
    assert [line[0] for line in rows[1:]] == [f"张伟{n}" for n in range(4)]
    assert rows[0][-1].startswith(f"#{row.number} · ")
    told = AuditEntry.objects.filter(verb="exported").order_by("pk")
    assert [one.object_type for one in told] == ["customers", "exportrequest"]
    assert told[0].pk == row.number
    again = content(desk.post(f"/exports/{row.pk}/file/"))
    assert again.count(b"\n") == 5 if kind == "csv" else again


def test_asked_for_twice_it_is_made_once(desk: Client) -> None:
    first = ordered(desk)
    assert desk.post("/lists/customers/export", ALL).headers["Location"] == f"/exports/{first.pk}/"
    assert AuditEntry.objects.filter(verb="exported").count() == 1
    made(first)
    desk.post("/lists/customers/export", ALL)  # of today's rows
    assert ExportRequest.objects.count() == 2


def test_it_holds_what_its_asker_sees_when_it_is_made(desk: Client) -> None:
    row = ordered(desk)
    Customer.objects.filter(name="张伟0").update(owner=None)
    Role.objects.update(clearance=Confidentiality.INTERNAL)
    made(row)
    rows = table(desk.post(f"/exports/{row.pk}/file/"))
    assert [line[0] for line in rows[1:]] == ["张伟1", "张伟2", "张伟3"]
    assert all("****" in line[1] for line in rows[1:])


@pytest.mark.parametrize("loss", ["right", "role", "left", "list"])
def test_who_is_cut_off_meanwhile_gets_nothing(desk: Client, seller: User, loss: str) -> None:
    row = ordered(desk)
    match loss:
        case "right":
            Role.objects.update(permissions=["customer.view"])
        case "role":
            seller.roles.clear()
        case "left":
            User.objects.filter(pk=seller.pk).update(is_active=False)
        case _:
            ExportRequest.objects.update(screen="orders")
    made(row)
    assert (row.file_state, row.stored) == ("failed", None)
    assert row.problem
    assert not StoredFile.objects.filter(uploaded_by=seller).exists()


def test_a_file_is_for_its_asker_with_the_rights_it_was_made_with(desk: Client, boss: User, seller: User) -> None:
    row = made(ordered(desk))
    assert row.stored
    place = files.location(row.stored)
    other = Client()
    for who in (boss, person("韩梅", can=[Permission.CUSTOMER_VIEW, Permission.CUSTOMER_EXPORT])):
        other.force_login(who)
        assert other.get(f"/exports/{row.pk}/").status_code == 404
        assert other.post(f"/exports/{row.pk}/file/").status_code == 404
        assert other.post(f"/exports/{row.pk}/cancel/").status_code == 404
    Role.objects.update(permissions=["customer.view"])
    assert desk.post(f"/exports/{row.pk}/file/").status_code == 403
    Role.objects.update(permissions=["customer.view", "customer.export"], clearance=Confidentiality.INTERNAL)
    assert desk.post(f"/exports/{row.pk}/file/").status_code == 302
    row.refresh_from_db()
    assert (row.file_state, row.stored) == ("gone", None)
    assert place.exists()  # until the transaction is through, as always with files
    assert AuditEntry.objects.filter(verb="exported").count() == 1


def test_a_cancelled_one_leaves_no_file(desk: Client, seller: User) -> None:
    row = ordered(desk)
    desk.post(f"/exports/{row.pk}/cancel/")
    assert made(row).file_state == "cancelled"
    assert not StoredFile.objects.filter(uploaded_by=seller).exists()
    assert desk.get(f"/exports/{row.pk}/").status_code == 200
    assert "4" in desk.get("/notices/").content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_cancelled_on_the_way_it_stops(desk: Client, seller: User, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered(desk, kind=kind)
    usual = sheets._lines

    def cancelled_in_the_middle(*given: Any) -> Iterator[list[Any]]:
        for at, line in enumerate(usual(*given)):
            if at == 1:
                export_files.cancel_file(actor=seller, request_id=row.pk)
            yield line

    monkeypatch.setattr(sheets, "_lines", cancelled_in_the_middle)
    assert made(row).file_state == "cancelled"
    assert row.done < 4
    assert not StoredFile.objects.filter(uploaded_by=seller).exists()


def test_a_killed_worker_leaves_nothing_half_and_the_next_one_begins_anew(
    desk: Client, seller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, usual = ordered(desk), sheets._lines

    def killed(*given: Any) -> Iterator[list[Any]]:
        yield next(usual(*given))
        raise SystemExit

    monkeypatch.setattr(sheets, "_lines", killed)
    with pytest.raises(SystemExit):
        made(row)
    monkeypatch.setattr(sheets, "_lines", usual)
    row.refresh_from_db()
    assert (row.file_state, row.stored) == ("running", None)
    assert not StoredFile.objects.filter(uploaded_by=seller).exists()
    assert made(row).file_state == "ready"
    made(row)  # a job that comes twice
    assert StoredFile.objects.filter(uploaded_by=seller).count() == 1
    assert len(table(desk.post(f"/exports/{row.pk}/file/"))) == 5


def test_a_fault_is_said(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered(desk)
    monkeypatch.setattr(sheets, "_lines", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made(row)
    row.refresh_from_db()
    assert (row.file_state, bool(row.problem)) == ("failed", True)
    assert row.problem in desk.get(f"/exports/{row.pk}/").content.decode()


def test_a_full_disk_is_said(desk: Client, seller: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ordered(desk)

    def full(*given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spreadsheet, "write_file", full)
    with pytest.raises(OSError, match="No space left"):
        made(row)
    row.refresh_from_db()
    assert row.file_state == "failed"
    assert "磁盘空间已满" in row.problem
    assert not StoredFile.objects.filter(uploaded_by=seller).exists()


def test_when_the_database_was_away_the_queue_begins_anew(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row, usual = ordered(desk), sheets._lines

    def lost(*given: Any) -> Iterator[list[Any]]:
        yield next(usual(*given))
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(sheets, "_lines", lost)
    with pytest.raises(OperationalError) as loss:
        made(row)
    row.refresh_from_db()
    assert (row.file_state, row.stored) == ("running", None)  # nobody is told of what passes
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="exports.make", attempts=0)
    strategy = make_export.retry_strategy  # type: ignore[attr-defined]
    assert strategy.get_retry_decision(exception=loss.value, job=job)
    assert strategy.get_retry_decision(exception=ZeroDivisionError(), job=job) is None
    assert strategy.get_retry_decision(exception=loss.value, job=job.evolve(attempts=MOST_ATTEMPTS - 1)) is None
    assert strategy.get_retry_decision(exception=loss.value, job=job.evolve(queueing_lock="once")) is None
    monkeypatch.setattr(sheets, "_lines", usual)
    assert made(row).file_state == "ready"


@pytest.mark.parametrize("cancelled", [False, True])
def test_one_whose_job_is_no_more_is_found_and_its_asker_told(desk: Client, seller: User, cancelled: bool) -> None:
    row = ordered(desk)
    export_files.close_abandoned()
    row.refresh_from_db()
    assert row.file_state == "waiting"  # its job waits
    ProcrastinateJob.objects.filter(task_name="exports.make").update(status="failed")
    if cancelled:
        export_files.cancel_file(actor=seller, request_id=row.pk)
    assert export_files.close_abandoned() == 1
    row.refresh_from_db()
    assert row.file_state == ("cancelled" if cancelled else "failed")
    assert row.problem in desk.get("/notices/").content.decode()
    assert Notice.objects.get(user=seller, kind="export.stopped").url == f"/exports/{row.pk}/"
    assert export_files.close_abandoned() == 0


def test_what_failed_is_made_again_by_one_click_and_counts_once(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_store.write(ExportRules(secret=0, confidential=4, internal=4))
    row, usual = ordered(desk), sheets._lines
    monkeypatch.setattr(sheets, "_lines", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        made(row)
    monkeypatch.setattr(sheets, "_lines", usual)
    for address in (f"/exports/{row.pk}/", "/exports/"):
        assert f"/exports/{row.pk}/file/" in desk.get(address).content.decode()
    anew = desk.post(f"/exports/{row.pk}/file/")
    second = ExportRequest.objects.latest("pk")
    assert anew.headers["Location"] == f"/exports/{second.pk}/"
    assert desk.post(f"/exports/{row.pk}/file/").headers["Location"] == f"/exports/{second.pk}/"
    assert made(second).file_state == "ready"
    assert len(table(desk.post(f"/exports/{second.pk}/file/"))) == 5
    third = desk.post(f"/exports/{row.pk}/file/")  # the rows of a day have left now
    assert (third.status_code, 'name="reason"' in third.content.decode()) == (422, True)


def test_what_was_approved_and_failed_is_made_again_while_the_approval_holds(desk: Client, boss: User, seller: User) -> None:
    settings_store.write(ExportRules(secret=0, confidential=2, internal=3, valid_days=7))
    desk.post("/lists/customers/export", ALL | {"reason": "年底盘点"})
    row = ExportRequest.objects.get()
    decide_export(actor=boss, request_id=row.pk, approve=True, at=timezone.now())
    for _ in range(2):
        desk.post(f"/exports/{row.pk}/file/")
        ProcrastinateJob.objects.filter(task_name="exports.make").update(status="failed")
        assert export_files.close_abandoned() == 1
        assert f"/exports/{row.pk}/file/" in desk.get(f"/exports/{row.pk}/").content.decode()
    later = timezone.now() + datetime.timedelta(days=8)
    with time_machine.travel(later, tick=False):
        desk.force_login(seller)
        assert f"/exports/{row.pk}/file/" not in desk.get(f"/exports/{row.pk}/").content.decode()
        assert desk.post(f"/exports/{row.pk}/file/").headers["Location"] == "/exports/"
    desk.force_login(seller)
    assert desk.post(f"/exports/{row.pk}/file/").headers["Location"] == f"/exports/{row.pk}/"
    assert made(row).file_state == "ready"
    assert len(table(desk.post(f"/exports/{row.pk}/file/"))) == 5
    assert ExportRequest.objects.count() == 1


def test_a_list_that_has_grown_much_is_not_made(desk: Client, seller: User) -> None:
    row = ordered(desk)
    customer("新客户", owner=seller)
    assert made(row).file_state == "failed"


def test_a_week_later_it_is_gone(desk: Client) -> None:
    row = made(ordered(desk))
    with time_machine.travel(timezone.now() + datetime.timedelta(days=6), tick=False):
        desk.force_login(row.asked_by)
        export_files.forget_files(at=timezone.now())
        assert len(table(desk.post(f"/exports/{row.pk}/file/"))) == 5
    with time_machine.travel(timezone.now() + datetime.timedelta(days=7, minutes=1), tick=False):
        desk.force_login(row.asked_by)
        anew = desk.post(f"/exports/{row.pk}/file/")  # over, before anybody has swept
        assert anew.headers["Location"] == f"/exports/{ExportRequest.objects.latest('pk').pk}/"
        export_files.forget_files(at=timezone.now())
        row.refresh_from_db()
        assert (row.file_state, row.stored) == ("gone", None)
        assert desk.get(f"/exports/{row.pk}/").status_code == 200


def test_the_limits_of_a_day_hold_and_an_approved_list_is_made_the_same_way(desk: Client, boss: User) -> None:
    settings_store.write(ExportRules(secret=0, confidential=2, internal=3))
    assert desk.post("/lists/customers/export", ALL).status_code == 422
    desk.post("/lists/customers/export", ALL | {"reason": "年底盘点"})
    row = ExportRequest.objects.get()
    decide_export(actor=boss, request_id=row.pk, approve=True, at=timezone.now())
    assert desk.post(f"/exports/{row.pk}/file/").headers["Location"] == f"/exports/{row.pk}/"
    assert desk.post(f"/exports/{row.pk}/file/").status_code == 302  # twice is once
    assert f"/exports/{row.pk}/file/" not in desk.get("/exports/").content.decode()
    made(row)
    assert row.file_state == "ready"
    assert f"/exports/{row.pk}/file/" in desk.get("/exports/").content.decode()
    assert len(table(desk.post(f"/exports/{row.pk}/file/"))) == 5
    assert AuditEntry.objects.filter(verb="exported", object_type="customers").count() == 1
