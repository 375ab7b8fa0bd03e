"""The information model and the sources of customers."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, needs, signed_in
from zhike.api.paging import filtered, page
from zhike.api.schemas.base import Done
from zhike.api.schemas.pages import Page
from zhike.api.schemas.settings import (
    FieldFiguresOut,
    FieldIn,
    FieldOut,
    FieldPatch,
    FieldQuery,
    SourceIn,
    SourceOut,
    SourcePatch,
    SourceQuery,
)
from zhike.customers import actions
from zhike.customers.models import FieldDefinition, Source
from zhike.customers.queries.model import field_figures
from zhike.teams.choices import Permission

router = Router(tags=["information model"])


@router.get("/fields", response=Page[FieldOut])
@signed_in
def list_fields(request: HttpRequest, query: Query[FieldQuery]) -> Any:
    rows = filtered(FieldDefinition.objects.all(), query, {"is_active": "is_active", "ring": "ring"})
    return page(request, rows, query, sort="id")


@router.get("/fields/{int:field_id}", response=FieldOut)
@signed_in
def read_field(request: HttpRequest, field_id: int) -> Any:
    return FieldDefinition.objects.get(pk=field_id)


@router.get("/fields/figures", response=list[FieldFiguresOut])
@needs(Permission.SETTINGS_EDIT)
def read_field_figures(request: HttpRequest) -> Any:
    """How full each field is, over all customers, and whether anything uses it."""
    return [
        {
            "code": one.field.code, "filled": one.filled, "customers": one.customers, "share": one.share,
            "is_used_by_nothing": one.is_used_by_nothing, "is_needed_and_empty": one.is_needed_and_empty,
        }
        for one in field_figures()
    ]  # fmt: skip


@router.post("/fields", response={201: FieldOut})
@needs(Permission.SETTINGS_EDIT)
def add_field(request: HttpRequest, data: FieldIn) -> Any:
    row = actions.add_field(actor=caller(request), code=data.code, type=data.type, **data.values("code", "type"))
    return Status(201, row)


@router.patch("/fields/{int:field_id}", response=FieldOut)
@needs(Permission.SETTINGS_EDIT)
def change_field(request: HttpRequest, field_id: int, data: FieldPatch) -> Any:
    """Everything but code and type, which the kept values depend on."""
    return actions.change_field(actor=caller(request), field=field_id, **data.values())


@router.delete("/fields/{int:field_id}", response=FieldOut)
@needs(Permission.SETTINGS_EDIT)
def retire_field(request: HttpRequest, field_id: int) -> Any:
    """No longer asked for or shown; the values stay and come back with the field."""
    return actions.retire_field(actor=caller(request), field=field_id)


@router.post("/fields/{int:field_id}/restore", response=FieldOut)
@needs(Permission.SETTINGS_EDIT)
def restore_field(request: HttpRequest, field_id: int) -> Any:
    return actions.retire_field(actor=caller(request), field=field_id, active=True)


@router.post("/fields/templates/{template}", response=Done)
@needs(Permission.SETTINGS_EDIT)
def apply_template(request: HttpRequest, template: str) -> Any:
    """Adds the fields of an industry that are not there yet."""
    return {"changed": actions.apply_template(actor=caller(request), template=template)}


@router.get("/sources", response=Page[SourceOut])
@signed_in
def list_sources(request: HttpRequest, query: Query[SourceQuery]) -> Any:
    rows = filtered(Source.objects.all(), query, {"is_active": "is_active"})
    return page(request, rows, query, sort="id", shown=lambda found: [_source(row) for row in found])


@router.post("/sources", response={201: SourceOut})
@needs(Permission.SETTINGS_EDIT)
def add_source(request: HttpRequest, data: SourceIn) -> Any:
    return Status(201, _source(actions.add_source(actor=caller(request), name=data.name, cost=data.cost)))


@router.patch("/sources/{int:source_id}", response=SourceOut)
@needs(Permission.SETTINGS_EDIT)
def change_source(request: HttpRequest, source_id: int, data: SourcePatch) -> Any:
    """Not active: no longer offered, kept where it stands."""
    row = Source.objects.get(pk=source_id)
    values: dict[str, Any] = {"name": row.name, "cost": row.cost, "is_active": row.is_active} | data.given()
    return _source(actions.change_source(actor=caller(request), source=source_id, **values))


def _source(row: Source) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name, "cost": str(row.cost), "is_active": row.is_active}
