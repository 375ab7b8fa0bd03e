"""The worker killed with -9 and cut off from the database while it makes a file: another one makes it, and it is there once."""

import os
import signal
import subprocess
import sys

import psycopg

from tests.cli.conftest import HOST, Installation
from tests.cli.test_disk_full import until
from tests.core.test_queue import wait_for
from zhike.core.embedded import SUPERUSER

ORDER = """
from django.http import QueryDict
from django.utils import timezone
from zhike.customers.models import Customer
from zhike.teams.actions import export_files
from zhike.teams.models import User
from zhike.teams.sheets import Wanted, sheet
boss = User.objects.create(username="boss", name="老板", is_administrator=True)
Customer.objects.bulk_create(Customer(name=f"张伟{n}", number=f"K{n}") for n in range(9))
now = timezone.now()
export_files.order_file(actor=boss, wanted=sheet(boss, Wanted("customers", "csv", "columns=name"), now), at=now)
"""

# Says that it has begun to write, and waits to be stopped; a second time, to be cut off; then it goes on.
WORKER = """
import pathlib, sys, time, django
django.setup()
from zhike.jobs import worker
from zhike.teams.actions import export_files
worker.SECONDS_WITHOUT_HEARTBEAT = 3.0
worker.SECONDS_BETWEEN_SWEEPS = 0.5
export_files.STEP, usual, folder = 2, export_files._go_on, pathlib.Path(sys.argv[1])

def go_on(row, done):
    usual(row, done)
    for name in ("first", "second"):
        if done == 4 and not (folder / name).exists():
            (folder / name).touch()
            while not (folder / (name + "-over")).exists():
                time.sleep(0.05)
            break

export_files._go_on = go_on
worker.main()
"""
STATE = "SELECT file_state || ' ' || done FROM zhike_exportrequest"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def test_an_export_survives_a_killed_worker_and_a_lost_database(installation: Installation, tmp_path) -> None:
    installation.run("manage", "shell", "-c", ORDER)
    start = [sys.executable, "-c", WORKER, str(tmp_path)]
    first = subprocess.Popen(start, env=installation.environment)
    wait_for(tmp_path / "first")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    (tmp_path / "first-over").touch()
    assert installation.ask(STATE) == "running 4"
    second = subprocess.Popen(start, env=installation.environment)
    try:
        wait_for(tmp_path / "second")
        with psycopg.connect(host=HOST, user=SUPERUSER, dbname=installation.database, autocommit=True) as connection:
            connection.execute(CUT, [installation.database])
        (tmp_path / "second-over").touch()
        until(lambda: installation.ask(STATE) == "ready 9", 60)
    finally:
        second.terminate()
        second.wait(30)
    assert installation.ask("SELECT count(*) FROM zhike_storedfile") == 1
    assert installation.ask("SELECT count(*) FROM zhike_notice WHERE kind = 'export.ready'") == 1
