"""Jobs: written with the change they belong to, and taken up again when their worker is killed."""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.cli.conftest import installation, migrated_template  # noqa: F401
from zhike.core.queue import defer, unfinished
from zhike.jobs import worker

WORKER = """
import sys, time, pathlib, django
django.setup()
from procrastinate.contrib.django import app
from zhike.jobs import worker
worker.SECONDS_WITHOUT_HEARTBEAT = 3.0

@app.task(name="test.slow")
def slow(folder):
    mark = pathlib.Path(folder)
    first = not (mark / "started").exists()
    (mark / "started").touch()
    if first:
        time.sleep(60)
    (mark / "finished").touch()

worker.main()
"""

BIG = """
import pathlib, time, django
django.setup()
from procrastinate.contrib.django import app
from zhike.jobs import worker
worker.SECONDS_BETWEEN_SWEEPS = 0.5

@app.task(name="test.big")
def big(folder):
    taken = bytearray(b"x" * 200_000_000)
    time.sleep(2)  # so much is held, and it is not idle: it must not end yet
    pathlib.Path(folder, "finished").touch()

worker.main(renew_after=100)
"""


def wait_for(path: Path, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.1)


def test_a_job_of_a_killed_worker_is_taken_up_again(installation, tmp_path):  # noqa: F811
    defer_it = f"from zhike.core.queue import defer; defer('test.slow', folder={str(tmp_path)!r})"
    installation.run("manage", "shell", "-c", defer_it)
    start = [sys.executable, "-c", WORKER]
    first = subprocess.Popen(start, env=installation.environment)
    wait_for(tmp_path / "started")
    first.kill()
    first.wait()
    second = subprocess.Popen(start, env=installation.environment)
    try:
        wait_for(tmp_path / "finished")
    finally:
        second.terminate()
        second.wait(20)


def test_a_worker_that_has_grown_ends_when_it_has_nothing_to_do(installation, tmp_path):  # noqa: F811
    defer_it = f"from zhike.core.queue import defer; defer('test.big', folder={str(tmp_path)!r})"
    installation.run("manage", "shell", "-c", defer_it)
    done = subprocess.run([sys.executable, "-c", BIG], env=installation.environment, timeout=60, check=False)
    assert done.returncode == 0
    assert (tmp_path / "finished").exists()


@pytest.mark.django_db(transaction=True)
def test_of_abandoned_jobs_none_holds_up_the_others():
    """The first has its like in the queue already: it gives way; one is taken up again, one was tried often enough."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id")
        [dead] = cursor.fetchone()
    abandoned = [defer("test.refresh", once="refresh", lock="value"), defer("test.other"), defer("test.poison")]
    ProcrastinateJob.objects.filter(pk__in=abandoned).update(status="doing", worker_id=dead)
    ProcrastinateJob.objects.filter(pk=abandoned[2]).update(attempts=worker.MOST_ATTEMPTS - 1)
    waiting = defer("test.refresh", once="refresh", lock="value")

    async def sweep():
        app = django_app.with_connector(django_app.connector.get_worker_connector())
        async with app.open_async():
            return await worker.take_up_again(app)

    with ThreadPoolExecutor(1) as apart:  # this thread may have a loop already
        assert apart.submit(asyncio.run, sweep()).result() == 3
    found = ProcrastinateJob.objects.filter(pk__in=[*abandoned, waiting])
    assert dict(found.values_list("pk", "status")) == {abandoned[1]: "todo", abandoned[2]: "failed", waiting: "todo"}


@pytest.mark.django_db(transaction=True)
def test_a_job_exists_only_if_its_transaction_commits():
    with transaction.atomic():
        defer("test.never")
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.filter(task_name="test.never").exists()
    defer("test.later")
    assert ProcrastinateJob.objects.filter(task_name="test.later").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_job_waits_only_once():
    assert defer("test.once", once="nightly")
    assert defer("test.once", once="nightly") is None
    assert ProcrastinateJob.objects.filter(task_name="test.once").count() == 1


@pytest.mark.django_db
def test_unfinished_is_what_waits_or_runs_and_no_other_task():
    waiting, running, done = (defer("test.count", number=number) for number in (1, 2, 3))
    defer("test.another", number=4)
    ProcrastinateJob.objects.filter(pk=running).update(status="doing")
    ProcrastinateJob.objects.filter(pk=done).update(status="succeeded")
    assert sorted(one["number"] for one in unfinished("test.count")) == [1, 2]
    assert [one["number"] for one in unfinished("test.count", "test.another")].count(4) == 1
    assert waiting
