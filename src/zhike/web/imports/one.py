"""One import: what was recognised, what it would do, how far it is, what it did. The same address through all its states."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core import files
from zhike.customers.choices import Edited, ImportState
from zhike.customers.imports import batches, left_out, sheets
from zhike.customers.imports.problems import FileProblem
from zhike.customers.imports.tables import Reading
from zhike.customers.models import ImportBatch
from zhike.sales.imports import actions, undoing
from zhike.sales.imports.queries import visible_batches
from zhike.teams.choices import Permission
from zhike.web.imports import choosing, report
from zhike.web.pages import page, say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.rights import needs


def _found(request: HttpRequest, pk: int) -> ImportBatch:
    batches = visible_batches(signed_in_person(request)).select_related("created_by", "file", "errors_file")
    return get_object_or_404(batches, pk=pk)


def _back(batch: ImportBatch) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("import", args=[batch.pk]))


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_IMPORT)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows it; POST takes the meaning of the columns and goes on with `do`: check or run."""
    batch = _found(request, pk)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            _go_on(request, batch)
        except ValidationError as refused:
            problems = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
        else:
            return _back(batch)
    part = wanted_part(request)
    if batch.state in (ImportState.UPLOADED, ImportState.CHECKED):
        if part == "progress":  # the dry run has ended: show the whole page anew
            return HttpResponse(headers={"HX-Refresh": "true"})
        return _choose(request, batch, problems)
    if part == "progress" and batch.state not in (*actions.BUSY_STATES, ImportState.UNDOING):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return page(
        request, "imports/import.html", report.context(batch) | report.kept_by_undo(batch, signed_in_person(request)), part=part
    )


def _go_on(request: HttpRequest, batch: ImportBatch) -> None:
    actor = signed_in_person(request)
    given = choosing.read(request.POST, batch)
    actions.set_mapping(actor=actor, batch=batch, mapping=given.mapping, policy=given.policy, options=given.options)
    batch.refresh_from_db()
    if request.POST.get("do") == "run":
        actions.start_import(actor=actor, batch=batch)
    else:
        actions.start_check(actor=actor, batch=batch)


def _choose(request: HttpRequest, batch: ImportBatch, problems: dict[str, list[str]]) -> HttpResponse:
    actor = signed_in_person(request)
    given = choosing.read(request.POST, batch, strict=False) if problems else None
    context = choosing.context(actor, batch, given) | {"problems": problems, "read_problem": ""}
    context |= report.context(batch) | {
        "earlier": batches.earlier_import(batch),
        "sheets": [(name, name) for name in _sheets(batch)],
    }
    return page(request, "imports/choose.html", context, status=422 if problems else 200)


def _sheets(batch: ImportBatch) -> list[str]:
    if batch.reading["kind"] not in ("xlsx", "xls"):
        return []
    try:
        return sheets.names(batches.path_of(batch))
    except FileProblem:
        return []


@require_POST
@needs(Permission.CUSTOMER_IMPORT)
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """In another encoding, with another delimiter, from another row, of another sheet."""
    batch = _found(request, pk)
    row = request.POST.get("header_row", "")
    try:
        actions.read_again(
            actor=signed_in_person(request), batch=batch, encoding=request.POST.get("encoding", ""),
            delimiter=choosing.DELIMITER_CODES.get(request.POST.get("delimiter", ""), ""),
            header_row=int(row) if row.isascii() and row.isdigit() else None, sheet=request.POST.get("sheet", ""),
        )  # fmt: skip
    except FileProblem as problem:
        say(request, str(problem), tone="bad")
    return _back(batch)


@require_POST
@needs(Permission.CUSTOMER_IMPORT)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _found(request, pk)
    actions.cancel_import(actor=signed_in_person(request), batch=batch)
    return _back(batch)


@require_POST
@needs(Permission.CUSTOMER_IMPORT)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _found(request, pk)
    try:
        actions.reopen_import(actor=signed_in_person(request), batch=batch)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    return _back(batch)


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_IMPORT)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """GET says what would be taken back and what somebody has worked on since; POST does it."""
    batch, actor = _found(request, pk), signed_in_person(request)
    problem = ""
    if request.method == "POST":
        try:
            edited = request.POST.get("edited", Edited.KEEP)
            if undoing.take_back(actor=actor, batch=batch, now=timezone.now(), edited=edited) is not None:
                say(request, _("The import is undone."))
            return _back(batch)
        except ValidationError as refused:
            problem = " ".join(refused.messages)
            batch.refresh_from_db()
    if batch.state != ImportState.DONE:
        if problem:
            say(request, problem, tone="bad")
        return _back(batch)
    context = report.before_undo(batch, actor) | {"problem": problem}
    return page(request, "imports/undo.html", context, status=422 if problem else 200)


@require_GET
@needs(Permission.CUSTOMER_IMPORT)
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows left out, with their reasons, as a file to correct and send again."""
    batch = _found(request, pk)
    if batch.errors_file is None:
        raise Http404
    kept = files.location(batch.errors_file)
    source: Any = left_out.told(kept, reading=Reading.from_json(batch.reading), mapping=batch.mapping)
    return FileResponse(source, as_attachment=True, filename=batch.errors_file.name, content_type="text/csv; charset=utf-8")
