"""Roles: what they allow, on whose customers, up to which confidentiality."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import page
from zhike.api.schemas.pages import Page, PageQuery
from zhike.api.schemas.teams import RoleIn, RoleOut, RolePatch
from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import Role
from zhike.teams.queries import roles_with_counts

router = Router(tags=["roles"])


@router.get("/roles", response=Page[RoleOut])
@needs(Permission.PEOPLE_EDIT)
def list_roles(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, roles_with_counts(), query, sort="id")


@router.get("/roles/{int:role_id}", response=RoleOut)
@needs(Permission.PEOPLE_EDIT)
def read_role(request: HttpRequest, role_id: int) -> Any:
    return Role.objects.get(pk=role_id)


@router.post("/roles", response={201: RoleOut})
@needs(Permission.PEOPLE_EDIT)
def create_role(request: HttpRequest, data: RoleIn) -> Any:
    return Status(201, actions.create_role(actor=caller(request), **data.model_dump()))


@router.patch("/roles/{int:role_id}", response=RoleOut)
@needs(Permission.PEOPLE_EDIT)
def change_role(request: HttpRequest, role_id: int, data: RolePatch) -> Any:
    """Takes effect with the next request of everybody who has the role."""
    role = Role.objects.get(pk=role_id)
    now = {"name": role.name, "permissions": role.permissions, "scope": role.scope, "clearance": role.clearance}
    return actions.change_role(actor=caller(request), role_id=role_id, **(now | data.given()))


@router.delete("/roles/{int:role_id}", response={204: None})
@needs(Permission.PEOPLE_EDIT)
def delete_role(request: HttpRequest, role_id: int) -> Any:
    """Only one that nobody has."""
    actions.delete_role(actor=caller(request), role_id=role_id)
    return Status(204, None)
