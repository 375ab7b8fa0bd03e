"""Files kept with interactions. Nothing that people upload is shown or run by a browser: always an attachment of no type."""

from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from zhike.api.door import caller, costly, needs
from zhike.api.paging import page
from zhike.api.problems import bad_field
from zhike.api.schemas.imports import FileOut
from zhike.api.schemas.pages import Page, PageQuery
from zhike.core import files
from zhike.customers.queries.attachments import files_visible_to
from zhike.teams.choices import Permission

router = Router(tags=["files"])
LARGEST_MB = 20


@router.get("/files", response=Page[FileOut])
@needs(Permission.CUSTOMER_VIEW)
def list_files(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """One's own, and those of interactions that one may see."""
    return page(request, files_visible_to(caller(request)), query)


@router.post("/files", response={201: FileOut})
@needs(Permission.INTERACTION_RECORD)
@costly
def upload_file(request: HttpRequest, file: File[UploadedFile]) -> Any:
    """Then name its id under `files` of an interaction."""
    if (file.size or 0) > LARGEST_MB * 1024 * 1024:
        raise bad_field("file", _("At most %(limit)s MB.") % {"limit": LARGEST_MB})
    kept = files.keep(file, name=file.name or "file", by=caller(request), content_type=file.content_type or "")
    return Status(201, kept)


@router.get("/files/{int:file_id}", response={200: None})
@needs(Permission.CUSTOMER_VIEW)
def fetch_file(request: HttpRequest, file_id: int) -> FileResponse:
    found = files_visible_to(caller(request)).get(pk=file_id)
    source: Any = files.location(found).open("rb")
    return FileResponse(source, as_attachment=True, filename=found.name, content_type="application/octet-stream")
