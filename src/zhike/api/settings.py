"""Settings of the company, the audit trail, backups."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from zhike.api.customer_shown import Eyes
from zhike.api.door import caller, costly, needs_everywhere
from zhike.api.events import shown_changes
from zhike.api.paging import filtered, page
from zhike.api.problems import bad_field
from zhike.api.schemas.base import Strict
from zhike.api.schemas.pages import Page
from zhike.api.schemas.settings import (
    AuditOut,
    AuditQuery,
    BackupsOut,
    BinSettings,
    CareSettings,
    CareTextSettings,
    CompanySettings,
    DuplicateSettings,
    ExportSettings,
    ImportSettings,
    OutlookOut,
    RevealSettings,
    SettingsOut,
    SignInSettings,
)
from zhike.care.actions import change_care_rules, change_care_texts
from zhike.care.queries.preview import outlook
from zhike.care.rules import CareRules, CareTexts
from zhike.core import backup_shelf, settings_store
from zhike.core.models import AuditEntry
from zhike.customers.settings import BinRules, DuplicateRules, ImportRules, RevealRules
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.queries import has_second_factor
from zhike.teams.rules import CompanyRules, ExportRules, SignInRules

router = Router(tags=["administration"])
GROUPS: dict[str, Any] = {
    "company": CompanyRules, "sign_in": SignInRules, "reveal": RevealRules, "duplicates": DuplicateRules, "bin": BinRules,
    "imports": ImportRules, "exports": ExportRules, "care": CareRules, "care_texts": CareTexts,
}  # fmt: skip


@router.get("/settings", response=SettingsOut)
@needs_everywhere(Permission.SETTINGS_EDIT)
def read_settings(request: HttpRequest) -> Any:
    return {name: asdict(settings_store.read(group)) for name, group in GROUPS.items()}


@router.patch("/settings/company", response=CompanySettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_company_settings(request: HttpRequest, data: CompanySettings) -> Any:
    return _change(request, CompanyRules, data)


@router.patch("/settings/sign-in", response=SignInSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_sign_in_settings(request: HttpRequest, data: SignInSettings) -> Any:
    """A second factor can be asked of everybody only by who has one."""
    if data.second_factor_required and not has_second_factor(caller(request)):
        raise bad_field("second_factor_required", _("Set up your own first."))
    return _change(request, SignInRules, data)


@router.patch("/settings/reveal", response=RevealSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_reveal_settings(request: HttpRequest, data: RevealSettings) -> Any:
    return _change(request, RevealRules, data)


@router.patch("/settings/duplicates", response=DuplicateSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_duplicate_settings(request: HttpRequest, data: DuplicateSettings) -> Any:
    return _change(request, DuplicateRules, data)


@router.patch("/settings/bin", response=BinSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_bin_settings(request: HttpRequest, data: BinSettings) -> Any:
    return _change(request, BinRules, data)


@router.patch("/settings/imports", response=ImportSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_import_settings(request: HttpRequest, data: ImportSettings) -> Any:
    """How many days the files of finished and discarded imports are kept."""
    return _change(request, ImportRules, data)


@router.patch("/settings/exports", response=ExportSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_export_settings(request: HttpRequest, data: ExportSettings) -> Any:
    """How many rows a person may take along without asking, by the highest class that a file shows in plain."""
    return _change(request, ExportRules, data)


@router.patch("/settings/care", response=CareSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_care_settings(request: HttpRequest, data: CareSettings) -> Any:
    """The lists follow as soon as the queue comes to it."""
    rules = replace(settings_store.read(CareRules), **data.given())
    change_care_rules(actor=caller(request), rules=rules)
    return asdict(rules)


@router.post("/settings/care/preview", response=list[OutlookOut])
@needs_everywhere(Permission.SETTINGS_EDIT)
@costly
def preview_care_settings(request: HttpRequest, data: CareSettings) -> Any:
    """How many customers each reason would find and put on a list, without saving anything."""
    return outlook(replace(settings_store.read(CareRules), **data.given()), timezone.localdate())


@router.patch("/settings/care-texts", response=CareTextSettings)
@needs_everywhere(Permission.SETTINGS_EDIT)
def change_care_text_settings(request: HttpRequest, data: CareTextSettings) -> Any:
    texts = replace(settings_store.read(CareTexts), **data.given())
    change_care_texts(actor=caller(request), texts=texts)
    return asdict(texts)


@router.get("/audit", response=Page[AuditOut])
@needs_everywhere(Permission.AUDIT_VIEW)
def list_audit(request: HttpRequest, query: Query[AuditQuery]) -> Any:
    """Who did what to which record, when and from where, the newest first. Masked values stay masked."""
    lookups = {"actor": "actor", "verb": "verb", "object_id": "object_id", "at_from": "at__gte", "at_until": "at__lt"}
    rows = filtered(AuditEntry.objects.select_related("actor"), query, lookups)
    rows = rows.filter(object_type=query.object_type) if query.object_type else rows
    eyes = Eyes(caller(request))
    return page(request, rows, query, shown=lambda found: _entries(eyes, found))


@router.get("/backups", response=BackupsOut)
@needs_everywhere(Permission.BACKUP_RUN)
def list_backups(request: HttpRequest) -> Any:
    return {"items": backup_shelf.shelf(), "is_being_made": backup_shelf.is_being_made()}


@router.post("/backups", response={202: None})
@needs_everywhere(Permission.BACKUP_RUN)
@costly
def order_backup(request: HttpRequest) -> Any:
    """Made in the background; a notice says when it is there."""
    actions.order_backup(actor=caller(request))
    return Status(202, None)


@router.get("/backups/{name}", response={200: None})
@needs_everywhere(Permission.BACKUP_RUN)
@costly
def fetch_backup(request: HttpRequest, name: str) -> FileResponse:
    """Everything the company has; taking it away is written to the audit trail."""
    if backup_shelf.file_of(name) is None:
        raise AuditEntry.DoesNotExist
    file = actions.fetch_backup(actor=caller(request), name=name)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/x-tar")


def _change(request: HttpRequest, group: Any, data: Strict) -> dict[str, Any]:
    values = replace(settings_store.read(group), **data.given())
    actions.change_settings(actor=caller(request), values=values)
    return asdict(values)


def _entries(eyes: Eyes, rows: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    words = ("id", "at", "channel", "address", "verb", "object_type", "object_id", "object_name", "note")
    return [
        {name: getattr(row, name) for name in words}
        | {"actor": row.actor, "undoes": row.undoes_id, "changes": shown_changes(eyes, row.changes)}
        for row in rows
    ]
