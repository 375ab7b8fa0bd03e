"""A PostgreSQL of the company's own: over TCP, with a password, through a role that owns its database and nothing else."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.cli.conftest import Installation
from tests.cli.test_up import free_port
from zhike.core.embedded import SUPERUSER, Embedded, socket_folder

PASSWORD = "p@ss:1/知"
ORDERS = "customer,name,date,product,amount\n" + "".join(
    f"K{n % 40},客户{n % 40},2024-{n % 12 + 1:02}-{n % 28 + 1:02},机油,{n % 90}.50\n" for n in range(400)
)

LETTERS = "SELECT (datlocprovider, datcollate, datctype)::text FROM pg_database WHERE datname = current_database()"


class Elsewhere(Installation):
    """Asked as the product asks: by the address."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        url = f"postgresql://zhike:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{self.database}?application_name=own"
        return os.environ | {"ZHIKE_HOME": str(self.home), "DATABASE_URL": url, "PYTHONWARNINGS": "default"}

    def ask(self, query: str) -> Any:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row and row[0]


@pytest.fixture
def server() -> Iterator[tuple[Embedded, int]]:
    """A cluster of its own that listens on loopback and asks for the password."""
    own, port = Embedded(Path(tempfile.mkdtemp(prefix="zhike-test-")), fast_and_unsafe=True), free_port()
    own._prepare()
    with (own.data / "postgresql.conf").open("a") as configuration:
        configuration.write(f"listen_addresses = '127.0.0.1'\nport = {port}\n")
    (own.data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    own._start()
    yield own, port
    own._run("pg_ctl", "-D", str(own.data), "-m", "immediate", "-w", "stop")
    shutil.rmtree(socket_folder(own.home), ignore_errors=True)
    shutil.rmtree(own.home)


@pytest.fixture
def elsewhere(server: tuple[Embedded, int], tmp_path: Path) -> Elsewhere:
    own, port = server
    found = Elsewhere(tmp_path / "home", f"company-{secrets.token_hex(3)}")  # a name that must be quoted
    found.port = port
    found.home.mkdir()
    letters = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C.UTF-8'"
    made = f'CREATE DATABASE "{found.database}" OWNER zhike {letters}'
    _administer(own, port, f"CREATE ROLE zhike LOGIN PASSWORD '{PASSWORD}'", made)
    return found


def _administer(server: Embedded, port: int, *statements: str) -> None:
    place = {"host": str(socket_folder(server.home)), "port": port, "user": SUPERUSER, "dbname": "postgres"}
    with psycopg.connect(**place, autocommit=True) as connection:  # type: ignore[arg-type]
        for statement in statements:
            connection.execute(statement.encode())


def test_a_company_lives_in_a_database_of_its_own(server: tuple[Embedded, int], elsewhere: Elsewhere, tmp_path: Path) -> None:
    file, kept = tmp_path / "orders.csv", tmp_path / "company.zhike"
    file.write_text(ORDERS)
    imported = elsewhere.answer("import", "orders", str(file))  # brings the tables too
    assert imported["created"] == {"customers": 40, "orders": 400, "lines": 400, "products": 1}
    run = elsewhere.answer("value", "run", "--as-of", "2024-12-31")
    assert run["customers"] == 40
    assert elsewhere.ask("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user") is False
    letters = elsewhere.ask(LETTERS)
    made = elsewhere.answer("backup", str(kept))

    refused = elsewhere.run("restore", str(kept), "--replace", fails=True)
    assert "CREATEDB" in refused.stderr
    _administer(*server, "ALTER ROLE zhike CREATEDB")
    assert elsewhere.ask("WITH gone AS (DELETE FROM zhike_orderline RETURNING id) SELECT count(*) FROM gone") == 400
    restored = elsewhere.answer("restore", str(kept), "--replace")
    assert restored["rows"] == made["rows"]
    assert elsewhere.ask("SELECT count(*) FROM zhike_orderline") == 400
    assert elsewhere.ask(LETTERS) == letters
