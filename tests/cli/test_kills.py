"""Processes are killed with -9 while people write: nothing acknowledged is lost, nothing is done twice."""

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time

import psycopg
import pytest

from tests.cli.test_up import fetch, free_port, start
from zhike.core.embedded import DATABASE, SUPERUSER, socket_folder

KILLS = 8
TOKEN = """
import datetime
from django.utils import timezone
from zhike.teams.actions.tokens import create_token
from zhike.teams.models import User
boss = User.objects.create(username="boss", name="老板", is_administrator=True)
now = timezone.now()
print("token", create_token(actor=boss, name="test", permissions=["customer.view", "customer.create"], at=now,
                            expires_at=now + datetime.timedelta(days=1))[1])
"""


class Writer(threading.Thread):
    """Creates customers one after another; what got no answer is sent again under the same key."""

    def __init__(self, number: int, port: int, token: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.stop = number, port, stop
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.acknowledged: dict[str, int] = {}
        self.surprises: list[str] = []

    def run(self) -> None:
        count = 0
        while not self.stop.is_set():
            count += 1
            name = f"客户{self.number}-{count}"
            while name not in self.acknowledged and not self.stop.is_set():
                self.send(name)

    def send(self, name: str) -> None:
        body = json.dumps({"name": name, "kind": "person"})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/api/customers", body, self.headers | {"Idempotency-Key": name.encode().hex()})
            response = connection.getresponse()
            answer = response.read()
            if response.status == 201:
                self.acknowledged[name] = json.loads(answer)["id"]
            elif response.status in (409, 429, 500, 502, 503, 507):  # it still runs, its server was just killed, the disk is full
                time.sleep(0.2)
            else:
                self.surprises.append(f"{response.status} {answer[:200]!r}")
                self.stop.set()
        except (OSError, http.client.HTTPException, ValueError):
            time.sleep(0.1)
        finally:
            connection.close()


def victims(home) -> list[int]:
    web = subprocess.run(["pgrep", "-f", "zhike.server zhike.wsgi"], capture_output=True, text=True, check=False).stdout.split()
    ours = [int(pid) for pid in web if f"ZHIKE_HOME={home}".encode() in environ(int(pid))]
    postmaster = (
        (home / "postgres" / "postmaster.pid").read_text().split()[:1] if (home / "postgres" / "postmaster.pid").exists() else []
    )
    return [*ours, *map(int, postmaster)]


def environ(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(tmp_path):
    home, chosen = tmp_path / "zhike", random.Random(20261122)
    port = free_port()
    running = start(home, port)
    stop = threading.Event()
    try:
        fetch(port)
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"ZHIKE_HOME": str(home)}
        made = subprocess.run(
            [*running.args[:3], "manage", "shell", "-c", TOKEN], env=environment, capture_output=True, text=True, check=True
        )  # fmt: skip
        token = made.stdout.split("token ")[1].strip()
        writers = [Writer(number, port, token, stop) for number in range(4)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            time.sleep(chosen.uniform(0.5, 2))
            os.kill(chosen.choice(victims(home)), signal.SIGKILL)
            time.sleep(0.3)
            fetch(port)
        stop.set()
        for writer in writers:
            writer.join(30)
        assert [writer.surprises for writer in writers] == [[], [], [], []]
        with psycopg.connect(host=str(socket_folder(home)), user=SUPERUSER, dbname=DATABASE) as connection:
            rows = connection.execute("SELECT name, array_agg(id) FROM zhike_customer GROUP BY name").fetchall()
        found = dict(rows)
        acknowledged = {name: number for writer in writers for name, number in writer.acknowledged.items()}
        assert len(acknowledged) > 20
        assert {name: number for name, number in acknowledged.items() if found.get(name) != [number]} == {}
        assert [name for name, ids in found.items() if len(ids) > 1] == []
    finally:
        stop.set()
        running.terminate()
        try:
            running.wait(20)
        finally:
            running.kill()
