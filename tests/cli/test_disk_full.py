"""The disk fills up while people work: they are told, nothing is half there, and work goes on when there is room again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.test_kills import Writer
from tests.cli.test_up import fetch, free_port, said, start
from zhike.core.embedded import DATABASE, SUPERUSER, socket_folder

SIZE = 400_000_000
ROWS = 40_000
FILE = "customer,date,amount\n" + "".join(f"D{n % 20_000},2024-01-{n % 28 + 1:02},{n % 90}.50\n" for n in range(ROWS))
TOKEN = """
import datetime
from django.utils import timezone
from zhike.teams.actions.tokens import create_token
from zhike.teams.models import User
boss = User.objects.create(username="boss", name="老板", is_administrator=True, language="en")
now = timezone.now()
rights = ["customer.view", "customer.create", "customer.edit", "customer.import", "customer.export", "export.approve", "order.view",
          "order.edit"]
print("token", create_token(actor=boss, name="test", permissions=rights, at=now, expires_at=now + datetime.timedelta(days=1))[1])
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that fills soon."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"this machine lets nobody mount a small file system: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Ballast:
    """Takes the room away, and gives it back."""

    def __init__(self, place: Path) -> None:
        self.file = place / "ballast"

    def leave(self, room: int) -> None:
        free = shutil.disk_usage(self.file.parent).free - room
        with self.file.open("ab") as out:
            os.posix_fallocate(out.fileno(), out.tell(), max(free, 1))

    def go(self) -> None:
        self.file.unlink(missing_ok=True)

    def is_all(self) -> bool:
        return shutil.disk_usage(self.file.parent).free < 200_000


class Company:
    """The product on a disk, spoken to by its API."""

    def __init__(self, place: Path) -> None:
        self.home, self.port = place / "zhike", free_port()
        self.process = start(self.home, self.port)
        fetch(self.port)
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"ZHIKE_HOME": str(self.home)}
        self.environment = environment
        made = self.command("manage", "shell", "-c", TOKEN)
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.split("token ")[1].strip()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.process.args[:3], *words], env=self.environment, capture_output=True, text=True, check=False  # type: ignore[index]
        )  # fmt: skip

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Accept-Language": "en"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(response.status), json.loads(response.read())
        except urllib.error.HTTPError as refused:
            return refused.code, _json(refused.read())
        except OSError:  # its server was just killed or is starting
            return 0, {}

    def insist(self, path: str) -> None:
        """Post until it is taken: the writers use up the allowance, and the server may be starting."""
        until(lambda: self.call("POST", path)[0] in (200, 202))

    def fetch_file(self, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api{path}", b"", headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())

    def upload(self, text: str = FILE, kind: str = "orders") -> tuple[int, Any]:
        parts = (
            b'--cut\r\nContent-Disposition: form-data; name="kind"\r\n\r\n' + kind.encode()
            + b'\r\n--cut\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\nContent-Type: text/csv\r\n\r\n'
            + text.encode() + b"\r\n--cut--\r\n"
        )  # fmt: skip
        return self.call("POST", "/imports", parts, "multipart/form-data; boundary=cut")

    def ended(self, batch: int) -> Any:
        """The batch, once nobody works on it any more; nothing while the server does not answer."""
        status, found = self.call("GET", f"/imports/{batch}")
        return found if status == 200 and found["state"] not in ("running", "checking") else None

    def ask(self, query: str) -> Any:
        with psycopg.connect(host=str(socket_folder(self.home)), user=SUPERUSER, dbname=DATABASE) as connection:
            return connection.execute(query).fetchall()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            said(self.home, self.port).unlink(missing_ok=True)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return {"message": body.decode(errors="replace")}


def until(ready: Callable[[], Any], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def stumps(company: Company) -> list[str]:
    """Files that no row of the database knows."""
    known = {path for (path,) in company.ask("SELECT path FROM zhike_storedfile")}
    folder = company.home / "files"
    found = [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()] if folder.exists() else []
    incoming = [file.name for file in (company.home / "incoming").rglob("*") if file.is_file()]
    return [file for file in found if file not in known] + incoming


def from_the_file(company: Company) -> int:
    return int(company.ask("SELECT count(*) FROM zhike_order WHERE batch_id IS NOT NULL")[0][0])


@pytest.mark.long
def test_a_full_disk_loses_nothing_and_passes(small_disk: Path) -> None:
    company, ballast, stop = Company(small_disk), Ballast(small_disk), threading.Event()
    try:
        status, kept = company.upload()
        assert (status, kept["state"]) == (201, "uploaded"), kept
        writers = [Writer(number, company.port, company.token, stop) for number in range(2)]
        for writer in writers:
            writer.start()
        until(lambda: all(len(writer.acknowledged) > 3 for writer in writers))

        ballast.leave(500_000)  # too little for the file
        status, refused = company.upload()
        assert (status, "no room left on the disk" in refused["message"]) in ((507, True), (422, True)), refused
        assert stumps(company) == []
        backup = company.command("backup", str(small_disk / "company.zhike"))
        assert backup.returncode == 1
        assert "磁盘空间已满" in backup.stderr or "no room left" in backup.stderr, backup.stderr
        assert [file.name for file in small_disk.iterdir() if not file.name.startswith(("zhike", "ballast"))] == []
        ballast.go()

        ballast.leave(3_000_000)  # too little for the import
        company.insist(f"/imports/{kept['id']}/start")
        ended = until(lambda: company.ended(kept["id"]))
        assert (ended["state"], ended["problem"].startswith("There is no room left on the disk. Nothing was changed")) == (
            "failed", True
        ), ended  # fmt: skip
        assert from_the_file(company) == 0
        half_written = _without_a_transaction(company, kept["id"])
        assert 0 < half_written < ROWS  # the control: here the disk is really full, and whoever commits row by row is cut off
        ballast.go()
        fetch(company.port)
        company.ask("DELETE FROM zhike_order WHERE batch_id IS NOT NULL RETURNING id")

        company.insist(f"/imports/{kept['id']}/reopen")
        ballast.leave(14_000_000)  # enough to read, too little to write: also the log of the database finds no room
        company.insist(f"/imports/{kept['id']}/start")
        until(lambda: ballast.is_all() or company.ended(kept["id"]))
        ballast.go()
        fetch(company.port)
        ended = until(lambda: company.ended(kept["id"]))
        assert (ended["state"], from_the_file(company)) in (("failed", 0), ("uploaded", 0), ("done", ROWS)), ended

        known = {writer.number: len(writer.acknowledged) for writer in writers}
        until(lambda: all(len(writer.acknowledged) > known[writer.number] for writer in writers))
        stop.set()
        for writer in writers:
            writer.join(30)
        assert [writer.surprises for writer in writers] == [[], []]
        found = dict(company.ask("SELECT name, array_agg(id) FROM zhike_customer WHERE name LIKE '客户%-%' GROUP BY name"))
        acknowledged = {name: number for writer in writers for name, number in writer.acknowledged.items()}
        assert {name: number for name, number in acknowledged.items() if found.get(name) != [number]} == {}
        assert [name for name, ids in found.items() if len(ids) > 1] == []
        if ended["state"] == "failed":
            company.insist(f"/imports/{kept['id']}/reopen")
        if ended["state"] != "done":
            company.insist(f"/imports/{kept['id']}/start")
            ended = until(lambda: company.ended(kept["id"]))
        assert (ended["state"], from_the_file(company)) == ("done", ROWS)
    finally:
        stop.set()
        ballast.go()
        company.stop()


@pytest.mark.long
def test_a_list_that_finds_no_room_is_refused_in_words_and_leaves_nothing(small_disk: Path) -> None:
    company, ballast = Company(small_disk), Ballast(small_disk)
    rows = "姓名,手机号,备注\n" + "".join(f"客户{n},138{n:08},{n * 7919 % 100_003:x}{n:x}\n" for n in range(20_000))
    try:
        status, kept = company.upload(rows, kind="customers")
        assert status == 201, kept
        company.insist(f"/imports/{kept['id']}/start")
        assert until(lambda: company.ended(kept["id"]))["state"] == "done"
        ballast.leave(200_000)
        status, refused = company.call("POST", "/customers/export?format=xlsx")
        assert (status, refused["error"], "no room left on the disk" in refused["message"]) == (507, "disk_full", True), refused
        assert stumps(company) == []
        assert company.call("POST", "/customers/export?format=csv")[0] == 507
        ballast.go()
        assert company.fetch_file("/customers/export?format=csv").count(b"\n") == 20_001
        assert company.fetch_file("/customers/export?format=xlsx").startswith(b"PK")
        assert stumps(company) == []
    finally:
        ballast.go()
        company.stop()


def _without_a_transaction(company: Company, batch: int) -> int:
    """Orders as a program without our protection would write them, one commit a lot. Gives how many are there."""
    lot = f"""INSERT INTO zhike_order (customer_id, kind, order_no, ordered_at, amount, channel, region, batch_id, created_at)
        SELECT (SELECT min(id) FROM zhike_customer), 'sale', '', now(), 1, repeat('x', 40), '', {batch}, now()
        FROM generate_series(1, 1000)"""
    with psycopg.connect(host=str(socket_folder(company.home)), user=SUPERUSER, dbname=DATABASE, autocommit=True) as connection:
        for _ in range(ROWS // 1000):
            try:
                connection.execute(lot)
            except psycopg.errors.DiskFull:
                break
    return from_the_file(company)
