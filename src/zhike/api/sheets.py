"""Lists of the API as tables that leave as files: at once, or made by the worker and fetched later."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, get_origin

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Status

from zhike.api.customer_filters import found
from zhike.api.customer_shown import Eyes, with_standing
from zhike.api.door import caller
from zhike.api.order_filters import orders_found
from zhike.api.problems import Refused
from zhike.api.schemas.base import Strict
from zhike.api.schemas.customers import CustomerFilter
from zhike.api.schemas.exports import Leaving
from zhike.api.schemas.sales import OrderFilter
from zhike.core import spreadsheet
from zhike.customers import masking
from zhike.customers.models import Customer
from zhike.sales.models import Order
from zhike.teams import access
from zhike.teams.actions import export_files
from zhike.teams.actions.export_files import Taken
from zhike.teams.actions.exports import ApprovalNeeded, ask_for_export
from zhike.teams.choices import Permission
from zhike.teams.models import ExportRequest, User
from zhike.teams.rules import highest_of
from zhike.teams.sheets import Export, Place, Sheet, Wanted

CHUNK = 1000
CUSTOMER = (
    "id", "name", "kind", "number", "phone", "email", "wechat", "credit_code", "member_no", "birthday", "region", "owner",
    "department", "source", "tags", "preferred_channel", "last_contact_at", "created_at",
)  # fmt: skip
ORDER = (
    "id", "order_no", "ordered_at", "customer_id", "customer", "kind", "quantity", "amount", "cost", "channel", "region", "due_on",
    "paid_on", "returns_id", "created_at",
)  # fmt: skip
Row = TypeVar("Row")
Table = Callable[[User, Wanted], Sheet]
F = TypeVar("F", bound=Strict)


def sheet(user: User, wanted: Wanted, at: datetime.datetime) -> Sheet | None:
    return TABLES[wanted.screen](user, wanted) if wanted.screen in TABLES else None


def place(screen: str, query: str) -> Place | None:
    titles = {"api-customers": _("Customers, by the API"), "api-orders": _("Orders, by the API")}
    return Place(titles[screen]) if screen in titles else None


def leave(request: HttpRequest, screen: str, leaving: Leaving) -> Any:
    """The file (200); or what stands for it while it is made, or while somebody decides about it (202)."""
    user, now = caller(request), timezone.now()
    filters = request.GET.copy()
    for name in ("approval", "reason"):
        filters.pop(name, None)
    taken = TABLES[screen](user, Wanted(screen, leaving.format, filters.urlencode()))
    approval = get_object_or_404(ExportRequest.objects.filter(asked_by=user), pk=leaving.approval) if leaving.approval else None
    try:
        return sent(export_files.leave(actor=user, wanted=taken, at=now, approval=approval))
    except ApprovalNeeded as problem:
        if not leaving.reason.strip():
            raise Refused(422, "approval_needed", problem.messages[0]) from problem
        return Status(202, ask_for_export(actor=user, right=taken.right, export=taken.export, reason=leaving.reason, at=now))


def leave_again(request: HttpRequest, request_id: int) -> Any:
    try:
        return sent(export_files.leave_again(actor=caller(request), request_id=request_id, at=timezone.now()))
    except ApprovalNeeded as problem:
        raise Refused(422, "approval_needed", problem.messages[0]) from problem


def sent(taken: Taken | ExportRequest) -> Any:
    if isinstance(taken, ExportRequest):
        return Status(202, taken)
    return FileResponse(taken.file, as_attachment=True, filename=taken.name, content_type=taken.content_type)


def _customers(user: User, wanted: Wanted) -> Sheet:
    access.require(user, Permission.CUSTOMER_VIEW)
    shown, counted = found(user, _filter(CustomerFilter, wanted.query))
    eyes = Eyes(user)
    classes = [masking.class_of(eyes.classes, code) for code in CUSTOMER]
    highest = highest_of(one for one in classes if eyes.rights.shows(one))

    def written(page: Sequence[Customer]) -> Iterator[list[Any]]:
        for values in eyes.customers(page):
            yield [_plain(values[name]) for name in CUSTOMER]

    export = _export(wanted, counted.count(), highest=highest)
    lines = _in_pages(with_standing(shown).order_by("pk"), written)
    return Sheet(export, Permission.CUSTOMER_EXPORT, "customers", CUSTOMER, lines)


def _orders(user: User, wanted: Wanted) -> Sheet:
    access.require(user, Permission.ORDER_VIEW)
    rows = orders_found(user, _filter(OrderFilter, wanted.query))

    def written(page: Sequence[Order]) -> Iterator[list[Any]]:
        for order in page:
            yield [_plain(getattr(order, name)) for name in ORDER]

    lines = _in_pages(rows.select_related("customer").order_by("pk"), written)
    return Sheet(_export(wanted, rows.count()), Permission.CUSTOMER_EXPORT, "orders", ORDER, lines)


TABLES: dict[str, Table] = {"api-customers": _customers, "api-orders": _orders}


def _export(wanted: Wanted, rows: int, **more: Any) -> Export:
    if wanted.kind == "xlsx" and rows > spreadsheet.MOST_XLSX_ROWS:
        raise ValidationError(_("An XLSX file holds at most 1,048,575 rows; choose CSV."))
    return Export(wanted.screen, wanted.kind, rows, wanted.query, **more)


def _filter(kind: type[F], query: str) -> F:
    """Out of an address, which was read once already when the table was asked for."""
    given, fields = QueryDict(query), kind.model_fields
    several = {name for name in given if name in fields and get_origin(fields[name].annotation) is list}
    return kind.model_validate({name: given.getlist(name) if name in several else given[name] for name in given if name in fields})


def _in_pages(rows: "QuerySet[Any]", written: Callable[[Sequence[Any]], Iterator[list[Any]]]) -> Iterator[list[Any]]:
    page: list[Any] = []
    for row in rows.iterator(chunk_size=CHUNK):
        page.append(row)
        if len(page) == CHUNK:
            yield from written(page)
            page = []
    yield from written(page)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    if hasattr(value, "pk"):
        return str(value)
    return timezone.localtime(value).replace(tzinfo=None) if hasattr(value, "tzinfo") and value else value
