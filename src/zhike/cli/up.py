"""`zhike up`: the embedded database, the web server and the worker together, in the foreground.

This process only supervises: it starts the two, starts them again if one dies, brings the database back if its server was killed,
and stops all of it cleanly on SIGTERM or Ctrl+C.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

import click

from zhike.core import home
from zhike.core.embedded import DatabaseUnavailable, Embedded

SECONDS_TO_STOP = 7.0
SECONDS_BETWEEN_TRIES = 2.0
WORKER_GROWTH = 40  # MiB; the engine takes more at once
ZHIKE = [sys.executable, "-m", "zhike.cli.main"]
WEB, WORKER = "web server", "worker"
WAITS = {"ZHIKE_SERVE": "when told"}


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=lambda: int(os.environ.get("PORT") or 8000), help="Port on loopback."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web server processes.")
def command(port: int, host: str, workers: int) -> None:
    """Run the product: web server and worker, until Ctrl+C or SIGTERM."""
    lock = _only_one(home.path())
    _port_is_free(host, port)
    supervisor = Supervisor(host, port, workers)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, supervisor.ask_to_stop)
    try:
        supervisor.run()
    except DatabaseUnavailable as problem:
        raise click.ClickException(str(problem)) from problem
    finally:
        supervisor.stop()
        lock.close()


class Supervisor:
    def __init__(self, host: str, port: int, workers: int) -> None:
        self.address = f"http://{host}:{port}"
        self.server = None if os.environ.get("DATABASE_URL") else Embedded(home.path())
        self.stopping = False
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.commands = {
            WEB: [sys.executable, "-m", "zhike.server", "zhike.wsgi:application", *_server_options(host, port, workers)],
            WORKER: [*ZHIKE, "worker", "--renew-after", str(WORKER_GROWTH)],
        }

    def run(self) -> None:
        """The web server loads beside the start of the database; the worker loads when pages are there."""
        from zhike.cli import readiness

        if readiness.STAMP.exists():
            self._load(WEB)
        if self.server:
            self.server.ensure()
        if not readiness.is_ready():
            self._prepare()
        self._start(WEB)
        self._announce()
        self._start(WORKER)
        while not self.stopping:
            time.sleep(0.5)
            self._revive()

    def _prepare(self) -> None:
        """What was loaded before knows the old static files."""
        if loaded := self.children.pop(WEB, None):
            loaded.kill()
            loaded.wait()
        if subprocess.run([*ZHIKE, "prepare"], check=False, start_new_session=True).returncode:
            raise click.ClickException("The product could not be made ready; the reason stands above.")

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def stop(self) -> None:
        for child in self.children.values():
            child.terminate()
        end = time.monotonic() + SECONDS_TO_STOP
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, end - time.monotonic()))
            _end_group(child)
        if self.server:
            self.server.release()

    def _load(self, name: str) -> None:
        """The web server then waits for the word to serve."""
        # few memory arenas: the threads of a server make and drop the same small objects
        environment = {"MALLOC_ARENA_MAX": "2"} | os.environ | {"DJANGO_SETTINGS_MODULE": "zhike.settings"}
        self.children[name] = subprocess.Popen(
            self.commands[name], env=environment | WAITS, stdin=subprocess.PIPE, start_new_session=True,
            preexec_fn=_die_with_parent,
        )  # fmt: skip

    def _start(self, name: str) -> None:
        if name not in self.children:
            self._load(name)
        if word := self.children[name].stdin:
            with suppress(BrokenPipeError), word:  # one that has ended is started again
                word.write(b"serve\n")

    def _announce(self) -> None:
        for _ in range(600):
            if self.stopping:
                return
            with suppress(OSError):
                urllib.request.urlopen(f"{self.address}/health", timeout=5).close()  # noqa: S310  our own address
                click.echo(f"Zhike 知客 is ready: {self.address}")
                return
            time.sleep(0.05)
        click.echo("The web server does not answer yet; see the lines above.", err=True)

    def _bring_back(self, server: Embedded) -> bool:
        """As often as it takes: on a full disk it cannot start before somebody has made room."""
        _say("The database server is gone; starting it again.")
        try:
            server.ensure()
        except DatabaseUnavailable as problem:
            _say(f"{problem}\nTrying again in a few seconds. If the disk is full, make room.")
            time.sleep(SECONDS_BETWEEN_TRIES)
            return False
        return True

    def _revive(self) -> None:
        if self.server and not self.server.running() and not self._bring_back(self.server):
            return
        for name, child in list(self.children.items()):
            if child.poll() is not None and not self.stopping:
                if child.returncode:
                    _say(f"The {name} ended ({child.returncode}); starting it again.")
                _end_group(child)
                time.sleep(0.5)
                del self.children[name]
                self._start(name)


def _say(text: str) -> None:
    with suppress(OSError):  # what it says may go to the same full disk
        click.echo(text, err=True)


def _server_options(host: str, port: int, workers: int) -> list[str]:
    listen = ["--host", host, "--port", str(port)]
    size = ["--workers", str(workers), "--blocking-threads", "4", "--workers-kill-timeout", "4", "--respawn-failed-workers"]
    # a thread that ends takes its connection with it: the first page on a new one takes twice as long
    kept = ["--blocking-threads-idle-timeout", "600"]
    return ["--interface", "wsgi", "--no-ws", "--log-level", "warning", *listen, *size, *kept]


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Also the processes it left behind: a web server's workers keep the port when their master is killed."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Linux: a child gets SIGTERM when the supervisor is killed, so that nothing stays behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _only_one(place: Path) -> IO[str]:
    lock = (place / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise click.ClickException(
            f"Zhike already runs with {place}. Stop it first, or set ZHIKE_HOME to another folder."
        ) from None
    return lock


def _port_is_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise click.ClickException(
                f"Port {port} of {host} cannot be used ({problem.strerror}). Choose another with --port."
            ) from None
