"""Imports that are stopped: on purpose, by a kill, or by time. Nothing of them stays, and nobody waits for ever."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client

if TYPE_CHECKING:
    from zhike.customers.models import ImportBatch
    from zhike.teams.models import User

ROWS = "customer,date,amount\n" + "".join(f"R{n},2024-01-{n % 28 + 1:02},{n % 90}.50\n" for n in range(400))


@pytest.fixture
def upload(tmp_path: Path) -> Callable[..., ImportBatch]:
    def make(actor: User, text: str = ROWS, name: str = "orders.csv") -> ImportBatch:
        from django.core.files.uploadedfile import SimpleUploadedFile

        from zhike.sales.imports import actions

        return actions.receive_file(actor=actor, kind="orders", upload=SimpleUploadedFile(name, text.encode()))

    return make


@pytest.fixture
def running(transactional_db: None) -> Iterator[Callable[..., tuple[threading.Thread, list[Any]]]]:
    threads: list[threading.Thread] = []

    def start(batch: ImportBatch, actor: User, at: datetime.datetime, tell: Any = None) -> tuple[threading.Thread, list[Any]]:
        from zhike.sales.imports import actions

        ended: list[Any] = []

        def run() -> None:
            try:
                ended.append(actions.run_now(actor=actor, batch=batch, now=at, tell=tell))
            except Exception as problem:  # noqa: BLE001  how it ended is what the test looks at
                ended.append(problem)
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        return thread, ended

    yield start
    for thread in threads:
        thread.join(60)


def customers() -> int:
    from zhike.customers.models import Customer

    return Customer.objects.count()


@pytest.fixture
def sender(transactional_db: None) -> User:
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="老板", is_administrator=True, language="en")


def test_a_running_import_is_cancelled_in_the_browser(upload: Any, running: Any, sender: User, at: datetime.datetime) -> None:
    batch, writing, go_on = upload(sender), threading.Event(), threading.Event()

    def tell(step: str, done: int, total: int) -> None:
        if step == "writing":
            writing.set()
            go_on.wait(30)

    thread, ended = running(batch, sender, at, tell)
    assert writing.wait(60)
    browser = Client()
    browser.force_login(sender)
    assert "Cancel" in browser.get(f"/imports/{batch.pk}/").content.decode()
    browser.post(f"/imports/{batch.pk}/cancel/")
    go_on.set()
    thread.join(60)
    batch.refresh_from_db()
    assert (batch.state, customers(), ended[0].code) == ("cancelled", 0, "cancelled")
    browser.post(f"/imports/{batch.pk}/reopen/")  # and may be started again
    thread, ended = running(batch, sender, at)
    thread.join(60)
    batch.refresh_from_db()
    assert (batch.state, customers()) == ("done", 400)


def test_one_long_statement_does_not_outlast_the_cancel(upload: Any, running: Any, sender: User, at: datetime.datetime) -> None:
    from zhike.sales.imports import actions

    batch = upload(sender)
    known = connection.get_connection_params()
    with psycopg.connect(**{name: known[name] for name in ("dbname", "user", "host")}) as other:
        other.execute("LOCK TABLE zhike_customer IN SHARE MODE")  # the insert of the customers now waits for ever
        thread, ended = running(batch, sender, at)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO zhike_customer%'"
        )
        for _try in range(600):
            with connection.cursor() as cursor:
                cursor.execute(waiting)
                if cursor.fetchone()[0]:
                    break
            assert thread.is_alive(), ended
            time.sleep(0.1)
        actions.cancel_import(actor=sender, batch=batch)
        thread.join(60)
    batch.refresh_from_db()
    assert (thread.is_alive(), batch.state, customers()) == (False, "cancelled", 0)


def test_only_what_nobody_runs_is_closed(upload: Any, running: Any, sender: User, at: datetime.datetime) -> None:
    from zhike.customers.models import ImportBatch
    from zhike.sales.imports import actions

    killed, queued, alive = upload(sender, ROWS + "X1,2024-01-01,1\n"), upload(sender, ROWS + "X2,2024-01-01,1\n"), upload(sender)
    ImportBatch.objects.filter(pk=killed.pk).update(state="running", step="writing")  # as a kill leaves it
    actions.start_import(actor=sender, batch=queued)
    writing, go_on = threading.Event(), threading.Event()

    def tell(step: str, done: int, total: int) -> None:
        if step == "writing":
            writing.set()
            go_on.wait(30)

    thread, _ended = running(alive, sender, at, tell)
    assert writing.wait(60)
    assert actions.close_interrupted() == 1
    go_on.set()
    thread.join(60)
    states = {one.pk: one.state for one in ImportBatch.objects.all()}
    assert states == {killed.pk: "uploaded", queued.pk: "running", alive.pk: "done"}
    killed.refresh_from_db()
    assert killed.problem == {"code": "interrupted", "params": {}}
    actions.run_now(actor=sender, batch=killed, now=at)
    killed.refresh_from_db()
    assert (killed.state, killed.problem) == ("done", "")


def test_an_undo_that_was_killed_can_be_asked_for_again(upload: Any, sender: User, at: datetime.datetime) -> None:
    from zhike.customers.models import ImportBatch
    from zhike.sales.imports import actions

    batch = upload(sender)
    actions.run_now(actor=sender, batch=batch, now=at)
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing")
    assert actions.close_interrupted() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.problem["code"]) == ("done", "undo_interrupted")
    actions.undo_import(actor=sender, batch=batch, now=at)
    batch.refresh_from_db()
    assert (batch.state, batch.problem, customers()) == ("undone", "", 0)


@pytest.mark.django_db
def test_files_are_kept_as_long_as_the_rules_say(
    upload: Any, boss: User, at: datetime.datetime, django_capture_on_commit_callbacks: Any
) -> None:
    from zhike.core import files, settings_store
    from zhike.core.models import StoredFile
    from zhike.customers.models import ImportBatch
    from zhike.customers.settings import ImportRules
    from zhike.sales.imports import actions

    settings_store.write(ImportRules(keep_days=30))
    done = upload(boss, ROWS + "R1,never,1\n")
    actions.run_now(actor=boss, batch=done, now=at)
    discarded, open_ = upload(boss, ROWS + "Y1,2024-01-01,1\n"), upload(boss, ROWS + "Y2,2024-01-01,1\n")
    actions.cancel_import(actor=boss, batch=discarded)
    day = datetime.timedelta(days=1)
    ImportBatch.objects.filter(pk=discarded.pk).update(created_at=at)
    ImportBatch.objects.filter(pk=open_.pk).update(created_at=at + 10 * day)
    places = {one.pk: files.location(one) for one in StoredFile.objects.all()}
    assert len(places) == 4
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_files(at=at + 29 * day) == 0
    assert all(place.exists() for place in places.values())
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_files(at=at + 31 * day) == 3
    left = StoredFile.objects.get()
    assert [pk for pk, place in places.items() if place.exists()] == [left.pk]
    assert {one.pk: one.file_id for one in ImportBatch.objects.all()} == {done.pk: None, open_.pk: left.pk}
    done.refresh_from_db()
    browser = Client()
    browser.force_login(boss)
    assert browser.get(f"/imports/{done.pk}/").status_code == 200
    assert browser.get(f"/imports/{done.pk}/rejected/").status_code == 404
    assert actions.undo_import(actor=boss, batch=done, now=at + 40 * day)["customers"]["removed"] == 400


@pytest.mark.django_db
def test_what_a_killed_process_left_behind_is_swept(upload: Any, boss: User, at: datetime.datetime) -> None:
    import os

    from zhike.core import files, home

    batch = upload(boss)
    kept, stump = files.location(batch.file), home.folder("files") / "ab"
    stump.mkdir(exist_ok=True)
    coming = home.folder("incoming") / "tmp1.upload"
    for file in (stump / "0123", coming):
        file.write_text("half of it")
        os.utime(file, (at.timestamp(), at.timestamp()))
    fresh = home.folder("incoming") / "tmp2.upload"
    fresh.write_text("on its way")
    os.utime(kept, (at.timestamp(), at.timestamp()))
    files.sweep(at=at + datetime.timedelta(days=2))
    assert [file.exists() for file in (kept, stump / "0123", coming, fresh)] == [True, False, False, True]
    fresh.unlink()


@pytest.mark.parametrize("protected", [True, False])
def test_a_number_that_somebody_enters_in_this_moment_is_taken_not_doubled(
    upload: Any, running: Any, sender: User, at: datetime.datetime, protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the second way of inserting the import fails, and nothing of it is there."""
    from zhike.customers.imports import arrivals
    from zhike.customers.models import Customer
    from zhike.sales.models import Order

    if not protected:
        monkeypatch.setattr(arrivals, "UNLESS_ENTERED_MEANWHILE", "")
    batch, writing, go_on = upload(sender), threading.Event(), threading.Event()

    def tell(step: str, done: int, total: int) -> None:
        if step == "writing":
            writing.set()
            go_on.wait(30)

    thread, ended = running(batch, sender, at, tell)
    assert writing.wait(60)
    entered = Customer.objects.create(name="刚录入", number="R7")
    go_on.set()
    thread.join(60)
    batch.refresh_from_db()
    if not protected:
        assert (batch.state, customers(), ended[0].code) == ("failed", 1, "broken")
        return
    assert (batch.state, batch.counts["created"]["customers"], customers()) == ("done", 399, 400)
    assert Order.objects.get(customer=entered).amount == 7.5
