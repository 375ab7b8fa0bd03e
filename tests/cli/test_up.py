"""The product starts with one command and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path):
    return tmp_path / "zhike"


def start(home, port: int) -> subprocess.Popen[str]:
    """What it says goes to a file beside the home: a pipe that nobody reads would stop it when it is full."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "PYTHONWARNINGS")}
    with said(home, port).open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "zhike.cli.main", "up", "--port", str(port), "--workers", "1"],
            env=environment | {"ZHIKE_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=log, text=True,
        )  # fmt: skip


def said(home, port: int) -> Path:
    return Path(f"{home}-{port}.log")


def fetch(port: int, path: str = "/health") -> int:
    end = time.monotonic() + 120  # a busy machine makes the tables slowly
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return int(response.status)
        except OSError as problem:
            if time.monotonic() > end:
                raise AssertionError("no answer") from problem
            time.sleep(0.2)


def processes_of(home) -> list[str]:
    return subprocess.run(["pgrep", "-f", str(home)], capture_output=True, text=True, check=False).stdout.split()


def test_starts_serves_survives_a_killed_database_and_stops(home):
    port = free_port()
    running = start(home, port)
    try:
        assert fetch(port) == 200
        os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        time.sleep(2)
        assert fetch(port) == 200
        other = free_port()
        second = start(home, other)
        assert second.wait(20) != 0
        assert "already runs" in said(home, other).read_text()
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        assert time.monotonic() - began < 10
        time.sleep(0.5)
        assert processes_of(home) == []
        running = start(home, port)  # what was prepared is loaded beside the start of the database
        assert fetch(port) == 200
        assert said(home, port).read_text() == ""
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    finally:
        running.kill()
        running.wait(20)


def test_a_taken_port_is_named(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = start(home, port)
        assert refused.wait(20) != 0
        assert str(port) in said(home, port).read_text()
