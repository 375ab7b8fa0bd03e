"""The door by which tables leave: few rows while somebody waits, more made by the worker and kept privately for some days."""

import datetime
import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zhike.core import audit, files, home, outages, queue, spreadsheet
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.actions.exports import ADDRESS, GROWN, record_export
from zhike.teams.actions.notices import give_notice
from zhike.teams.choices import ExportState, FileState, Permission
from zhike.teams.models import ExportRequest, User
from zhike.teams.rules import highest_of
from zhike.teams.sheets import Sheet, Wanted, mark, sheet

AT_ONCE = 5_000  # rows that are made while somebody waits
STEP = 2_000  # rows between two looks at whether to go on
JOB = "exports.make"
UNDER_WAY = (FileState.WAITING, FileState.RUNNING)
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Stopped(Exception):
    """Somebody cancelled it."""


@dataclass(frozen=True)
class Taken:
    """A file on its way out."""

    file: IO[bytes]
    name: str
    content_type: str


def leave(*, actor: User, wanted: Sheet, at: datetime.datetime, approval: ExportRequest | None = None) -> Taken | ExportRequest:
    """The file; or what stands for it while the worker makes it."""
    export, day = wanted.export, timezone.localdate(at)
    if export.rows > AT_ONCE:
        return order_file(actor=actor, wanted=wanted, at=at, approval=approval)
    entry = record_export(actor=actor, right=wanted.right, export=export, at=at, approval=approval)
    stamp = mark(actor, entry.pk, export.rows, at)
    file = spreadsheet.whole_file(export.kind, wanted.title, wanted.header, wanted.lines, stamp)
    return Taken(file, wanted.file_name(actor, entry.pk, day), TYPES[export.kind])


def leave_again(*, actor: User, request_id: int, at: datetime.datetime) -> Taken | ExportRequest:
    """What was approved; or what failed or was deleted, of today's rows. A valid approval holds for it; without one the rows count
    against the day anew, those of files that were never made do not."""
    row = ExportRequest.objects.get(pk=request_id, asked_by=actor)
    wanted = sheet(actor, Wanted.by(row), at)
    return leave(actor=actor, wanted=wanted, at=at, approval=None if row.state == ExportState.FREE else row)


def order_file(*, actor: User, wanted: Sheet, at: datetime.datetime, approval: ExportRequest | None = None) -> ExportRequest:
    """Refuses and writes down as `record_export` does; the rows are counted against the day now. A notice tells when it is made.
    Asked for twice, it is made once."""
    access.require(actor, wanted.right)
    export = wanted.export
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        same = ExportRequest.objects.filter(asked_by=actor, screen=export.screen, query=export.query, kind=export.kind)
        if under_way := same.filter(chosen=list(export.chosen), file_state__in=UNDER_WAY, is_to_stop=False).first():
            return under_way
        entry = record_export(actor=actor, right=wanted.right, export=export, at=at, approval=approval)
        row = approval or ExportRequest.objects.create(
            asked_by=actor, asked_at=at, screen=export.screen, query=export.query, chosen=list(export.chosen), kind=export.kind,
            rows=export.rows, highest=export.highest, reason="", state=ExportState.FREE,
        )  # fmt: skip
        idle = ExportRequest.objects.filter(pk=row.pk).exclude(file_state__in=(*UNDER_WAY, FileState.READY))
        begun = idle.update(
            file_state=FileState.WAITING, number=entry.pk, to_write=export.rows, done=0, is_to_stop=False, problem=""
        )
        if not begun:
            raise ValidationError(_("This file is there already, or is just being made."))
        queue.defer(JOB, lock=JOB, request_id=row.pk)
    row.refresh_from_db()
    return row


def cancel_file(*, actor: User, request_id: int) -> None:
    """One's own, while it is being made: nothing of it stays."""
    row = ExportRequest.objects.get(pk=request_id, asked_by=actor)
    ExportRequest.objects.filter(pk=row.pk, file_state__in=UNDER_WAY).update(is_to_stop=True)


def make_file(*, request_id: int, at: datetime.datetime) -> None:
    """The worker's part, by the rights and rows of who asked as they are now. After a kill, or when the database was away, the
    queue begins it anew: what had been written until then has no name that anybody knows."""
    row = ExportRequest.objects.select_related("asked_by").get(pk=request_id)
    if not row.is_under_way:
        return
    with translation.override(row.asked_by.language):
        try:
            _make(row, at)
        except Stopped:
            _end(row, FileState.CANCELLED)
        except ValidationError as refused:
            _end(row, FileState.FAILED, " ".join(refused.messages))
        except PermissionDenied as refused:
            _end(row, FileState.FAILED, str(refused))
        except (Http404, ObjectDoesNotExist):
            _end(row, FileState.FAILED, _("This list is no longer there."))
        except Exception as problem:  # whoever waits is told, and the job fails all the same
            if not outages.is_database_away(problem):
                _end(row, FileState.FAILED, _why(problem))
            raise


def close_abandoned() -> int:
    """Those that no job stands for any more say for ever that they are being made: their jobs were given up."""
    said = list(ExportRequest.objects.filter(file_state__in=UNDER_WAY).select_related("asked_by"))
    alive = {job["request_id"] for job in queue.unfinished(JOB)} if said else set()
    dead = [row for row in said if row.pk not in alive]
    for row in dead:
        with translation.override(row.asked_by.language), suppress(Stopped):
            if row.is_to_stop:
                _end(row, FileState.CANCELLED)
            else:
                _end(row, FileState.FAILED, _("It was interrupted. No file was made."))
    return len(dead)


def take_file(*, actor: User, request_id: int, at: datetime.datetime) -> Taken:
    """The file that one asked for, while one still may export and sees what one saw when it was made. Written down each time."""
    access.require(actor, Permission.CUSTOMER_EXPORT)
    row = ExportRequest.objects.select_related("stored").get(pk=request_id, asked_by=actor)
    if row.stored is None or row.kept_until is None or row.kept_until < at:
        raise ValidationError(_("This file is not there: it is still being made, or its days are over."))
    if row.made_for != _eyes(actor):
        _forget(row)
        raise ValidationError(_("Your rights have changed since this file was made; it is deleted. Export anew."))
    words = {"number": row.number, "rows": row.done}
    audit.record(actor=actor, verb=AuditVerb.EXPORTED, on=row, note=_("file no. %(number)s of %(rows)s rows fetched") % words)
    return Taken(files.location(row.stored).open("rb"), row.stored.name, row.stored.content_type)


def forget_files(*, at: datetime.datetime) -> int:
    """Those whose days are over, and of people who are gone."""
    old = ExportRequest.objects.filter(file_state=FileState.READY).select_related("stored", "asked_by")
    over = [row for row in old if row.kept_until is None or row.kept_until < at or not row.asked_by.is_active]
    for row in over:
        _forget(row)
    return len(over)


def _make(row: ExportRequest, at: datetime.datetime) -> None:
    _go_on(row, 0)
    asker = User.objects.get(pk=row.asked_by_id)
    made_for, found, number = _eyes(asker), sheet(asker, Wanted.by(row), at), row.number or 0
    access.require(asker, found.right)
    if found.export.rows > row.to_write * GROWN or highest_of([found.export.highest, row.highest]) != row.highest:
        raise ValidationError(_("The list has changed too much since then. Export anew."))
    with tempfile.TemporaryDirectory(dir=home.folder("incoming")) as folder:
        file = Path(folder) / f"list.{row.kind}"
        stamp = mark(asker, number, found.export.rows, at)
        spreadsheet.write_file(file, found.title, found.header, _watched(row, found.lines), stamp)
        with transaction.atomic():
            name = found.file_name(asker, number, timezone.localdate(at))
            stored = files.keep(file, name=name, by=asker, content_type=TYPES[row.kind])
            _end(row, FileState.READY, stored=stored, made_at=at, made_for=made_for)


def _watched(row: ExportRequest, lines: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    done = 0
    for done, line in enumerate(lines, 1):
        if done % STEP == 0:
            _go_on(row, done)
        yield line
    _go_on(row, done)


def _go_on(row: ExportRequest, done: int) -> None:
    """Says how far it is; raises `Stopped` where somebody does not want it any more."""
    wanted = ExportRequest.objects.filter(pk=row.pk, file_state__in=UNDER_WAY, is_to_stop=False)
    if not wanted.update(file_state=FileState.RUNNING, done=done):
        raise Stopped


def _end(row: ExportRequest, state: FileState, problem: str = "", **values: Any) -> None:
    """A file is only given to who still wants it."""
    with transaction.atomic():
        running = ExportRequest.objects.filter(pk=row.pk, file_state__in=UNDER_WAY)
        if state == FileState.READY:
            running = running.filter(is_to_stop=False)
        if not running.update(file_state=state, problem=problem, **values):
            raise Stopped
        params = {"state": state, "rows": row.to_write, "problem": problem}
        kind = "export.ready" if state == FileState.READY else "export.stopped"
        give_notice(to=[row.asked_by_id], kind=kind, params=params, url=f"{ADDRESS}{row.pk}/")


def _why(problem: Exception) -> str:
    if outages.is_disk_full(problem):
        return _("There is no room left on the disk. Make room and start again.")
    return _("It stopped by a fault of the product. No file was made.")


def _forget(row: ExportRequest) -> None:
    with transaction.atomic():
        ExportRequest.objects.filter(pk=row.pk).update(file_state=FileState.GONE, stored=None)
        if row.stored is not None:
            files.forget(row.stored)


def _eyes(person: User) -> str:
    """Of all that decides what rows and fields a person sees; what a token leaves out of it does not count."""
    rights = access.rights_of(User.objects.get(pk=person.pk))
    seen = (sorted(rights.permissions), rights.clearance, rights.everything, sorted(rights.owners), sorted(rights.departments))
    return hashlib.sha256(repr(seen).encode()).hexdigest()
