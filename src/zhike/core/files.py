"""Files that people bring: kept under a random name outside the web root, sent only as an attachment."""

import datetime
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from zhike.core import home
from zhike.core.models import StoredFile

ABANDONED_AFTER = datetime.timedelta(days=1)


def keep(source: "UploadedFile[Any] | Path", *, name: str, by: models.Model | None, content_type: str = "") -> StoredFile:
    """Copy a file into the product's home. Nothing of its name or type is believed; both are only remembered."""
    ending = re.fullmatch(r"\.[a-z0-9]{1,5}", Path(name).suffix.lower())
    place = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}{ending[0] if ending else ''}"
    target = home.folder("files") / place
    target.parent.mkdir(exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with target.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            for block in _blocks(source):
                out.write(block)
                digest.update(block)
                size += len(block)
        return StoredFile.objects.create(
            name=Path(name).name[:255], path=place, content_type=content_type[:100], size=size, sha256=digest.hexdigest(),
            uploaded_by_id=by.pk if by else None,
        )  # fmt: skip
    except BaseException:
        target.unlink(missing_ok=True)  # no half file, and none that no row knows
        raise


def _blocks(source: "UploadedFile[Any] | Path") -> Iterator[bytes]:
    if isinstance(source, UploadedFile):
        yield from source.chunks(1 << 20)
        return
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def location(stored: StoredFile) -> Path:
    return home.folder("files") / stored.path


def forget(stored: StoredFile) -> None:
    place = location(stored)
    stored.delete()
    transaction.on_commit(lambda: place.unlink(missing_ok=True))


def sweep(*, at: datetime.datetime) -> int:
    """Remove what a killed process left behind: files that no row knows, and what was on its way in. Gives their number."""
    before = (at - ABANDONED_AFTER).timestamp()
    kept, incoming = home.folder("files"), home.folder("incoming")
    old = [file for file in (*kept.glob("*/*"), *incoming.rglob("*")) if file.is_file() and file.stat().st_mtime < before]
    known = set(StoredFile.objects.values_list("path", flat=True)) if old else set()
    left = [file for file in old if not (file.is_relative_to(kept) and str(file.relative_to(kept)) in known)]
    for file in left:
        file.unlink(missing_ok=True)
    return len(left)
