"""A whole import in one transaction: read, clean, stage, match, write, report. Either all of it happened or nothing did.

A killed run leaves nothing but a batch in state `running`; running it again does the work once, and running a finished batch
again does nothing.
"""

import datetime
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from zhike.core import audit, files, home
from zhike.core.choices import AuditVerb
from zhike.customers.choices import DuplicatePolicy, ImportState
from zhike.customers.imports import arrivals, aside, beside, changes, dates, matching, people, rejects, running, settling, tables
from zhike.customers.imports.batches import LOCK, check_mapping, earlier_import, path_of
from zhike.customers.imports.cleaning import Rules
from zhike.customers.imports.columns import Cleaning, Problem
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.profile import hidden_fields, profile_fields
from zhike.customers.imports.progress import Progress, Tell
from zhike.customers.imports.staging import Staging
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch
from zhike.teams.models import User

T = TypeVar("T")
TABLES = ("stage", "rejected", "who", "settled", "made", "origins", "people", "changed", "retold", "ord", "prod")
RUNNABLE = (ImportState.RUNNING, ImportState.CHECKING)
FIRST_PROBLEMS = 20
FUTURE = datetime.timedelta(days=366)  # orders and bookings may lie ahead, but not by more


@dataclass
class Job:
    """What the steps of a run need to know."""

    batch: ImportBatch
    actor: User
    now: datetime.datetime
    today: datetime.date
    zone: ZoneInfo
    mapping: dict[str, int]
    dry_run: bool
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """For the SQL of the steps."""
        chosen = self.batch.options
        return {
            "owner": chosen.get("owner"), "department": chosen.get("department"), "source": chosen.get("source"),
            "created_by": self.actor.pk, "now": self.now, "today": self.today, "batch": self.batch.pk,
        }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What a run did, or a dry run would do."""

    rows: int
    counts: dict[str, Any]
    reasons: dict[str, int]
    first_problems: list[Problem]
    ran: bool = True  # false: it had been done before


Writer = Callable[[Staging, Job, Progress], None]
Steps = Callable[[Any, Job, Progress], tuple[Outcome, Staging]]


def run(
    *,
    actor: User,
    batch: ImportBatch,
    now: datetime.datetime,
    write: Writer | None = None,
    steps: Steps | None = None,
    dry_run: bool = False,
    tell: Tell | None = None,
) -> Outcome:
    """Run a batch whose state says so. `write`: what follows once the customers are there (the orders); `steps`: what is
    done instead of all that (answers). Raises `FileProblem` with nothing changed."""
    with (
        aside.restored_on_failure(),
        Progress(batch.pk, tell) as progress,
        transaction.atomic(),
        connection.cursor() as cursor,
        TemporaryDirectory(dir=home.folder("incoming")) as folder,
    ):
        running.hold(cursor, batch.pk)
        _wait_for_turn(cursor, progress)
        batch = ImportBatch.objects.select_related("file").get(pk=batch.pk)
        if batch.state not in RUNNABLE:
            return Outcome(batch.rows_total, batch.counts, batch.reasons, [], ran=False)
        _prepare(cursor)
        _refuse_repetition(batch, dry_run=dry_run)
        zone = ZoneInfo(settings.TIME_ZONE)
        job = Job(batch, actor, now, now.astimezone(zone).date(), zone, _positions(batch), dry_run)
        outcome, stage = steps(cursor, job, progress) if steps else _steps(cursor, job, progress, write)
        aside.bring_back(cursor)
        if dry_run:
            transaction.set_rollback(True)
        else:
            _finish(job, outcome, stage, Path(folder))
    return outcome


def _wait_for_turn(cursor: Any, progress: Progress) -> None:
    while True:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        if cursor.fetchone()[0]:
            return
        progress.at("waiting")
        time.sleep(0.3)


def _prepare(cursor: Any) -> None:
    """For this transaction: foreign keys are checked statement by statement, so that what waits
    for its check stays bounded; a killed client is noticed; the search index takes new words in lots, four times
    as fast as one by one, and is put in order at the end of each lot (`arrivals.insert_customers`)."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in TABLES)}")
    cursor.execute("SET LOCAL work_mem = '96MB'; SET LOCAL client_connection_check_interval = '1s'; SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET LOCAL gin_pending_list_limit = '256MB'; SET LOCAL maintenance_work_mem = '256MB'")


def _refuse_repetition(batch: ImportBatch, *, dry_run: bool) -> None:
    same = earlier_import(batch)
    if same and not batch.options.get("again") and not dry_run:
        raise FileProblem("imported_already", batch=same.pk)


def _positions(batch: ImportBatch) -> dict[str, int]:
    found = {code: int(position) for code, position in batch.mapping.items()}
    check_mapping(batch.kind, found)
    return found


def _steps(cursor: Any, job: Job, progress: Progress, write: Writer | None) -> tuple[Outcome, Staging]:
    kind, policy = job.batch.kind, job.batch.policy
    reading = Reading.from_json(job.batch.reading)
    stage = Staging(cursor, kind)
    source = path_of(job.batch)
    order = job.batch.options.get("date_order") or date_order(source, reading, job.mapping, job.today)
    cleaning = Cleaning(kind, job.mapping, Rules(job.zone, job.today + FUTURE, order, profile_fields()))
    rows = load(stage, job, reading, progress, cleaning)
    bulk = kind == "customers" and not job.dry_run and aside.put_aside(rows)  # before this transaction looks at a customer
    progress.at("matching")
    matching.find_customers(stage, actor=job.actor, kind=kind, policy=policy)
    if kind == "customers":
        people.find_owners(stage, job.actor)
        people.find_sources(stage)
    stage.reject_customers()
    progress.at("writing")
    new = settling.settle(stage, kind=kind)
    created = {"customers": new and arrivals.insert_customers(stage, progress, options=job.options, kind=kind, bulk=bulk)}
    updated = {"customers": 0}
    if policy == DuplicatePolicy.UPDATE:
        updated["customers"] = changes.update_customers(
            stage, batch_id=job.batch.pk, options=job.options, kind=kind, hidden=hidden_fields(job.actor)
        )  # fmt: skip
    beside.insert_further_phones(stage, batch_id=job.batch.pk, policy=policy)
    job.counts |= {"created": created, "updated": updated, "skipped": 0}
    if write:
        write(stage, job, progress)
    else:
        beside.insert_contacts_and_addresses(stage, batch_id=job.batch.pk, policy=policy)
    reasons = stage.rejected()
    job.counts["rejected"] = sum(reasons.values())
    if kind == "customers":
        job.counts["skipped"] = rows - job.counts["rejected"] - created["customers"] - updated["customers"]
    progress.at("finishing")
    return Outcome(rows, job.counts, reasons, stage.problems(FIRST_PROBLEMS)), stage


def load(stage: Staging, job: Job, reading: Reading, progress: Progress, cleaning: Cleaning) -> int:
    """The rows of the file into the staging table, as this cleaning leaves them."""
    source, rows = path_of(job.batch), 0
    with stage.local_times(str(job.zone)):
        for count, cleaned in _one_ahead((len(chunk.rows), cleaning.clean(chunk)) for chunk in tables.chunks(source, reading)):
            stage.add(cleaned)
            rows += count
            progress.at("reading", done=rows, total=max(job.batch.rows_total, rows))
    if not rows:
        raise FileProblem("only_header")
    stage.finish()
    return rows


def _one_ahead(source: Iterator[T]) -> Iterator[T]:
    """The next one is made in a thread while the database takes this one. The thread does not touch the database."""
    with ThreadPoolExecutor(1) as maker:
        making = maker.submit(next, source, None)
        while (made := making.result()) is not None:
            making = maker.submit(next, source, None)
            yield made


def date_order(source: Path, reading: Reading, mapping: dict[str, int], today: datetime.date) -> str:
    """Decided from the whole column where single dates can be read in several ways; refused where the column leaves it open."""
    found = ""
    for code in ("date", "birthday", "due_on", "paid_on"):
        position = mapping.get(code)
        if position is None or not any(dates.is_short(row[position]) for row in reading.sample):
            continue
        order, example = dates.decide_order(_cells(source, reading, position), latest=today + FUTURE)
        if example and not order:
            row = _row_of(example, source, reading, position)
            raise FileProblem("date_order", row=row, column=reading.columns[position], value=example)
        found = found or order
    return found


def _cells(source: Path, reading: Reading, position: int) -> Iterator[str]:
    return chain.from_iterable(dict.fromkeys(row[position] for row in chunk.rows) for chunk in tables.chunks(source, reading))


def _row_of(value: str, source: Path, reading: Reading, position: int) -> int:
    chunks = tables.chunks(source, reading)
    pairs = ((number, row) for chunk in chunks for number, row in zip(chunk.numbers, chunk.rows, strict=True))
    return next((number for number, row in pairs if row[position] == value), 0)


def _finish(job: Job, outcome: Outcome, stage: Staging, folder: Path) -> None:
    """The last writes of the transaction: report, file of rejected rows, state, trail."""
    batch = job.batch
    first = rejects.first(outcome.first_problems, Reading.from_json(batch.reading))
    batch.counts, batch.reasons = outcome.counts | {"first": first}, outcome.reasons
    batch.rows_total, batch.rows_done = outcome.rows, outcome.rows
    if outcome.counts["rejected"]:
        target = folder / "rejected.csv"
        reading = Reading.from_json(batch.reading)
        rejects.write(target, source=path_of(batch), reading=reading, mapping=job.mapping, stage=stage)
        batch.errors_file = files.keep(
            target,
            name=f"{Path(batch.file_name).stem[:200]}-rejected.csv",
            by=job.actor if job.actor.pk else None,
            content_type="text/csv",
        )
    batch.state, batch.finished_at, batch.step = ImportState.DONE, job.now, ""
    batch.save(update_fields=["counts", "reasons", "rows_total", "rows_done", "errors_file", "state", "finished_at", "step"])
    changed = {"rows": [None, outcome.rows]} | {key: [None, value] for key, value in outcome.counts.items()}
    audit.record(actor=job.actor if job.actor.pk else None, verb=AuditVerb.IMPORTED, on=batch, changes=changed)
