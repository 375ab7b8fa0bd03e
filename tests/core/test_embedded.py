"""The embedded server starts, is shared, survives a kill and stops with its last user."""

import os
import signal
import tempfile
from pathlib import Path

import psycopg
import pytest

from zhike.core.embedded import DATABASE, SUPERUSER, Embedded, socket_folder


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="zhike-embedded-") as folder:
        yield Path(folder)


def ask(home: Path) -> int:
    with psycopg.connect(host=str(socket_folder(home)), user=SUPERUSER, dbname=DATABASE) as connection:
        return connection.execute("SELECT 40 + 2").fetchone()[0]


def test_the_last_user_stops_the_server(home):
    first, second = Embedded(home, fast_and_unsafe=True), Embedded(home, fast_and_unsafe=True)
    first.ensure()
    second.ensure()
    first.release()
    assert ask(home) == 42
    second.release()
    assert not second.running()


def test_a_server_that_could_not_write_that_it_is_ready_again_is_stopped_all_the_same(home):
    server = Embedded(home, fast_and_unsafe=True)
    server.ensure()
    told = server.data / "postmaster.pid"
    number = int(told.read_text().split()[0])
    told.write_text("\n".join(told.read_text().splitlines()[:7]) + "\n")  # as a full disk leaves it
    server.release()
    process = Path(f"/proc/{number}/cmdline")  # empty while its parent has not asked how it ended
    assert not process.exists() or process.read_bytes() == b""


def test_a_killed_server_comes_back(home):
    server = Embedded(home, fast_and_unsafe=True)
    server.ensure()
    os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    server.ensure()
    assert ask(home) == 42
    server.release()
