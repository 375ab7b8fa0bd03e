"""What each part of the record page shows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language

from zhike.core.models import AuditEntry, StoredFile
from zhike.customers import masking, queries
from zhike.customers.choices import Ring
from zhike.customers.models import Consent, Customer, Identifier, Interaction, Merge, Relationship
from zhike.customers.queries.comments import called, comments_on, comments_visible_to
from zhike.customers.queries.history import history as entries_of
from zhike.customers.queries.timeline import Event, events_of, pinned, source_of
from zhike.sales.models import Order, OrderLine
from zhike.sales.queries import account_of
from zhike.value.queries import may_see_credit, said_of
from zhike.web.customers.commenting import with_mentions
from zhike.web.customers.history import Line, Reader
from zhike.web.customers.neighbours import list_query
from zhike.web.customers.why import said_boxes, why_boxes
from zhike.web.value.analyses import PAGES

if TYPE_CHECKING:
    from zhike.web.customers.record import Record

MOST = 200
HISTORY = 100
KINDS = ("interaction", "order", "audit")


def timeline(request: HttpRequest, record: Record) -> dict[str, Any]:
    """Pinned ones on top of the first page, and the entry whose comment was asked for; then everything, newest first."""
    before = queries.Cursor.parse(request.GET.get("before", ""))
    kind = request.GET.get("kind", "")
    events, after = events_of(
        record.user,
        record.customer,
        before=before,
        kinds=[kind] if kind in KINDS else (),
        none_of="" if record.customer.has_comments else "comment",
    )
    asked = _asked_for(request, record) if before is None else None
    top = pinned(record.customer.pk) if before is None and record.customer.has_pinned else []
    led_to = [asked[1]] if asked and asked[1] not in [*events, *top] else []
    every, reader = [*led_to, *top, *events], Reader(record.user, record.fields)
    more = {"tab": "timeline", "before": str(after), "kind": kind, "list": list_query(request) or ""} if after else {}
    return {
        "days": [*((name, group) for name, group in (("asked", led_to), ("pinned", top)) if group), *_by_month(events)],
        "kind": kind,
        "lines": {e.key: reader.line(e.what) for e in every if e.kind == "audit"},
        "more": "?" + urlencode({name: value for name, value in more.items() if value}) if more else "",
        "said": comments_on(record.user, record.customer.pk, every) if record.customer.has_comments else {},
        "asked_comment": asked[0] if asked else None,
        "spoken": partial(with_mentions, called() if record.customer.has_comments else {}),
    }  # fmt: skip


def _asked_for(request: HttpRequest, record: Record) -> tuple[int, Event] | None:
    """The comment that a notice led to, with the entry that it is on."""
    key = request.GET.get("comment", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    row = comments_visible_to(record.user).filter(customer=record.customer, deleted_at=None, pk=int(key)).first()
    if row is None:
        return None
    source = source_of(row.on or "comment")
    event = source.one(record.customer.pk, row.on_id or row.pk) if source else None
    return (row.pk, event) if event else None


def _by_month(events: Iterable[Event]) -> Iterable[tuple[str, list[Event]]]:
    for month, group in groupby(events, key=lambda event: f"{event.at:%Y-%m}"):
        yield month, list(group)


def profile(request: HttpRequest, record: Record) -> dict[str, Any]:
    rings = [(ring, ring.label, [fact for fact in record.facts if fact.ring == ring]) for ring in Ring]
    return {"rings": rings, "asked": {question.code: question.question(get_language() or "zh") for question in record.questions}}


def contacts(request: HttpRequest, record: Record) -> dict[str, Any]:
    customer, classes = record.customer, masking.COLUMN_CLASSES | {one.code: one.confidentiality for one in record.fields}

    def seen(code: str, value: str) -> str:
        return masking.shown(record.user, masking.class_of(classes, code), code, value)

    def hidden(code: str) -> bool:
        return masking.is_masked(record.user, masking.class_of(classes, code))

    return {
        "people": list(customer.contacts.all()), "addresses": list(customer.addresses.order_by("-is_main", "pk")),
        "identifiers": list(Identifier.objects.filter(customer=customer).order_by("kind", "pk")),
        "consents": list(Consent.objects.filter(customer=customer).select_related("recorded_by").order_by("-at")[:MOST]),
        "shared": list(customer.shares.select_related("user").order_by("user__name")), "seen": seen, "hidden": hidden,
    }  # fmt: skip


def relationships(request: HttpRequest, record: Record) -> dict[str, Any]:
    """Links both ways, as far as the other end may be seen."""
    customer, visible = record.customer, Customer.objects.visible_to(record.user).values("pk")
    links = Relationship.objects.select_related("customer", "other").filter(Q(customer=customer) | Q(other=customer))
    above = customer.parent if customer.parent_id and _sees(record, customer.parent_id) else None
    return {
        "links": list(links.filter(customer__in=visible, other__in=visible).order_by("kind", "pk")[:MOST]), "above": above,
        "below": list(Customer.objects.visible_to(record.user).filter(parent=customer).order_by("name")[:MOST]),
    }  # fmt: skip


def _sees(record: Record, customer_id: int) -> bool:
    return Customer.objects.visible_to(record.user).filter(pk=customer_id).exists()


def orders(request: HttpRequest, record: Record) -> dict[str, Any]:
    lines = Prefetch("lines", OrderLine.objects.select_related("product"))
    rows = Order.objects.visible_to(record.user).filter(customer=record.customer).prefetch_related(lines)
    today = timezone.localdate()
    found = list(rows.order_by("-ordered_at", "-pk")[:MOST])
    account = account_of(record.user, record.customer.pk, today)
    return {"orders": [(one, one.days_late(today)) for one in found], "most": MOST, "account": account if account.open else None}


def value(request: HttpRequest, record: Record) -> dict[str, Any]:
    boxes = why_boxes(record.score) if record.score else []
    said = said_of(record.user, record.customer.pk)
    drawn = [(str(one.kind.title), one.kind.name) for one in said if PAGES[one.kind.name].portrait]
    return {"credit": may_see_credit(record.user), "boxes": boxes, "said": said_boxes(said), "portraits": drawn}


def files(request: HttpRequest, record: Record) -> dict[str, Any]:
    kept = Prefetch("files", StoredFile.objects.select_related("uploaded_by").order_by("pk"))
    rows = Interaction.objects.filter(customer=record.customer, files__isnull=False).distinct().prefetch_related(kept)
    return {"talks": list(rows.order_by("-at", "-pk")[:MOST])}


def history(request: HttpRequest, record: Record) -> dict[str, Any]:
    reader = Reader(record.user, record.fields)
    rows: list[AuditEntry] = list(entries_of(record.customer)[:HISTORY])
    merges = Merge.objects.filter(kept=record.customer, undone_at=None).select_related("gone", "merged_by").order_by("-pk")
    lines: list[Line] = [reader.line(row, with_undo=record.may_edit) for row in rows]
    may_see_looks = record.may("audit.view") and record.rights.everything
    looks = f"{reverse('settings-audit')}?record=customer:{record.customer.pk}&verb=viewed,revealed" if may_see_looks else ""
    return {"lines": lines, "looks": looks, "merges": list(merges) if record.may("customer.merge") else []}
