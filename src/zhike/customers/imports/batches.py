"""What can be told of a batch without reading its file. Who only shows one loads nothing of what reads, cleans and writes."""

from pathlib import Path

from zhike.core import files
from zhike.customers.choices import ImportKind, ImportState
from zhike.customers.imports.meanings import label
from zhike.customers.imports.problems import FileProblem
from zhike.customers.models import ImportBatch
from zhike.customers.surveys import roles

LOCK = (0x7A68696B, 1)  # one import at a time


def path_of(batch: ImportBatch) -> Path:
    if batch.options.get("path"):
        found = Path(batch.options["path"])
    elif batch.file:
        found = files.location(batch.file)
    else:
        raise FileProblem("gone")
    if not found.exists():
        raise FileProblem("gone")
    return found


def earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """A finished import of the very same file, and of the same sheet of it, that was not undone."""
    if not batch.sha256:
        return None
    sheet = batch.reading.get("sheet", "")
    same = ImportBatch.objects.filter(sha256=batch.sha256, kind=batch.kind, state=ImportState.DONE, reading__sheet=sheet)
    return same.exclude(pk=batch.pk).order_by("-pk").first()


def check_mapping(kind: str, mapping: dict[str, int]) -> None:
    """Raise `FileProblem` when what every row needs has no column."""
    if kind == ImportKind.ANSWERS:
        roles.check(mapping)
        return
    if not {"number", "phone", "email", "credit_code", "member_no", "name"} & set(mapping):
        raise FileProblem("unmapped", meaning=label("name"))
    if kind == "orders" and "date" not in mapping:
        raise FileProblem("unmapped", meaning=label("date"))
    if kind == "orders" and "amount" not in mapping and not {"quantity", "unit_price"} <= set(mapping):
        raise FileProblem("unmapped", meaning=label("amount"))
