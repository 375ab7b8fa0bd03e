"""The backups that were made from within the product, in its home; the oldest go when there are too many."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from procrastinate.contrib.django.models import ProcrastinateJob

from zhike.core import backup, home

KEPT = 7
TASK = "backup.make"
_NAME = re.compile(r"zhike-\d{8}-\d{6}\.tar")


@dataclass(frozen=True)
class Shelved:
    name: str
    made_at: datetime
    size: int
    rows: int


def make(*, at: datetime) -> Shelved:
    """One more, named after the moment. Made again under the same name it replaces itself."""
    target = home.folder("backups") / f"zhike-{at:%Y%m%d-%H%M%S}.tar"
    backup.make(backup.connection_info(), target, at=at)
    for old in _files()[KEPT:]:
        old.unlink(missing_ok=True)
    return _shelved(target)


def shelf() -> list[Shelved]:
    """The newest first; what is not a readable backup is not on it."""
    found = []
    for file in _files():
        try:
            found.append(_shelved(file))
        except (backup.BackupProblem, OSError):
            continue
    return found


def file_of(name: str) -> Path | None:
    """The file behind a name of the shelf, and no other file."""
    place = home.folder("backups") / name
    return place if _NAME.fullmatch(name) and place.is_file() else None


def is_being_made() -> bool:
    return ProcrastinateJob.objects.filter(task_name=TASK, status__in=["todo", "doing"]).exists()


def _files() -> list[Path]:
    return sorted((file for file in home.folder("backups").iterdir() if _NAME.fullmatch(file.name)), reverse=True)


def _shelved(file: Path) -> Shelved:
    manifest = backup.read_manifest(file)
    rows = sum(table.rows for table in manifest.tables.values())
    return Shelved(file.name, datetime.fromisoformat(manifest.made_at), file.stat().st_size, rows)
