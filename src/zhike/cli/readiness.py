"""Whether a start finds tables and static files as the last one left them. Without Django, which takes seconds to load."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import psycopg

from zhike import settings

STAMP = settings.STATIC_ROOT / "ready"  # gone with the files it speaks of
CODE = (settings.PACKAGE / "migrations", settings.PACKAGE / "web" / "static")  # the libraries' are told by their versions


def is_ready() -> bool:
    """False in doubt: bringing up to date what is up to date does no harm."""
    try:
        return STAMP.read_text() == _state()
    except (OSError, psycopg.Error):
        return False


def note() -> None:
    STAMP.write_text(_state())


def _state() -> str:
    """Of the libraries, our files and the tables: another version, an upgrade or a restored backup changes it."""
    digest = hashlib.sha256()
    for part in (*_libraries(), *_files(), *_applied()):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


def _libraries() -> list[str]:
    return sorted(f"{one.name} {one.version}" for one in distributions())


def _files() -> Iterator[str]:
    for folder in CODE:
        for file in sorted(path for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".pyc"):
            yield f"{file} {file.stat().st_mtime_ns}"


def _applied() -> list[str]:
    named = settings.DATABASES["default"]
    info = {
        "dbname": named["NAME"],
        "user": named["USER"],
        "password": named.get("PASSWORD"),
        "host": named["HOST"],
        "port": named.get("PORT"),
    }
    known = {key: value for key, value in info.items() if value} | named.get("OPTIONS", {})
    with psycopg.connect(**known, connect_timeout=5) as connection:
        return [f"{app} {name}" for app, name in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]
