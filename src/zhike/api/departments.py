"""The tree of departments."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, needs, signed_in
from zhike.api.paging import page
from zhike.api.references import named
from zhike.api.schemas.pages import Page, PageQuery
from zhike.api.schemas.teams import DepartmentIn, DepartmentOut, DepartmentPatch
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import Department
from zhike.teams.queries import departments_with_counts

router = Router(tags=["departments"])


@router.get("/departments", response=Page[DepartmentOut])
@signed_in
def list_departments(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, departments_with_counts(), query, sort="id")


@router.get("/departments/{int:department_id}", response=DepartmentOut)
@signed_in
def read_department(request: HttpRequest, department_id: int) -> Any:
    return Department.objects.get(pk=department_id)


@router.post("/departments", response={201: DepartmentOut})
@needs(Permission.PEOPLE_EDIT)
def create_department(request: HttpRequest, data: DepartmentIn) -> Any:
    parent = named(Department.objects.all(), data.parent, "parent")
    return Status(201, actions.create_department(actor=caller(request), **data.model_dump(exclude={"parent"}), parent=parent))


@router.patch("/departments/{int:department_id}", response=DepartmentOut)
@needs(Permission.PEOPLE_EDIT)
def change_department(request: HttpRequest, department_id: int, data: DepartmentPatch) -> Any:
    fields = data.given()
    if "parent" in fields:
        fields["parent"] = named(Department.objects.all(), data.parent, "parent")
    return actions.change_department(actor=caller(request), department_id=department_id, **fields)


@router.delete("/departments/{int:department_id}", response={204: None})
@needs(Permission.PEOPLE_EDIT)
def delete_department(request: HttpRequest, department_id: int) -> Any:
    """Only an empty one."""
    actions.delete_department(actor=caller(request), department_id=department_id)
    return Status(204, None)
