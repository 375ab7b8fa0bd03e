"""The first large file of a company: its indexes are made at the end. Nobody may find them missing afterwards, however it ended."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection

if TYPE_CHECKING:
    from zhike.customers.models import ImportBatch
    from zhike.teams.models import User

FILE = "客户编号,客户姓名,手机号\n" + "".join(f"C{n},张伟,138001380{n:02}\n" for n in range(40))


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    from zhike.customers.imports import aside

    monkeypatch.setattr(aside, "WORTH", 30)
    monkeypatch.setattr(aside, "FEW", 2)


@pytest.fixture
def sender(transactional_db: None) -> User:
    from zhike.teams.models import User

    return User.objects.create(username="boss", name="老板", is_administrator=True)


@pytest.fixture
def usual(transactional_db: None) -> Iterator[set[str]]:
    """The indexes as they should be; also after the test."""
    before = indexes()
    yield before
    assert indexes() == before


def indexes() -> set[str]:
    from zhike.customers.imports import aside

    with connection.cursor() as cursor:
        cursor.execute(aside.SECONDARY)
        return {definition for _name, definition in cursor.fetchall()}


def opened(sender: User, path: Path, text: str = FILE) -> ImportBatch:
    from zhike.sales.imports import actions

    file = path / "customers.csv"
    file.write_text(text)
    return actions.open_path(actor=sender, kind="customers", path=file)


def run(sender: User, batch: ImportBatch, at: datetime.datetime, told: Any = None, *, dry: bool = False) -> list[int]:
    """How many indexes there were, each time the import told how far it is."""
    from zhike.sales.imports import actions

    counts = []

    def tell(step: str, done: int, total: int) -> None:
        counts.append(len(indexes()))
        if told and step == "writing":
            told()

    (actions.check_now if dry else actions.run_now)(actor=sender, batch=batch, now=at, tell=tell)
    return counts


def elsewhere(sql: str) -> list[Any]:
    known = connection.get_connection_params()
    with psycopg.connect(**{name: known[name] for name in ("dbname", "user", "host")}, options="-c lock_timeout=200ms") as other:
        return other.execute(sql.encode()).fetchall()


def test_a_first_file_is_written_without_them_and_they_return(
    sender: User, usual: set[str], tmp_path: Path, at: datetime.datetime
) -> None:
    from zhike.customers.models import Customer

    assert 0 in run(sender, opened(sender, tmp_path), at)
    assert Customer.objects.filter(search__contains=["张伟"]).count() == 40
    again = run(sender, opened(sender, tmp_path, FILE.replace("C", "D").replace("138", "139")), at)
    assert set(again) == {len(usual)}
    assert Customer.objects.count() == 80


def test_meanwhile_people_read_and_other_writers_wait(sender: User, usual: set[str], tmp_path: Path, at: datetime.datetime) -> None:
    seen: list[Any] = []

    def look() -> None:
        seen.append(elsewhere("SELECT count(*) FROM zhike_customer"))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            elsewhere("INSERT INTO zhike_customer (name) VALUES ('李雷') RETURNING id")
        seen.append("waits")

    from zhike.customers.imports import arrivals

    batch = opened(sender, tmp_path)
    arrivals_of = arrivals._pages
    pages = pytest.MonkeyPatch()
    pages.setattr(arrivals, "_pages", lambda *given: (look(), arrivals_of(*given))[1])
    try:
        run(sender, batch, at)
    finally:
        pages.undo()
    assert seen == [[(0,)], "waits"]


def test_one_that_failed_leaves_them_as_they_were(sender: User, usual: set[str], tmp_path: Path, at: datetime.datetime) -> None:
    from zhike.customers.imports.problems import FileProblem
    from zhike.customers.models import Customer

    def stumble() -> None:
        assert not indexes()
        raise OSError("the machine stumbles")

    with pytest.raises(FileProblem):
        run(sender, opened(sender, tmp_path), at, stumble)
    assert not Customer.objects.exists()


def test_what_a_killed_one_left_is_brought_back_by_the_worker(
    sender: User, usual: set[str], tmp_path: Path, at: datetime.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zhike.customers.imports import aside
    from zhike.sales.imports import actions

    assert aside.put_aside(40)
    assert aside.put_aside(40)  # by the next import, before anybody looked
    assert not indexes()
    actions.close_interrupted()
    assert indexes() == usual
    assert aside.put_aside(40)
    run(sender, opened(sender, tmp_path), at)
    assert indexes() == usual


def test_a_check_a_small_file_and_one_whose_customers_are_being_read_go_the_usual_way(
    sender: User, usual: set[str], tmp_path: Path, at: datetime.datetime
) -> None:
    from zhike.customers.imports import aside

    batch = opened(sender, tmp_path)
    assert set(run(sender, batch, at, dry=True)) == {len(usual)}
    assert not aside.put_aside(29)
    known = connection.get_connection_params()
    with psycopg.connect(**{name: known[name] for name in ("dbname", "user", "host")}) as reader:
        reader.execute("SELECT FROM zhike_customer")
        assert not aside.put_aside(40)
    batch.refresh_from_db()
    assert 0 in run(sender, batch, at)
