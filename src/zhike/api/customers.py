"""Customers: the record itself, the recycle bin."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.customer_filters import COLUMNS, check_sort, found
from zhike.api.customer_shown import Eyes, with_standing
from zhike.api.door import caller, needs
from zhike.api.paging import page
from zhike.api.references import named
from zhike.api.schemas.customers import (
    CustomerIn,
    CustomerOut,
    CustomerPatch,
    CustomerQuery,
    ParentIn,
)
from zhike.api.schemas.pages import Page, PageQuery
from zhike.customers import actions
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.teams.queries import colleagues
from zhike.value.queries.customer_list import customers_with_scores

router = Router(tags=["customers"])


@router.get("/customers", response=Page[CustomerOut])
@needs(Permission.CUSTOMER_VIEW)
def list_customers(request: HttpRequest, query: Query[CustomerQuery]) -> Any:
    user = caller(request)
    check_sort(user, query.sort)
    rows, counted = found(user, query)
    eyes = Eyes(user)
    return page(request, with_standing(rows), query, sort=query.sort, columns=COLUMNS, shown=eyes.customers, counted=counted)


@router.get("/customers/{int:customer_id}", response=CustomerOut)
@needs(Permission.CUSTOMER_VIEW)
def read_customer(request: HttpRequest, customer_id: int) -> Any:
    """Written to the audit trail once a day, as on the screen."""
    user = caller(request)
    found = with_standing(customers_with_scores(user)).get(pk=customer_id)
    actions.note_look(actor=user, customer=found, at=timezone.now())
    return Eyes(user).customer(found)


@router.post("/customers", response={201: CustomerOut})
@needs(Permission.CUSTOMER_CREATE)
def create_customer(request: HttpRequest, data: CustomerIn) -> Any:
    """Owned by the caller; by somebody else, or by nobody, only with the right to hand over."""
    owner = named(colleagues(), data.owner, "owner")
    made = actions.create_customer(
        actor=caller(request), values=data.values("owner", "in_pool"), at=timezone.now(), owner=owner, in_pool=data.in_pool
    )
    return Status(201, _written(request, made))


@router.patch("/customers/{int:customer_id}", response=CustomerOut)
@needs(Permission.CUSTOMER_EDIT)
def change_customer(request: HttpRequest, customer_id: int, data: CustomerPatch) -> Any:
    """Changes what is sent and leaves the rest. With `version` it is refused (409) when somebody else was faster."""
    changed = actions.change_customer(
        actor=caller(request), customer=customer_id, values=data.values("version"), at=timezone.now(), version=data.version
    )
    return _written(request, changed)


@router.delete("/customers/{int:customer_id}", response={204: None})
@needs(Permission.CUSTOMER_DELETE)
def delete_customer(request: HttpRequest, customer_id: int) -> Any:
    """Into the recycle bin, with everything that hangs on it."""
    actions.delete_customer(actor=caller(request), customer=customer_id, at=timezone.now())
    return Status(204, None)


@router.get("/customers/bin", response=Page[CustomerOut])
@needs(Permission.CUSTOMER_DELETE)
def list_deleted_customers(request: HttpRequest, query: Query[PageQuery]) -> Any:
    user = caller(request)
    rows = Customer.objects.in_bin_of(user).select_related("source", "owner", "department", "parent")
    return page(request, rows, query, sort="-deleted_at", shown=Eyes(user).customers)


@router.post("/customers/{int:customer_id}/restore", response=CustomerOut)
@needs(Permission.CUSTOMER_DELETE)
def restore_customer(request: HttpRequest, customer_id: int) -> Any:
    return _written(request, actions.restore_customer(actor=caller(request), customer=customer_id))


@router.put("/customers/{int:customer_id}/parent", response=CustomerOut)
@needs(Permission.CUSTOMER_EDIT)
def set_parent(request: HttpRequest, customer_id: int, data: ParentIn) -> Any:
    """The company that this one belongs to."""
    user = caller(request)
    parent = named(Customer.objects.visible_to(user), data.parent, "parent")
    return _written(request, actions.set_parent(actor=user, customer=customer_id, parent=parent, at=timezone.now()))


def _written(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What was saved; a caller who may not see customers is told as much as they said."""
    user = caller(request)
    row = with_standing(customers_with_scores(user)).filter(pk=customer.pk).first()
    return Eyes(user).customer(row or customer)
