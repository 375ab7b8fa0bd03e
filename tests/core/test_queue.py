"""Jobs: written with the change they belong to, and taken up again when their worker is killed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.cli.conftest import installation, migrated_template  # noqa: F401
from zhike.core.queue import defer

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
