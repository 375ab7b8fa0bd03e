"""Every step of an import, for the screens, the command line, the API and the worker."""

import datetime
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _, override
from psycopg.errors import QueryCanceled

from zhike.core import files, outages, queue, settings_store
from zhike.customers.choices import DuplicatePolicy, Edited, ImportKind, ImportState
from zhike.customers.imports import aside, batches, guess, running, tables
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.profile import profile_labels
from zhike.customers.imports.progress import Tell
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch
from zhike.customers.settings import ImportRules
from zhike.customers.surveys import guessing
from zhike.sales.imports import memory
from zhike.sales.imports.undoing import require, undo_import
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import Notice, User

if TYPE_CHECKING:
    from zhike.customers.imports import pipeline

log = logging.getLogger("zhike.imports")
MAX_UPLOAD_MB = 2000
OPEN_STATES = (ImportState.UPLOADED, ImportState.CHECKED)
TOLD = (ImportState.DONE, ImportState.FAILED, ImportState.UNDONE)
BUSY_STATES = (ImportState.RUNNING, ImportState.CHECKING)
WRITTEN = {
    ImportKind.CUSTOMERS: "zhike_customer", ImportKind.ANSWERS: "zhike_answersheet, zhike_answer",
    ImportKind.ORDERS: "zhike_customer, zhike_order, zhike_orderline, zhike_product",
}  # fmt: skip
CLOSED_STATES = (ImportState.FAILED, ImportState.CANCELLED)


def receive_file(*, actor: User, kind: str, upload: "UploadedFile[Any]") -> ImportBatch:
    """Keep a file and recognise it. A file that cannot be used is not kept: raises `FileProblem`."""
    require(actor, kind)
    if upload.size and upload.size > MAX_UPLOAD_MB * 1_000_000:
        raise FileProblem("too_large", limit=MAX_UPLOAD_MB)
    with transaction.atomic():
        with _or_no_room():
            stored = files.keep(upload, name=upload.name or "file", by=actor, content_type=upload.content_type or "")
        try:
            reading = tables.recognise(files.location(stored))
            with _or_no_room():
                return _new_batch(actor, kind, reading, file=stored, file_name=stored.name)
        except BaseException:
            files.location(stored).unlink(missing_ok=True)
            raise


@contextmanager
def _or_no_room() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError) as problem:
        if outages.is_disk_full(problem):
            raise FileProblem("no_room") from problem
        raise


def open_path(*, actor: User, kind: str, path: Path, **stated: Any) -> ImportBatch:
    """A file that lies on this machine: read where it is. `stated`: encoding, delimiter, header_row, sheet."""
    require(actor, kind)
    reading = tables.recognise(path, **stated)
    return _new_batch(actor, kind, reading, file_name=path.name[:255], options={"path": str(path.absolute())})


def _new_batch(actor: User, kind: str, reading: Reading, **given: Any) -> ImportBatch:
    mapping, options = memory.recall(kind, reading)
    given["options"] = options | given.get("options", {})
    return ImportBatch.objects.create(
        kind=kind, reading=reading.as_json(), sha256=reading.sha256, rows_total=reading.rows, created_by_id=actor.pk,
        mapping=mapping or _guessed(reading, kind), **given,
    )  # fmt: skip


def _guessed(reading: Reading, kind: str) -> dict[str, int]:
    if kind == ImportKind.ANSWERS:
        return guessing.mapping_of(reading)
    return guess.mapping_of(reading, kind, profile_labels() if kind == ImportKind.CUSTOMERS else None)


def read_again(
    *, actor: User, batch: ImportBatch, encoding: str, delimiter: str, header_row: int | None, sheet: str
) -> ImportBatch:
    """Read the file in another way than it was recognised; the columns are guessed anew."""
    require(actor, batch.kind)
    batch = _own(actor, batch.pk)
    reading = tables.recognise(batches.path_of(batch), encoding=encoding, delimiter=delimiter, header_row=header_row, sheet=sheet)
    batch.reading = reading.as_json()
    batch.mapping = _guessed(reading, batch.kind)
    batch.state = ImportState.UPLOADED
    batch.save(update_fields=["reading", "mapping", "state"])
    return batch


def set_mapping(*, actor: User, batch: ImportBatch, mapping: dict[str, int], policy: str, options: dict[str, Any]) -> ImportBatch:
    """What the columns mean, what happens to duplicates, and the defaults. Raises `ValidationError`."""
    require(actor, batch.kind)
    batch = _own(actor, batch.pk)
    if policy not in DuplicatePolicy.values:
        raise ValidationError({"policy": [_("Choose what happens to duplicates.")]})
    _check_defaults(actor, options)
    try:
        batches.check_mapping(batch.kind, mapping)
    except FileProblem as problem:
        raise ValidationError({"mapping": [str(problem)]}) from problem
    kept = {name: value for name, value in batch.options.items() if name == "path"}
    batch.mapping, batch.policy, batch.options, batch.state = mapping, policy, options | kept, ImportState.UPLOADED
    batch.save(update_fields=["mapping", "policy", "options", "state"])
    return batch


def _check_defaults(actor: User, options: dict[str, Any]) -> None:
    """Nobody gives new customers to people or departments beyond their own reach."""
    rights = access.rights_of(actor)
    if rights.everything or rights.allows(Permission.CUSTOMER_TRANSFER):
        return
    if options.get("owner") not in (None, *rights.owners):
        raise ValidationError({"owner": [_("You may not give customers to this person.")]})
    if options.get("department") not in (None, actor.department_id, *rights.departments):
        raise ValidationError({"department": [_("You may not put customers into this department.")]})


def start_check(*, actor: User, batch: ImportBatch) -> None:
    """A dry run in the background: everything is done and taken back, so that the counts are true."""
    _begin(actor, batch, ImportState.CHECKING, OPEN_STATES)


def start_import(*, actor: User, batch: ImportBatch) -> None:
    _begin(actor, batch, ImportState.RUNNING, OPEN_STATES)


def _begin(actor: User, batch: ImportBatch, state: str, allowed: tuple[str, ...], *, deferred: bool = True) -> None:
    require(actor, batch.kind)
    with transaction.atomic():
        _own(actor, batch.pk)
        changed = ImportBatch.objects.filter(pk=batch.pk, state__in=allowed).update(
            state=state, cancel_requested=False, problem="", step="waiting", rows_done=0, started_at=None
        )  # fmt: skip
        if not changed:
            raise ValidationError(_("This import is already running or finished."))
        if deferred:
            queue.defer("import.run", batch=batch.pk, language=actor.language)
    batch.refresh_from_db()


def run_now(*, actor: User, batch: ImportBatch, now: datetime.datetime, tell: Tell | None = None) -> "pipeline.Outcome":
    """Start and run in this process. Raises `FileProblem`; nothing was changed then."""
    with running.held(batch.pk):
        _begin(actor, batch, ImportState.RUNNING, OPEN_STATES, deferred=False)
        return run_import(actor=actor, batch=batch, now=now, tell=tell)


def check_now(*, actor: User, batch: ImportBatch, now: datetime.datetime, tell: Tell | None = None) -> "pipeline.Outcome":
    """A dry run in this process."""
    with running.held(batch.pk):
        _begin(actor, batch, ImportState.CHECKING, OPEN_STATES, deferred=False)
        return run_import(actor=actor, batch=batch, now=now, tell=tell)


def run_import(*, actor: User, batch: ImportBatch, now: datetime.datetime, tell: Tell | None = None) -> "pipeline.Outcome":
    """Do what the state of the batch asks for (run or dry run). Safe to call again after a crash: done work is not done twice."""
    from zhike.customers.imports import pipeline  # with all it cleans and writes by: only where it runs
    from zhike.customers.surveys import taking
    from zhike.sales.imports import orders

    require(actor, batch.kind)
    dry_run = batch.state == ImportState.CHECKING
    ImportBatch.objects.filter(pk=batch.pk, state__in=BUSY_STATES, started_at=None).update(started_at=now)
    try:
        write = orders.write if batch.kind == ImportKind.ORDERS else None
        steps = taking.steps if batch.kind == ImportKind.ANSWERS else None
        outcome = pipeline.run(actor=actor, batch=batch, now=now, write=write, steps=steps, dry_run=dry_run, tell=tell)
    except Exception as problem:
        raise _failed(batch, problem, now) from problem
    if dry_run:
        _remember_check(batch, outcome)
    elif outcome.ran:
        memory.remember(ImportBatch.objects.get(pk=batch.pk))
        _analyze(batch.kind)
    return outcome


def _remember_check(batch: ImportBatch, outcome: "pipeline.Outcome") -> None:
    from zhike.customers.imports import rejects

    reading = Reading.from_json(batch.reading)
    first = rejects.first(outcome.first_problems, reading)
    ImportBatch.objects.filter(pk=batch.pk, state=ImportState.CHECKING).update(
        state=ImportState.CHECKED, counts=outcome.counts | {"first": first}, reasons=outcome.reasons, rows_total=outcome.rows,
        rows_done=outcome.rows, step="",
    )  # fmt: skip


def _failed(batch: ImportBatch, problem: Exception, now: datetime.datetime) -> Exception:
    """Write down why nothing was changed; gives what to raise."""
    stopped = isinstance(problem, OperationalError) and isinstance(problem.__cause__, QueryCanceled)
    wanted = ImportBatch.objects.filter(pk=batch.pk, cancel_requested=True)
    said = FileProblem("cancelled") if stopped and wanted.exists() else _in_words(problem)
    cancelled = said.code == "cancelled"
    was_check = batch.state == ImportState.CHECKING
    state = ImportState.UPLOADED if was_check else ImportState.CANCELLED if cancelled else ImportState.FAILED
    ImportBatch.objects.filter(pk=batch.pk, state__in=BUSY_STATES).update(
        state=state, problem=said.as_json(), step="", finished_at=None if was_check else now, cancel_requested=False
    )
    return said


def _in_words(problem: Exception) -> FileProblem:
    if isinstance(problem, FileProblem):
        return problem
    if outages.is_disk_full(problem):
        return FileProblem("disk_full")
    reference = secrets.token_hex(4)
    log.error("reference %s: an import failed", reference, exc_info=problem)
    return FileProblem("broken", reference=reference)


def _analyze(kind: str) -> None:
    """Fresh statistics at once: the lists that people open next depend on them."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {WRITTEN[ImportKind(kind)]}")


def cancel_import(*, actor: User, batch: ImportBatch) -> None:
    """Ask a running import to stop; it takes back what it has done. One that was not started is closed."""
    require(actor, batch.kind)
    batch = _own(actor, batch.pk)
    if ImportBatch.objects.filter(pk=batch.pk, state__in=BUSY_STATES).update(cancel_requested=True):
        running.interrupt(batch.pk)
    ImportBatch.objects.filter(pk=batch.pk, state__in=OPEN_STATES).update(state=ImportState.CANCELLED, problem="")


def reopen_import(*, actor: User, batch: ImportBatch) -> None:
    """One that failed or was discarded may be tried again as long as its file is there."""
    require(actor, batch.kind)
    batch = _own(actor, batch.pk)
    try:
        batches.path_of(batch)
    except FileProblem as problem:
        raise ValidationError(str(problem)) from problem
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=CLOSED_STATES).update(state=ImportState.UPLOADED, problem="", step=""):
        raise ValidationError(_("This import is already running or finished."))


def close_interrupted() -> int:
    """Batches whose process was killed say for ever that they run: give them back to their people. Nothing of them was written."""
    aside.restore()
    closed = 0
    for batch in running.abandoned():
        undoing = batch.state == ImportState.UNDOING
        problem = FileProblem("undo_interrupted" if undoing else "interrupted").as_json()
        state = ImportState.DONE if undoing else ImportState.UPLOADED
        mine = ImportBatch.objects.filter(pk=batch.pk, state=batch.state)
        closed += mine.update(state=state, problem=problem, step="", rows_done=0, cancel_requested=False)
    return closed


def undo_in_background(*, batch_id: int, now: datetime.datetime) -> None:
    """What the worker calls. Whoever imported it answers for it."""
    batch = ImportBatch.objects.select_related("created_by").get(pk=batch_id)
    if batch.created_by and batch.state == ImportState.UNDOING:
        undo_import(actor=batch.created_by, batch=batch, now=now, edited=batch.options.get("edited", Edited.KEEP))
        notify(batch=ImportBatch.objects.get(pk=batch_id))


def forget_files(*, at: datetime.datetime) -> int:
    """The uploads and the rows left out of imports that ended long ago; imports that wrote nothing go with them. Undo needs no
    file. Gives the number of files."""
    before = at - datetime.timedelta(days=settings_store.read(ImportRules).keep_days)
    with transaction.atomic():
        over = Q(finished_at__lt=before) | Q(finished_at=None, created_at__lt=before)
        old = ImportBatch.objects.filter(over, state__in=[*OPEN_STATES, *TOLD, ImportState.CANCELLED]).select_for_update(
            of=("self",)
        )
        stored = [file for batch in old.select_related("file", "errors_file") for file in (batch.file, batch.errors_file) if file]
        for file in stored:
            files.forget(file)
        ImportBatch.objects.filter(over, state__in=[*OPEN_STATES, *CLOSED_STATES]).delete()
    return len(stored)


def notify(*, batch: ImportBatch) -> None:
    """Tell the importer how it ended."""
    if batch.created_by_id and batch.state in TOLD:
        params = {"file": batch.file_name, "problem": batch.problem, "rejected": batch.counts.get("rejected", 0)}
        created = batch.counts.get("created", {})
        params |= {"customers": created.get("customers", 0), "orders": created.get("orders", 0), "sheets": created.get("sheets", 0)}
        Notice.objects.create(
            user_id=batch.created_by_id, kind=f"import.{batch.state}", params=params, url=f"/imports/{batch.pk}/"
        )  # fmt: skip


def run_in_background(*, batch_id: int, language: str, now: datetime.datetime) -> None:
    """What the worker calls."""
    batch = ImportBatch.objects.select_related("created_by").get(pk=batch_id)
    if batch.created_by is None or batch.state not in BUSY_STATES:
        return
    with override(language):
        try:
            run_import(actor=batch.created_by, batch=batch, now=now)
        except (FileProblem, PermissionDenied):
            log.info("import %s ended without a change", batch_id)
    notify(batch=ImportBatch.objects.get(pk=batch_id))


def _own(actor: User, batch_id: int) -> ImportBatch:
    from zhike.sales.imports.queries import visible_batches

    return visible_batches(actor).get(pk=batch_id)
