"""One verb for many customers: few at once, more in the background; how far it is, cancelling, undoing."""

import secrets
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from zhike.api.customer_filters import found
from zhike.api.door import caller, needs, signed_in
from zhike.api.paging import page
from zhike.api.problems import bad_field
from zhike.api.references import named
from zhike.api.schemas.customers import CustomerFilter
from zhike.api.schemas.customers_many import MOST_SEED, ChangeIn, Chosen, DepartmentIn, HoldBackIn, ManyOut, TagIn, TransferIn
from zhike.api.schemas.pages import Page, PageQuery
from zhike.customers import actions
from zhike.customers.choices import MassKind
from zhike.customers.models import Customer, MassChange
from zhike.teams.choices import Permission
from zhike.teams.models import Department
from zhike.teams.queries import colleagues

router = Router(tags=["customers"])
ANSWERS = {200: ManyOut, 202: ManyOut}
PLAIN = ("id", "kind", "state", "total", "done", "changed", "problem", "can_be_undone", "created_at", "finished_at")


@router.post("/customers/bulk/transfer", response=ANSWERS)
@needs(Permission.CUSTOMER_TRANSFER)
def transfer_customers(request: HttpRequest, query: Query[CustomerFilter], data: TransferIn) -> Any:
    """Those that the caller may not change stay."""
    to = named(colleagues(), data.to, "to")
    return _asked(request, query, data, MassKind.HAND_OVER, to=to.pk if to else None, reason=data.reason)


@router.post("/customers/bulk/department", response=ANSWERS)
@needs(Permission.CUSTOMER_TRANSFER)
def move_customers_to_department(request: HttpRequest, query: Query[CustomerFilter], data: DepartmentIn) -> Any:
    """The owners stay."""
    department = named(Department.objects.all(), data.department, "department")
    return _asked(request, query, data, MassKind.DEPARTMENT, department=department.pk if department else None)


@router.post("/customers/bulk/tag", response=ANSWERS)
@needs(Permission.CUSTOMER_EDIT)
def tag_customers(request: HttpRequest, query: Query[CustomerFilter], data: TagIn) -> Any:
    return _asked(request, query, data, MassKind.TAG, add=data.add, remove=data.remove)


@router.post("/customers/bulk/hold-back", response=ANSWERS)
@needs(Permission.CUSTOMER_EDIT)
def hold_back_customers(request: HttpRequest, query: Query[CustomerFilter], data: HoldBackIn) -> Any:
    """Tags them as to be acted on, but for a part drawn by lot, which is tagged as held back: its control group."""
    seed = data.seed if data.seed is not None else secrets.randbelow(MOST_SEED + 1)
    told = {"acted": data.acted, "held": data.held, "per_cent": data.per_cent, "seed": seed}
    return _asked(request, query, data, MassKind.HOLD_BACK, **told)


@router.post("/customers/bulk/change", response=ANSWERS)
@needs(Permission.CUSTOMER_EDIT)
def change_customers(request: HttpRequest, query: Query[CustomerFilter], data: ChangeIn) -> Any:
    """One field, the same for all of them; those that the caller may not change stay."""
    return _asked(request, query, data, MassKind.SET, field=data.field, value=data.value, note=data.note)


@router.post("/customers/bulk/delete", response=ANSWERS)
@needs(Permission.CUSTOMER_DELETE)
def delete_customers(request: HttpRequest, query: Query[CustomerFilter], data: Chosen) -> Any:
    """Into the recycle bin."""
    return _asked(request, query, data, MassKind.DELETE)


@router.post("/customers/bin/restore", response=ANSWERS)
@needs(Permission.CUSTOMER_DELETE)
def restore_customers(request: HttpRequest, data: Chosen) -> Any:
    """Out of the recycle bin. One whose customer number somebody else has by now stays there."""
    rows = Customer.objects.in_bin_of(caller(request))
    return _begun(request, rows if _is_everything(data) else rows.filter(pk__in=data.ids), MassKind.RESTORE)


@router.get("/customers/many", response=Page[ManyOut])
@signed_in
def list_mass_changes(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """One's own of the last 90 days."""
    return page(request, _mine(request), query, shown=lambda rows: [_shown(row) for row in rows])


@router.get("/customers/many/{int:many_id}", response=ManyOut)
@signed_in
def read_mass_change(request: HttpRequest, many_id: int) -> Any:
    return _shown(_mine(request).get(pk=many_id))


@router.post("/customers/many/{int:many_id}/cancel", response=ManyOut)
@signed_in
def cancel_mass_change(request: HttpRequest, many_id: int) -> Any:
    """It stops where it is: what is done stays done, and can be undone."""
    actions.cancel_mass(actor=caller(request), mass=many_id)
    return _shown(_mine(request).get(pk=many_id))


@router.post("/customers/many/{int:many_id}/undo", response=ANSWERS)
@signed_in
def undo_mass_change(request: HttpRequest, many_id: int) -> Any:
    """Once, wherever nothing has been changed again since. Answers with the change that takes it back."""
    return _answer(actions.undo_mass(actor=caller(request), mass=many_id, at=timezone.now()))


def _asked(request: HttpRequest, query: CustomerFilter, data: Chosen, kind: MassKind, **params: Any) -> Any:
    everything = _is_everything(data)
    rows = found(caller(request), query)[1] if everything else Customer.objects.visible_to(caller(request)).filter(pk__in=data.ids)
    return _begun(request, rows, kind, **params)


def _begun(request: HttpRequest, rows: QuerySet[Customer], kind: MassKind, **params: Any) -> Any:
    customers = rows.order_by("pk").values("pk")
    mass = actions.request_mass(actor=caller(request), kind=kind, customers=customers, params=params, at=timezone.now())
    return _answer(mass)


def _is_everything(data: Chosen) -> bool:
    if data.everything == bool(data.ids):
        raise bad_field("ids", _("Name the customers, or say “everything”; not both."))
    return data.everything


def _mine(request: HttpRequest) -> QuerySet[MassChange]:
    return MassChange.objects.filter(started_by=caller(request)).defer("ids").select_related("undone_by")


def _answer(mass: MassChange) -> Any:
    return Status(202 if mass.is_under_way else 200, _shown(mass))


def _shown(mass: MassChange) -> dict[str, Any]:
    undone_by = getattr(mass, "undone_by", None)
    return {name: getattr(mass, name) for name in PLAIN} | {
        "progress": reverse("api:read_mass_change", args=[mass.pk]), "undone_by": undone_by.pk if undone_by else None,
        "can_be_undone": mass.can_be_undone and not mass.is_under_way and undone_by is None and mass.changed > 0,
    }  # fmt: skip
