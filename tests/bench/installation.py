"""A product of its own for the measurements: home, embedded database, server; and what its processes used."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from zhike.core.embedded import DATABASE, SUPERUSER, Embedded, socket_folder

ZHIKE = [sys.executable, "-m", "zhike.cli.main"]
SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.conf import settings
from zhike.teams.models import User
from zhike.teams.session_store import SessionStore
user = User.objects.get(username="{}")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print("session", session.session_key)
"""
TOKEN = """
import datetime
from django.utils import timezone
from zhike.teams.actions import create_token
from zhike.teams.choices import Permission
from zhike.teams.models import User
now = timezone.now()
made = create_token(
    actor=User.objects.get(username="{}"), name="bench", permissions=list(Permission.values), at=now,
    expires_at=now + datetime.timedelta(days=1),
)
print("token", made[1])
"""

WAITING = "SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND coalesce(scheduled_at <= now(), true) LIMIT 1"


def _peak(process: int) -> int:
    """MiB. Not what `wait4` tells: that counts the memory of the caller too, of which the new process is a copy at first."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024
    except (OSError, StopIteration):
        return 0


class Installation:
    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")}
        self.environment = kept | {"ZHIKE_HOME": str(home)}  # compiled once, as where it is installed
        self.server = Embedded(home)
        self.server.ensure()

    def run(self, *command: str, may_fail: bool = False) -> dict[str, Any]:
        """A command's JSON answer, its wall seconds and its peak memory in MiB."""
        began = time.perf_counter()
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen([*ZHIKE, *command, "--json"], env=self.environment, stdout=said)
            peak = 0
            while process.poll() is None:
                peak = max(peak, _peak(process.pid))
                time.sleep(0.02)
            seconds = time.perf_counter() - began
            if process.returncode and not may_fail:
                raise SystemExit(f"zhike {' '.join(command)} failed")
            said.seek(0)
            answer: dict[str, Any] = json.loads(said.read().strip().splitlines()[-1])
        return answer | {"wall": round(seconds, 2), "peak_mib": peak}

    def shell(self, code: str) -> str:
        done = subprocess.run(
            [*ZHIKE, "manage", "shell", "-c", code], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(socket_folder(self.home)), user=SUPERUSER, dbname=DATABASE, autocommit=True)

    def cookie(self, username: str) -> str:
        return self.shell(SIGN_IN.format(username)).split("session ")[1].split()[0]

    def token(self, username: str) -> str:
        return self.shell(TOKEN.format(username)).split("token ")[1].split()[0]

    @contextmanager
    def up(self, port: int):
        process = subprocess.Popen([*ZHIKE, "up", "--port", str(port)], env=self.environment, stdout=subprocess.DEVNULL)
        began = time.perf_counter()
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.05)
                    if process.poll() is not None or time.perf_counter() - began > 120:
                        raise SystemExit("the server did not start") from None
            yield round(time.perf_counter() - began, 2)
        finally:
            process.terminate()
            process.wait(30)

    def rest(self, most: float = 600) -> float:
        """Seconds until the worker has done what is left to it, such as the suggestions that follow a value run."""
        began = time.perf_counter()
        with self.connect() as connection:
            while connection.execute(WAITING).fetchone():
                if time.perf_counter() - began > most:
                    raise SystemExit("the worker does not come to an end")
                time.sleep(0.5)
        return round(time.perf_counter() - began, 1)

    def memory(self) -> int:
        """MiB of the supervisor, the web server and the worker together, shared pages counted once."""
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes()
                command = (folder / "cmdline").read_bytes()
                if (
                    f"ZHIKE_HOME={self.home}".encode() in environment
                    and b"postgres" not in command
                    and b"tests.bench" not in command
                ):
                    lines = (folder / "smaps_rollup").read_text().splitlines()
                    total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            except (OSError, StopIteration):
                continue
        return total // 1024

    def close(self) -> None:
        self.server.release()
