"""The columnar copy of the orders: Parquet parts by range of order ids, kept in step with the database.

A database trigger notes which ranges changed; `refresh` exports only those, so scoring never scans the operational tables.
Parts are never changed once written: a change of a range gives a new file, and a manifest names the files that belong together.
The database holds the token of the manifest that fits it, set in the same transaction that forgets the noted ranges. Whatever
goes wrong (a killed refresh, a restored backup, a folder that was deleted), either the tokens match and the copy is right, or
they differ and it is made anew.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction
from django.utils import timezone

from zhike.core import home, settings_store
from zhike.sales.models import FactsDirty
from zhike.value import order_arrays

MANIFEST = "manifest.json"
NEXT = "manifest.next"
SHIFT = 16  # a part holds 65,536 order ids, as the trigger counts them
LAYOUT = 2  # goes up when the columns or the parts change

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class FactsState:
    """What the database knows of its copy."""

    NAME: ClassVar[str] = "value.facts"
    token: str = ""


@dataclass(frozen=True)
class Part:
    file: str
    rows: int


@dataclass(frozen=True)
class Manifest:
    """The files that make one consistent copy."""

    token: str
    version: int
    layout: int
    time_zone: str
    parts: dict[int, Part]
    channels: tuple[str, ...] = ()
    gone: dict[int, int | None] = field(default_factory=dict)  # deleted customers → the one they were merged into

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    def files(self, buckets: set[int] | None = None) -> list[str]:
        return [str(folder() / part.file) for bucket, part in self.parts.items() if buckets is None or bucket in buckets]


def folder() -> Path:
    return home.folder("facts")


def refresh(progress: Progress | None = None) -> Manifest:
    """Brings the copy in step with the database and returns its manifest. Waits for another refresh of the same home."""
    with _alone():
        with transaction.atomic():
            _see_one_moment()
            current = _fitting()
            noted = list(FactsDirty.objects.values_list("pk", "bucket"))
            buckets = sorted({bucket for _, bucket in noted}) if current else list(_all_buckets())
            gone = _gone_customers()
            if current and not buckets and gone == current.gone:
                return current
            fresh = _export(current, buckets, gone, progress or (lambda done, total: None))
            FactsDirty.objects.filter(pk__in=[pk for pk, _ in noted]).delete()
            settings_store.write(FactsState(fresh.token))
            _write(folder() / NEXT, fresh)
        os.replace(folder() / NEXT, folder() / MANIFEST)
        return fresh


def pin(manifest: Manifest) -> None:
    """Keeps this copy for a run, so that the run can be repeated and the next one compared with it."""
    _write(_pinned(manifest.token), manifest)


def pinned(token: str) -> Manifest | None:
    """The copy kept under this token, if all its files are still there."""
    manifest = _read(_pinned(token)) if token else None
    return manifest if manifest and all(Path(file).exists() for file in manifest.files()) else None


def tidy(keep: set[str]) -> None:
    """Deletes what no kept copy needs: pins of other tokens, parts of no manifest, leftovers of killed refreshes."""
    with _alone():
        for file in folder().glob("pinned-*.json"):
            if file.stem.removeprefix("pinned-") not in keep:
                file.unlink()
        manifests = [_read(file) for file in (folder() / MANIFEST, *folder().glob("pinned-*.json"))]
        needed = {part.file for manifest in manifests if manifest for part in manifest.parts.values()}
        for file in (*folder().glob("orders-*.parquet"), *folder().glob("*.unfinished")):
            if file.name not in needed:
                file.unlink(missing_ok=True)


# -- the manifest ------------------------------------------------------------------------------------------------------------


def _fitting() -> Manifest | None:
    """The manifest on disk that belongs to the database as it is now."""
    token = settings_store.read(FactsState).token
    for name in (MANIFEST, NEXT):  # a refresh may have been killed between its commit and the renaming
        found = _read(folder() / name)
        if found and found.token == token and _usable(found):
            if name == NEXT:
                os.replace(folder() / NEXT, folder() / MANIFEST)
            return found
    return None


def _usable(manifest: Manifest) -> bool:
    same_form = manifest.layout == LAYOUT and manifest.time_zone == timezone.get_default_timezone_name()
    return same_form and all(Path(file).exists() for file in manifest.files())


def _read(file: Path) -> Manifest | None:
    try:
        known: dict[str, Any] = json.loads(file.read_text())
        parts = {int(bucket): Part(**part) for bucket, part in known.pop("parts").items()}
        gone = {int(customer): into for customer, into in known.pop("gone").items()}
        return Manifest(parts=parts, gone=gone, channels=tuple(known.pop("channels")), **known)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or cut off: made anew


def _write(file: Path, manifest: Manifest) -> None:
    unfinished = file.with_suffix(f".{secrets.token_hex(4)}.unfinished")
    with unfinished.open("w") as out:
        json.dump(asdict(manifest), out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(unfinished, file)


def _pinned(token: str) -> Path:
    return folder() / f"pinned-{token}.json"


@contextmanager
def _alone() -> Iterator[None]:
    with (folder() / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- reading the database ----------------------------------------------------------------------------------------------------


def _see_one_moment() -> None:
    """All buckets are read as of the same moment, whatever others write meanwhile."""
    if len(connection.savepoint_ids) == 0 and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _all_buckets() -> Iterator[int]:
    with connection.cursor() as cursor:
        first = 0
        while True:
            cursor.execute("SELECT min(id) FROM zhike_order WHERE id >= %s", [first])
            (found,) = cursor.fetchone()
            if found is None:
                return
            yield found >> SHIFT
            first = ((found >> SHIFT) + 1) << SHIFT


def _gone_customers() -> dict[int, int | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, merged_into_id FROM zhike_customer WHERE deleted_at IS NOT NULL ORDER BY id")
        into: dict[int, int | None] = dict(cursor.fetchall())
    return {customer: _survivor(customer, into) for customer in into}


def _survivor(customer: int, into: dict[int, int | None]) -> int | None:
    """Follows merges of merges; None when the last of them was deleted."""
    steps = 0
    last: int | None = customer
    while last in into and steps <= len(into):
        last, steps = into[last], steps + 1
    return last


def _export(current: Manifest | None, buckets: list[int], gone: dict[int, int | None], progress: Progress) -> Manifest:
    """Writes the parts of these buckets; the database is read while the part before is compressed."""
    token = secrets.token_hex(8)
    parts = dict(current.parts) if current else {}
    reader = order_arrays.Reader(timezone.get_default_timezone_name(), current.channels if current else ())
    with ThreadPoolExecutor(1) as writer:
        waiting: list[tuple[int, Future[Part]]] = []
        for done, bucket in enumerate(buckets):
            table = reader.read(bucket << SHIFT, (bucket + 1) << SHIFT)
            parts.pop(bucket, None)
            if table.num_rows:
                waiting.append((bucket, writer.submit(_write_part, table, f"orders-{bucket:06d}-{token}.parquet")))
            if len(waiting) > 1:
                waiting[-2][1].result()  # at most two parts in memory
            progress(done + 1, len(buckets))
        parts |= {bucket: future.result() for bucket, future in waiting}
    reader.close()
    return Manifest(
        token=token, version=(current.version if current else 0) + 1, layout=LAYOUT,
        time_zone=timezone.get_default_timezone_name(), parts=dict(sorted(parts.items())), channels=reader.channels, gone=gone,
    )  # fmt: skip


def _write_part(table: pa.Table, name: str) -> Part:
    unfinished = folder() / f"{name}.unfinished"
    # read in half the time of a smaller form; ids and amounts are too different for a dictionary
    pq.write_table(table, unfinished, compression="lz4", use_dictionary=["ordered_on", "channel"], store_decimal_as_integer=True)
    os.replace(unfinished, folder() / name)
    return Part(name, table.num_rows)
