"""Bringing files in: upload, say what the columns mean, try, run, read the report, undo."""

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from zhike.api.door import caller, costly, needs
from zhike.api.paging import filtered, page
from zhike.api.problems import bad_field
from zhike.api.schemas.imports import EditsOut, ImportOut, ImportQuery, ImportUndoIn, MappingIn, ReadingIn, UndoneOut
from zhike.api.schemas.pages import Page
from zhike.core import files
from zhike.core.models import StoredFile
from zhike.customers.choices import ImportKind
from zhike.customers.imports import left_out
from zhike.customers.imports.meanings import of_kind
from zhike.customers.imports.problems import first_in_words, in_words
from zhike.customers.imports.profile import profile_meanings
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch
from zhike.customers.surveys import roles
from zhike.sales.imports import actions, conflicts, undoing
from zhike.sales.imports.queries import visible_batches
from zhike.teams.choices import Permission

router = Router(tags=["imports"])
WORDS = (
    "id", "kind", "file_name", "state", "step", "reading", "mapping", "policy", "rows_total", "rows_done", "reasons",
    "created_by", "created_at", "started_at", "finished_at",
)  # fmt: skip


@router.get("/imports", response=Page[ImportOut])
@needs(Permission.CUSTOMER_IMPORT)
def list_imports(request: HttpRequest, query: Query[ImportQuery]) -> Any:
    user = caller(request)
    rows = filtered(visible_batches(user).select_related("created_by"), query, {"kind": "kind", "state": "state"})
    if query.mine is not None:
        rows = rows.filter(created_by=user) if query.mine else rows.exclude(created_by=user)
    return page(request, rows, query, shown=lambda found: [_shown(one) for one in found])


@router.get("/imports/{int:import_id}", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
def read_import(request: HttpRequest, import_id: int) -> Any:
    """Ask again while `state` is `checking`, `running` or `undoing` to see how far it is."""
    return _shown(_batch(request, import_id))


@router.post("/imports", response={201: ImportOut})
@needs(Permission.CUSTOMER_IMPORT)
@costly
def upload_import(request: HttpRequest, kind: Form[ImportKind], file: File[UploadedFile]) -> Any:
    """A CSV, TSV, TXT, XLSX or XLS file of customers, orders or answers to a survey. Encoding, header and columns are
    recognised."""
    return Status(201, _shown(actions.receive_file(actor=caller(request), kind=kind, upload=file)))


@router.post("/imports/{int:import_id}/read-again", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
def read_import_again(request: HttpRequest, import_id: int, data: ReadingIn) -> Any:
    batch = _batch(request, import_id)
    return _shown(actions.read_again(actor=caller(request), batch=batch, **data.model_dump()))


@router.put("/imports/{int:import_id}/mapping", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
def set_import_mapping(request: HttpRequest, import_id: int, data: MappingIn) -> Any:
    batch = _batch(request, import_id)
    known = {one.code for one in of_kind(batch.kind)} | profile_meanings("en").keys()
    is_answer = roles.is_known if batch.kind == ImportKind.ANSWERS else known.__contains__
    if unknown := sorted(code for code in data.mapping if not is_answer(code)):
        raise bad_field("mapping", _("There is no such field.") + f" ({', '.join(unknown)[:200]})")
    options = {name: value for name, value in data.model_dump(exclude={"mapping", "policy"}).items() if value}
    changed = actions.set_mapping(actor=caller(request), batch=batch, mapping=data.mapping, policy=data.policy, options=options)
    return _shown(changed)


@router.post("/imports/{int:import_id}/check", response={202: ImportOut})
@needs(Permission.CUSTOMER_IMPORT)
def check_import(request: HttpRequest, import_id: int) -> Any:
    """A dry run in the background: everything is done and taken back, so that the counts are true."""
    batch = _batch(request, import_id)
    actions.start_check(actor=caller(request), batch=batch)
    return Status(202, _shown(_batch(request, import_id)))


@router.post("/imports/{int:import_id}/start", response={202: ImportOut})
@needs(Permission.CUSTOMER_IMPORT)
@costly
def start_import(request: HttpRequest, import_id: int) -> Any:
    batch = _batch(request, import_id)
    actions.start_import(actor=caller(request), batch=batch)
    return Status(202, _shown(_batch(request, import_id)))


@router.post("/imports/{int:import_id}/cancel", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
def cancel_import(request: HttpRequest, import_id: int) -> Any:
    """A running one takes back what it has done."""
    actions.cancel_import(actor=caller(request), batch=_batch(request, import_id))
    return _shown(_batch(request, import_id))


@router.post("/imports/{int:import_id}/reopen", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
def reopen_import(request: HttpRequest, import_id: int) -> Any:
    """One that failed or was cancelled can be started again as long as its file is kept."""
    actions.reopen_import(actor=caller(request), batch=_batch(request, import_id))
    return _shown(_batch(request, import_id))


@router.post("/imports/{int:import_id}/undo", response={200: UndoneOut, 202: ImportOut})
@needs(Permission.CUSTOMER_IMPORT)
@costly
def undo_import(request: HttpRequest, import_id: int, data: ImportUndoIn | None = None) -> Any:
    """Takes the whole import back in one transaction, updates included. Records that somebody has worked on since stay, unless
    `edited` is `remove`: then orders are deleted and customers go into the recycle bin, as far as the caller may change them.

    A large import answers 202 and is undone in the background: ask for it again while its `state` is `undoing`; then
    `counts.undone` says what was taken back."""
    edited = (data or ImportUndoIn()).edited
    undone = undoing.take_back(actor=caller(request), batch=_batch(request, import_id), now=timezone.now(), edited=edited)
    return Status(202, _shown(_batch(request, import_id))) if undone is None else {"undone": undone}


@router.get("/imports/{int:import_id}/edited", response=EditsOut)
@needs(Permission.CUSTOMER_IMPORT)
@costly
def list_edited_since_import(request: HttpRequest, import_id: int) -> Any:
    """What somebody has worked on since: before an undo what it would keep, after it what it has kept."""
    return conflicts.of(_batch(request, import_id), seen_by=caller(request), thorough=True)


@router.get("/imports/{int:import_id}/errors", response={200: None})
@needs(Permission.CUSTOMER_IMPORT)
def fetch_import_errors(request: HttpRequest, import_id: int) -> FileResponse:
    """The rows left out, each with its reason in the language of the request, to correct and send again."""
    batch = _batch(request, import_id)
    found = batch.errors_file
    if found is None:
        raise StoredFile.DoesNotExist
    source: Any = left_out.told(files.location(found), reading=Reading.from_json(batch.reading), mapping=batch.mapping)
    return FileResponse(source, as_attachment=True, filename=found.name, content_type="text/csv; charset=utf-8")


def _batch(request: HttpRequest, import_id: int) -> ImportBatch:
    return visible_batches(caller(request)).select_related("created_by", "errors_file").get(pk=import_id)


def _shown(batch: ImportBatch) -> dict[str, Any]:
    counts = batch.counts | {"first": first_in_words(batch.counts)} if "first" in batch.counts else batch.counts
    return {name: getattr(batch, name) for name in WORDS} | {
        "counts": counts, "problem": in_words(batch.problem), "has_errors_file": batch.errors_file_id is not None
    }  # fmt: skip
