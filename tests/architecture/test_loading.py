"""What the processes that run all day keep in memory: engines and arrays are loaded by who computes, where it computes."""

import os
import subprocess
import sys

import pytest

SERVER = "import zhike.server"
WORKER = "import django; django.setup(); import zhike.jobs.tasks, zhike.jobs.worker"
SUPERVISOR = "import zhike.cli.up, zhike.cli.readiness"
HEAVY = {"duckdb", "ibis", "numpy", "pandas", "pyarrow", "scipy", "sklearn"}


def test_the_worker_does_without_the_api():
    assert not loaded_by(WORKER) & {"ninja", "pydantic"}


@pytest.mark.parametrize("loading", [SERVER, WORKER], ids=["server", "worker"])
def test_neither_server_nor_worker_starts_with_what_computes(loading):
    assert not loaded_by(loading) & HEAVY


def test_the_supervisor_does_without_django():
    assert not loaded_by(SUPERVISOR) & (HEAVY | {"django"})


def test_the_server_can_be_forked_after_loading():
    """A connection or a thread of the parent would be broken in its children."""
    asking = "import threading; from django.db import connection; print(threading.active_count(), connection.connection)"
    assert said_by(f"{SERVER}\n{asking}") == "1 None"


def loaded_by(code: str) -> set[str]:
    return set(said_by(f"{code}\nimport sys\nprint(*(name for name in sys.modules if '.' not in name))").split())


def said_by(code: str) -> str:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "zhike.settings"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()
