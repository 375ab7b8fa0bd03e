"""The record page: who, worth, state, next step; then one part at a time."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.care.queries import Line, suggestions_for
from zhike.core.prepared import Prepared
from zhike.customers import actions, masking, queries
from zhike.customers.choices import InteractionState
from zhike.customers.models import Comment, Customer, FieldDefinition, Interaction
from zhike.customers.rules import completeness
from zhike.customers.rules.completeness import Share
from zhike.teams.access import Rights, rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.prepared import PreparedFor
from zhike.value.models import Score
from zhike.web.customers import parts, words
from zhike.web.customers.neighbours import neighbours
from zhike.web.pages import page, wanted_part
from zhike.web.people import signed_in_person

MOST_OPEN = 5


def _customer(user: User, pk: int) -> "QuerySet[Customer]":
    editable = Customer.objects.editable_by(user).filter(pk=OuterRef("pk"))
    rows = Customer.objects.visible_to(user).select_related("owner", "department", "source")
    comments = Comment.objects.filter(customer=OuterRef("pk"))
    on_top = Interaction.objects.filter(customer=OuterRef("pk"), is_pinned=True, state=InteractionState.DONE)
    rows = rows.annotate(is_editable=Exists(editable), has_comments=Exists(comments), has_pinned=Exists(on_top))
    return rows.filter(pk=pk)


def _unsettled(customer: int) -> "QuerySet[Interaction]":
    found = Interaction.objects.filter(customer=customer).unsettled().select_related("staff")
    return found.order_by("at", "pk")[: MOST_OPEN * 4]


_CUSTOMER = PreparedFor(_customer, int)
_UNSETTLED = Prepared(_unsettled, int)
_SCORE = Prepared(lambda customer: Score.objects.filter(customer_id=customer, run__is_current=True), int)


@dataclass
class Record:
    """What the page knows of a customer for one reader; each part is fetched when it is first asked for."""

    user: User
    customer: Any  # a Customer, with what the page needs to know of it
    now: datetime.datetime
    may_edit: bool

    @property
    def today(self) -> datetime.date:
        return timezone.localdate(self.now)

    @property
    def rights(self) -> Rights:
        return rights_of(self.user)

    def may(self, permission: str) -> bool:
        return self.rights.allows(Permission(permission))

    @cached_property
    def fields(self) -> list[FieldDefinition]:
        return queries.definitions()

    @cached_property
    def facts(self) -> list[words.Fact]:
        return words.facts(self.user, self.customer, self.fields, self.today)

    def fact(self, code: str) -> words.Fact | None:
        return next((fact for fact in self.facts if fact.code == code), None)

    @cached_property
    def shares(self) -> dict[str, Share]:
        return completeness.shares(queries.facts_of(self.customer, self.fields))

    @cached_property
    def questions(self) -> list[FieldDefinition]:
        return queries.next_questions(self.customer, today=self.today, fields=self.fields)

    @cached_property
    def score(self) -> Score | None:
        found: Score | None = _SCORE.first(self.customer.pk)
        return found

    @cached_property
    def suggestions(self) -> list[Line]:
        return suggestions_for(self.user, self.customer, self.today, self.fields)

    @cached_property
    def open_interactions(self) -> list[Interaction]:
        """Problems nobody has put right, and everything planned: one query."""
        return _UNSETTLED(self.customer.pk)

    @property
    def problems(self) -> list[Interaction]:
        return [row for row in self.open_interactions if row.state == InteractionState.DONE][:MOST_OPEN]

    @property
    def overdue(self) -> list[Interaction]:
        return [row for row in self.planned if row.at < self.now]

    @property
    def planned(self) -> list[Interaction]:
        return [row for row in self.open_interactions if row.state == InteractionState.PLANNED]

    @property
    def next_step(self) -> Interaction | None:
        return self.planned[0] if self.planned else None

    @cached_property
    def phone(self) -> str:
        return masking.readable("phone", self.customer.phone)

    def dial(self) -> str:
        """For a `tel:` link, when the number is shown in plain."""
        fact = self.fact("phone")
        return self.customer.phone.partition("-")[0] if fact and fact.text and not fact.is_masked else ""


# Which right a part needs beside seeing the customer.
TABS: dict[str, str | None] = {
    "timeline": None, "profile": None, "contacts": None, "relationships": None, "orders": "order.view", "value": "value.view",
    "files": None, "history": None,
}  # fmt: skip


@require_safe
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One URL for the record; `?tab=` chooses the part, the block `panel` is its quick view."""
    user = signed_in_person(request)
    found = _CUSTOMER.first(user, pk)
    if found is None:
        return _merged_elsewhere(user, pk)
    record = Record(user, found, timezone.now(), found.is_editable)
    part = wanted_part(request)
    if part != "events":  # of a page that is open already
        actions.note_look(actor=user, customer=found, at=record.now)
    tab = request.GET.get("tab", "timeline")
    if tab not in TABS or not _allowed(record, tab):
        tab = "timeline"
    context: dict[str, Any] = {"record": record, "customer": found, "tab": tab}
    if part == "panel":
        return page(request, "customers/record/panel.html", context, part="panel")
    context |= PARTS[tab](request, record)
    if part == "events":
        return page(request, "customers/record/timeline.html", context, part="events")
    return show(request, record, context)


def show(request: HttpRequest, record: Record, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    around = neighbours(request, record.customer)
    kept = f"&{around.query}" if around.query else ""
    tabs = [
        (label, f"?tab={name}{kept}", name == context["tab"]) for name, label in _tab_labels().items() if _allowed(record, name)
    ]  # fmt: skip
    context = {
        "around": around,
        "tabs": tabs,
        "kept": kept,
        **context,
    }
    return page(request, f"customers/record/{context['tab']}.html", context, status=status)


def _tab_labels() -> dict[str, str]:
    return {
        "timeline": _("Timeline"), "profile": _("Profile"), "contacts": _("Contacts"), "relationships": _("Relationships"),
        "orders": _("Orders"), "value": _("Value"), "files": _("Files"), "history": _("History"),
    }  # fmt: skip


def _allowed(record: Record, tab: str) -> bool:
    right = TABS[tab]
    return right is None or record.may(right)


def _merged_elsewhere(user: User, pk: int) -> HttpResponse:
    """An old link to a customer that was merged leads to the one that was kept."""
    merged = Customer.objects.filter(pk=pk, merged_into__isnull=False).values_list("merged_into_id", flat=True).first()
    if merged and Customer.objects.visible_to(user).filter(pk=merged).exists():
        return HttpResponseRedirect(reverse("customer", args=[merged]))
    raise Http404


PARTS: dict[str, Callable[[HttpRequest, Record], dict[str, Any]]] = {
    "timeline": parts.timeline, "profile": parts.profile, "contacts": parts.contacts, "relationships": parts.relationships,
    "orders": parts.orders, "value": parts.value, "files": parts.files, "history": parts.history,
}  # fmt: skip
