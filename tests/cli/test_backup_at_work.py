"""A backup made while people write is one moment of the company; a restore waits for nobody's data to be in use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cli.conftest import Installation
from zhike.core import backup

MOMENT = datetime(2026, 6, 30, tzinfo=UTC)
# An order and a call belong together: whoever sees one without the other does not see one moment.
WRITER = """
from decimal import Decimal
from django.db import transaction
from django.utils import timezone
from zhike.customers.actions import create_customer, record_interaction
from zhike.sales.actions import record_order
from zhike.teams.models import User
boss = User.objects.create(username="boss", name="老板", is_administrator=True)
people = [create_customer(actor=boss, values={"name": name, "kind": "person"}, at=timezone.now()).pk for name in ("张三", "李四")]
while True:
    for customer in people:
        with transaction.atomic():
            now = timezone.now()
            record_order(actor=boss, customer=customer, ordered_at=now, amount=Decimal("10.00"))
            record_interaction(actor=boss, customer=customer, kind="call", at=now)
"""
ORDERS = "SELECT count(*) FROM zhike_order"
TORN = """
SELECT (SELECT count(*) FROM zhike_interaction) - (SELECT count(*) FROM zhike_order) <> 0
    OR (SELECT sum(amount) FROM zhike_order) <> 10 * (SELECT count(*) FROM zhike_order)
    OR (SELECT count(*) FROM zhike_auditentry WHERE object_type = 'order') <> (SELECT count(*) FROM zhike_order)
    OR EXISTS (SELECT 1 FROM zhike_customer c WHERE last_contact_at IS DISTINCT FROM
               (SELECT max(at) FROM zhike_interaction i WHERE i.customer_id = c.id))"""

EVERYBODY_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def until(question: Callable[[], Any]) -> Any:
    for _attempt in range(1200):
        if found := question():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def info(installation: Installation) -> dict[str, Any]:
    return dict(conninfo_to_dict(installation.environment["DATABASE_URL"]))


@pytest.fixture
def written(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], int]]:
    """Somebody writes until the end of the test. Waits until so many more orders are there; gives their number."""
    monkeypatch.setenv("ZHIKE_HOME", str(installation.home))
    writer = installation.start("manage", "shell", "-c", WRITER)

    def more(orders: int) -> int:
        assert writer.poll() is None, writer.communicate()
        least = installation.ask(ORDERS) + orders
        return int(until(lambda: (found := installation.ask(ORDERS)) >= least and found))

    more(5)
    yield more
    if writer.poll() is None:
        writer.kill()
    writer.communicate()


@pytest.fixture
def while_they_write(written: Callable[[int], int], monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """People write after the moment was fixed, before it is dumped and again before it is hashed."""
    snapshots = [True]
    run = backup._run

    def slowly(program: str, *arguments: str, info: dict[str, Any]) -> None:
        if program == "pg_dump":
            written(3)
            run(program, *(one for one in arguments if snapshots[0] or "--snapshot" not in one), info=info)
            written(3)
        else:
            run(program, *arguments, info=info)

    monkeypatch.setattr(backup, "_run", slowly)
    return snapshots


def test_a_backup_made_while_people_write_is_of_one_moment(
    installation: Installation, written: Callable[[int], int], while_they_write: list[bool], tmp_path: Path
) -> None:
    before = written(1)
    backup.make(info(installation), tmp_path / "whole.zhike", at=MOMENT)
    after = written(1)
    installation.change(EVERYBODY_OUT)
    backup.restore(info(installation), tmp_path / "whole.zhike")
    found = installation.ask(ORDERS)
    assert before <= found <= after - 6
    assert installation.ask(TORN) is False


def test_one_that_is_not_of_one_moment_is_seen(installation: Installation, while_they_write: list[bool], tmp_path: Path) -> None:
    """The control: dumped and hashed at two moments."""
    while_they_write[0] = False
    backup.make(info(installation), tmp_path / "torn.zhike", at=MOMENT)
    installation.change(EVERYBODY_OUT)
    with pytest.raises(backup.BackupProblem, match="damaged"):
        backup.restore(info(installation), tmp_path / "torn.zhike")


@pytest.fixture
def older(installation: Installation, tmp_path: Path) -> Path:
    """A backup whose customers have another column than those of today."""
    installation.change("ALTER TABLE zhike_department ADD COLUMN motto text")
    installation.run("backup", str(tmp_path / "older.zhike"))
    today = "INSERT INTO zhike_department (name, city, position) VALUES ('现在', '', 1)"
    installation.change("ALTER TABLE zhike_department DROP COLUMN motto", today)
    return tmp_path / "older.zhike"


def test_nothing_is_restored_under_a_server_that_runs(installation: Installation, older: Path) -> None:
    asked = "SELECT * FROM zhike_department"
    with psycopg.connect(**info(installation), autocommit=True) as server:
        before = server.execute(asked, prepare=True).fetchall()
        refused = installation.run("restore", str(older), "--replace", fails=True)
        assert installation.database in refused.stderr
        assert "Traceback" not in refused.stderr
        assert server.execute(asked, prepare=True).fetchall() == before
    installation.run("restore", str(older), "--replace")
    assert installation.ask("SELECT count(*) FROM zhike_department") == 0
    assert installation.ask("SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '_re%'") == 0


def test_who_comes_while_it_is_restored_keeps_what_is_there(
    installation: Installation, older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKE_HOME", str(installation.home))
    compare = backup._compare
    servers: list[psycopg.Connection[Any]] = []

    def come(fresh: dict[str, Any], manifest: backup.Manifest) -> None:
        compare(fresh, manifest)
        servers.append(psycopg.connect(**info(installation)))

    monkeypatch.setattr(backup, "_compare", come)
    try:
        with pytest.raises(backup.BackupProblem, match=installation.database):
            backup.restore(info(installation), older)
        assert servers[0].execute("SELECT count(*) FROM zhike_department").fetchone() == (1,)
    finally:
        for server in servers:
            server.close()
