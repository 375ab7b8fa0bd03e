"""Backup and restore: the whole company in one file, made while people work, proven by the hash of every table.

The file is a tar archive: `manifest.json` (what, when, a count and a hash of each table), `database.dump` (PostgreSQL's own
format), `files/` (what people uploaded) and the installation's secret key. Everything in it is of one moment: the dump and the
hashes read the same exported snapshot.
"""

import errno
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.conninfo import make_conninfo

from zhike import __version__
from zhike.core import embedded, home, outages

FORMAT = 1
PATIENCE = 20
IN_USE = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend')"
LETTERS = """
SELECT pg_encoding_to_char(encoding), datlocprovider, datcollate, datctype, coalesce(to_jsonb(d)->>'datlocale',
    to_jsonb(d)->>'daticulocale') FROM pg_database d WHERE datname = %s"""  # its name before version 17


class BackupProblem(Exception):
    """Why a backup could not be made, or a file not be restored; the message says what to do."""


@dataclass(frozen=True)
class Table:
    rows: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    made_at: str
    version: str
    tables: dict[str, Table]
    format: int = FORMAT
    kind: str = "zhike backup"
    problems: list[str] = field(default_factory=list)


def connection_info() -> dict[str, Any]:
    """How programs other than Django reach the same database."""
    from django.db import connection

    settings = connection.settings_dict
    named = {"dbname": settings["NAME"], "user": settings["USER"], "password": settings["PASSWORD"]}
    info = named | {"host": settings["HOST"], "port": settings["PORT"]} | settings.get("OPTIONS", {})
    return {key: value for key, value in info.items() if value}


def make(connection_info: dict[str, Any], target: Path, *, at: datetime) -> Manifest:
    """Write a backup of the database and the files to `target`; an interrupted one leaves no file behind."""
    target = target.absolute()
    if not target.parent.is_dir():
        raise BackupProblem(f"There is no folder {target.parent}.")
    with _room_said(target.parent), tempfile.TemporaryDirectory(prefix="zhike-backup-", dir=target.parent) as scratch:
        dump = Path(scratch) / "database.dump"
        with _snapshot(connection_info) as (connection, snapshot):
            _run(
                "pg_dump", "--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}", f"--file={dump}", info=connection_info
            )
            manifest = Manifest(at.isoformat(), __version__, table_digests(connection))
        (Path(scratch) / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1))
        whole = Path(scratch) / "whole.tar"
        with tarfile.open(whole, "w") as archive:
            for name in ("manifest.json", "database.dump"):
                archive.add(Path(scratch) / name, name)
            for name in ("secret_key", "files"):  # the key may come from the environment, and nobody may have uploaded anything
                if (home.path() / name).exists():
                    archive.add(home.path() / name, name)
        whole.chmod(0o600)
        os.replace(whole, target)
    return manifest


def restore(connection_info: dict[str, Any], source: Path) -> Manifest:
    """Put the backup in place of what this home holds, which must be empty of people's work.

    The dump is restored into a database beside the present one, every table is compared with the manifest, and only then does it
    take the present one's place, in one step. Whatever goes wrong before that leaves the present one as it was. Refused while
    anybody uses the present one: a server that runs would go on with what it knows of the tables that were.
    """
    manifest = read_manifest(source)
    name = connection_info["dbname"]
    fresh, old = f"{name}_restoring", f"{name}_replaced"
    maintenance = connection_info | {"dbname": "postgres"}
    with _refusals_said(name), _room_said(home.path()), tempfile.TemporaryDirectory(prefix="restore-", dir=home.path()) as scratch:
        with tarfile.open(source) as archive:
            archive.extractall(scratch, filter="data")
        with psycopg.connect(**maintenance, autocommit=True) as connection:
            _refuse_in_use(connection, name)
            connection.execute(_statement("DROP DATABASE IF EXISTS {}", fresh))
            connection.execute(_like_present(connection, name, fresh))
        target = connection_info | {"dbname": fresh}
        dump = Path(scratch) / "database.dump"
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--jobs=2", str(dump), info=target)
        _compare(target, manifest)
        with psycopg.connect(**maintenance, autocommit=True) as connection:
            connection.execute(_statement("DROP DATABASE IF EXISTS {}", old))
            with connection.transaction():
                connection.execute(_statement("ALTER DATABASE {} RENAME TO {}", name, old))
                connection.execute(_statement("ALTER DATABASE {} RENAME TO {}", fresh, name))
            _replace_files(Path(scratch))
            connection.execute(_statement("DROP DATABASE {}", old))
    return manifest


def read_manifest(source: Path) -> Manifest:
    try:
        with tarfile.open(source) as archive:
            member = archive.extractfile("manifest.json")
            content = json.loads(member.read()) if member else {}
    except (tarfile.TarError, OSError, KeyError, ValueError) as problem:
        raise BackupProblem(f"{source} is not a readable backup.") from problem
    if content.get("kind") != "zhike backup" or content.get("format", 0) > FORMAT:
        raise BackupProblem(f"{source} is not a backup this version ({__version__}) can read.")
    content["tables"] = {name: Table(**table) for name, table in content["tables"].items()}
    return Manifest(**content)


def table_digests(connection: psycopg.Connection[Any]) -> dict[str, Table]:
    """A count and an order-free hash of every table, in fixed text form."""
    connection.execute("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL extra_float_digits = 1")
    names = connection.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    digests = {}
    for (name,) in names:
        query = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {} t")
        row = connection.execute(query.format(sql.Identifier(name))).fetchone()
        assert row is not None
        digests[name] = Table(row[0], str(row[1]))
    return digests


@contextmanager
def _room_said(place: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, psycopg.Error) as problem:
        if outages.is_disk_full(problem):
            raise BackupProblem(_("There is no room left on the disk of %(place)s. Nothing was kept; make room and start again.")
                                % {"place": place}) from problem  # fmt: skip
        raise


@contextmanager
def _snapshot(info: dict[str, Any]) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    with psycopg.connect(**info) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield connection, row[0]


def _compare(info: dict[str, Any], manifest: Manifest) -> None:
    with psycopg.connect(**info) as connection:
        found = table_digests(connection)
    different = [name for name, table in manifest.tables.items() if found.get(name) != table]
    if different or found.keys() != manifest.tables.keys():
        raise BackupProblem(
            f"The backup is damaged: {', '.join(different) or 'its tables'} differ from its manifest. Nothing was changed."
        )


@contextmanager
def _refusals_said(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.ObjectInUse as problem:
        raise BackupProblem(_in_use(name)) from problem
    except psycopg.errors.InsufficientPrivilege as problem:
        raise BackupProblem(
            _("A restore needs a database role that may create databases: ALTER ROLE … CREATEDB. Nothing was changed.")
        ) from problem


def _refuse_in_use(connection: psycopg.Connection[Any], name: str) -> None:
    """Before the work, not only after it: then the database itself refuses to rename what somebody uses."""
    for _attempt in range(PATIENCE):
        row = connection.execute(IN_USE, [name]).fetchone()
        if row == (False,):
            return
        time.sleep(0.1)  # our own connection of a moment ago may still be on its way out
    raise BackupProblem(_in_use(name))


def _in_use(name: str) -> str:
    return _("The database %(name)s is in use: stop the web server, the worker and whatever else is connected to it. "
             "Nothing was changed.") % {"name": name}  # fmt: skip


def _like_present(connection: psycopg.Connection[Any], name: str, fresh: str) -> sql.Composed:
    """A database with the present one's encoding and order of letters."""
    row = connection.execute(LETTERS, [name]).fetchone()
    assert row is not None
    encoding, provider, collate, letters, locale = row
    named = {"b": "builtin", "i": "icu", "c": "libc"}[provider]
    words = ["CREATE DATABASE {} TEMPLATE template0 ENCODING {} LOCALE_PROVIDER {} LC_COLLATE {} LC_CTYPE {}"]
    words += [{"b": "BUILTIN_LOCALE {}", "i": "ICU_LOCALE {}"}[provider]] if locale else []
    values = [sql.Literal(value) for value in (encoding, named, collate, letters, *([locale] if locale else []))]
    return sql.SQL(" ".join(words)).format(sql.Identifier(fresh), *values)


def _statement(words: LiteralString, *names: str) -> sql.Composed:
    return sql.SQL(words).format(*map(sql.Identifier, names))


def _replace_files(scratch: Path) -> None:
    if (scratch / "files").is_dir():
        shutil.rmtree(home.path() / "files", ignore_errors=True)
        shutil.move(scratch / "files", home.path() / "files")
    if (scratch / "secret_key").exists():
        os.replace(scratch / "secret_key", home.path() / "secret_key")
    shutil.rmtree(home.path() / "facts", ignore_errors=True)  # the columnar copy is made again from the database


def _run(program: str, *arguments: str, info: dict[str, Any]) -> None:
    """`pg_dump` and its like; the password travels in the environment, not in the list of processes."""
    known = {key: value for key, value in info.items() if key != "password"}
    options = [f"--dbname={make_conninfo(**known)}"]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGPASSWORD": str(info.get("password") or "")}
    done = subprocess.run(
        [str(embedded.binary(program)), *options, *arguments], env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        if outages.says_disk_full(done.stderr):
            raise OSError(errno.ENOSPC, f"{program}: {done.stderr.strip()}")
        raise BackupProblem(f"{program} failed: {done.stderr.strip()}")
