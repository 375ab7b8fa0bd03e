"""Files that people bring: kept under a random name outside the web root, sent only as an attachment."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import models

from zhike.core import home
from zhike.core.models import StoredFile


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
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return StoredFile.objects.create(
        name=Path(name).name[:255], path=place, content_type=content_type[:100], size=size, sha256=digest.hexdigest(),
        uploaded_by_id=by.pk if by else None,
    )  # fmt: skip


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
    location(stored).unlink(missing_ok=True)
    stored.delete()
