"""Mappings that were used: the same header again needs no questions."""

import hashlib
import re
from typing import Any

from zhike.customers.imports.meanings import word
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch, ImportMapping

MARK = re.compile(r"#\d+ · ")
KEPT_OPTIONS = ("date_order", "source", "department", "scales")


def recall(kind: str, reading: Reading) -> tuple[dict[str, int], dict[str, Any]]:
    """(mapping, options) of the last import with this header; empty when there was none."""
    if not reading.header_row:
        return {}, {}
    known = ImportMapping.objects.filter(kind=kind, header_digest=digest(reading)).first()
    return (known.mapping, known.options) if known else ({}, {})


def remember(batch: ImportBatch) -> None:
    reading = Reading.from_json(batch.reading)
    if reading.header_row:
        options = {name: batch.options[name] for name in KEPT_OPTIONS if batch.options.get(name)}
        ImportMapping.objects.update_or_create(
            kind=batch.kind, header_digest=digest(reading), defaults={"mapping": batch.mapping, "options": options}
        )


def digest(reading: Reading) -> str:
    """Of the titles, without the mark of an export, which is another one each time."""
    titles = reading.columns[:-1] if reading.columns and MARK.match(reading.columns[-1]) else reading.columns
    return hashlib.sha256("\n".join(map(word, titles)).encode()).hexdigest()
