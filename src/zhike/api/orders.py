"""Orders and returns, one by one or many at once."""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import caller, costly, needs, without_key
from zhike.api.imports import _shown as shown_import
from zhike.api.order_filters import orders_found
from zhike.api.paging import page
from zhike.api.references import all_named, named
from zhike.api.schemas.exports import ExportRequestOut
from zhike.api.schemas.imports import ImportOut
from zhike.api.schemas.pages import Page
from zhike.api.schemas.sales import (
    LineIn,
    OrderExportQuery,
    OrderIn,
    OrderOut,
    OrderPatch,
    OrderQuery,
    PushedOrder,
    PushIn,
    ReturnIn,
)
from zhike.api.sheets import leave
from zhike.customers.choices import DuplicatePolicy, ImportKind
from zhike.customers.models import Customer, ImportBatch
from zhike.sales import actions, queries
from zhike.sales.imports import actions as imports
from zhike.sales.models import Order, Product
from zhike.sales.rules import Line
from zhike.teams.choices import Permission

router = Router(tags=["orders"])
PUSHED = (
    "order_no",
    "date",
    "amount",
    "number",
    "name",
    "phone",
    "product",
    "quantity",
    "cost",
    "channel",
    "region",
    "due_on",
    "paid_on",
)


@router.get("/orders", response=Page[OrderOut])
@needs(Permission.ORDER_VIEW)
def list_orders(request: HttpRequest, query: Query[OrderQuery]) -> Any:
    rows = queries.with_lines(orders_found(caller(request), query))
    return page(request, rows, query, sort=query.sort, shown=lambda found: [_order(one) for one in found])


@router.post("/orders/export", response={200: None, 202: ExportRequestOut})
@needs(Permission.CUSTOMER_EXPORT)
@costly
@without_key
def export_orders(request: HttpRequest, query: Query[OrderExportQuery]) -> Any:
    """What the filters leave, as `/customers/export` does: few rows at once, more in the background, many with an approval."""
    return leave(request, "api-orders", query)


@router.get("/orders/{int:order_id}", response=OrderOut)
@needs(Permission.ORDER_VIEW)
def read_order(request: HttpRequest, order_id: int) -> Any:
    return _read(request, order_id)


@router.post("/orders", response={201: OrderOut})
@needs(Permission.ORDER_EDIT)
def record_order(request: HttpRequest, data: OrderIn) -> Any:
    """With lines, their sum is its amount. An order number is entered once: the same order again gives the one that is there."""
    user = caller(request)
    customer = named(Customer.objects.visible_to(user), data.customer, "customer")
    assert customer is not None
    made = actions.record_order(
        actor=user, customer=customer, lines=_lines(data.lines), **data.model_dump(exclude={"customer", "lines"})
    )
    return Status(201, _written(made))


@router.patch("/orders/{int:order_id}", response=OrderOut)
@needs(Permission.ORDER_EDIT)
def change_order(request: HttpRequest, order_id: int, data: OrderPatch) -> Any:
    """`lines` replace all lines there were."""
    given = data.given("lines")
    if "lines" in data.model_fields_set:
        given["lines"] = _lines(data.lines)
    return _written(actions.change_order(actor=caller(request), order=order_id, **given))


@router.delete("/orders/{int:order_id}", response={204: None})
@needs(Permission.ORDER_EDIT)
def delete_order(request: HttpRequest, order_id: int) -> Any:
    """`restore` brings it back, out of what the audit trail keeps of it."""
    actions.delete_order(actor=caller(request), order=order_id)
    return Status(204, None)


@router.post("/orders/{int:order_id}/restore", response=OrderOut)
@needs(Permission.ORDER_EDIT)
def restore_order(request: HttpRequest, order_id: int) -> Any:
    """As it was when it was deleted, under its old id."""
    return _written(actions.restore_order(actor=caller(request), order=order_id))


@router.post("/orders/{int:order_id}/returns", response={201: OrderOut})
@needs(Permission.ORDER_EDIT)
def record_return(request: HttpRequest, order_id: int, data: ReturnIn) -> Any:
    """Not more comes back than was sold."""
    given = data.model_dump() | {"returned_at": data.returned_at or timezone.now()}
    return Status(201, _written(actions.record_return(actor=caller(request), order=order_id, **given)))


@router.post("/orders/bulk", response=ImportOut)
@needs(Permission.CUSTOMER_IMPORT)
@costly
def push_orders(request: HttpRequest, data: PushIn) -> Any:
    """Up to 1,000 at once, all or nothing but for rows that are wrong in themselves. Known order numbers are updated, so that
    the same push again doubles nothing. It is an import: it has a report, a file of rejected rows, and can be undone.
    """
    user = caller(request)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"orders-{timezone.localtime():%Y%m%d-%H%M%S}.csv"
        _write(path, data.orders)
        batch = imports.open_path(actor=user, kind=ImportKind.ORDERS, path=path)
        mapping = {name: place for place, name in enumerate(PUSHED)}
        imports.set_mapping(
            actor=user, batch=batch, mapping=mapping, policy=DuplicatePolicy.UPDATE, options={"again": True, "date_order": "ymd"}
        )
        batch.refresh_from_db()
        imports.run_now(actor=user, batch=batch, now=timezone.now())
    return shown_import(ImportBatch.objects.select_related("created_by").get(pk=batch.pk))


def _write(path: Path, orders: Sequence[PushedOrder]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(PUSHED)
        for one in orders:
            day = f"{timezone.localtime(one.ordered_at):%Y-%m-%d %H:%M:%S}"
            values = one.model_dump() | {"date": day, "number": one.customer, "name": one.customer_name}
            table.writerow(["" if values[name] is None else values[name] for name in PUSHED])


def _lines(lines: Sequence[LineIn]) -> list[Line]:
    all_named(Product.objects.all(), [one.product for one in lines], "lines")
    return [Line(one.product, one.quantity, one.unit_price, one.cost, one.amount) for one in lines]


def _read(request: HttpRequest, order_id: int) -> dict[str, Any]:
    return _order(queries.order_with_lines(caller(request)).get(pk=order_id))


def _written(order: Order) -> dict[str, Any]:
    order.refresh_from_db()
    return _order(order)


def _order(order: Order) -> dict[str, Any]:
    words = ("customer", "kind", "order_no", "ordered_at", "channel", "region", "due_on", "paid_on", "created_at")
    return {
        **{name: getattr(order, name) for name in words},
        "id": order.pk, "amount": str(order.amount), "cost": _text(order.cost), "quantity": _text(order.quantity),
        "returns": order.returns_id, "returned_by": sorted(one.pk for one in order.returned_by.all()),
        "lines": [
            {
                "product": one.product, "quantity": str(one.quantity), "unit_price": str(one.unit_price), "amount": str(one.amount),
                "cost": _text(one.cost),
            }
            for one in order.lines.all()
        ],
    }  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
