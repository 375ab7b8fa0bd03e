"""A company of its own for tests of whole processes: a fresh home and a migrated database that really commits."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import _server
from zhike.core.embedded import SUPERUSER, socket_folder

HOST = str(socket_folder(_server.home))


@dataclass
class Installation:
    home: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        url = f"postgresql://{SUPERUSER}@/{self.database}?host={HOST}"
        return os.environ | {"ZHIKE_HOME": str(self.home), "DATABASE_URL": url, "PYTHONWARNINGS": "default"}

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "zhike.cli.main", *command],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip

    def run(self, *command: str, fails: bool = False, given: str | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "zhike.cli.main", *command], env=self.environment, capture_output=True, text=True, timeout=300,
            input=given, check=False,
        )  # fmt: skip
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done

    def answer(self, *command: str) -> dict[str, Any]:
        """The JSON object a command prints last."""
        result: dict[str, Any] = json.loads(self.run(*command, "--json").stdout.strip().splitlines()[-1])
        return result

    def ask(self, query: str) -> Any:
        """The first value of a query's first row."""
        with psycopg.connect(host=HOST, user=SUPERUSER, dbname=self.database) as connection:
            row = connection.execute(query).fetchone()
        return row and row[0]

    def change(self, *statements: str) -> None:
        """As somebody does who owns the database."""
        with psycopg.connect(host=HOST, user=SUPERUSER, dbname=self.database) as connection:
            for statement in statements:
                connection.execute(statement)


def _administer(*statements: str) -> None:
    with psycopg.connect(host=HOST, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="session")
def migrated_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    name = f"template_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name}")
    Installation(tmp_path_factory.mktemp("template"), name).run("manage", "migrate", "--verbosity=0")
    return name


@pytest.fixture
def installation(migrated_template: str, tmp_path: Path):
    name = f"company_{secrets.token_hex(4)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    home = tmp_path / "home"
    home.mkdir()
    yield Installation(home, name)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")
