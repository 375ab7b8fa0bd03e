"""The audit trail as a list: who did what to which record, when, from where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_GET
from markupsafe import escape

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry, AuditSeal
from zhike.customers.masking import field_classes
from zhike.customers.queries import definitions
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import User
from zhike.value.analyses.kinds import KINDS as ANALYSES
from zhike.web import formats
from zhike.web.customers.history import Reader
from zhike.web.layout import record_address
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import NOTHING, Drawn, Look
from zhike.web.lists.paging import Key, Row
from zhike.web.lists.screen import Column, ListScreen, State, register
from zhike.web.lists.views import list_page
from zhike.web.settings.audit_words import CHANNELS, KINDS, NOTES, changes_in_words, kind_in_words
from zhike.web.settings.room import tabs_for

PAGES = {
    "customer": "customer",
    "order": "order",
    "user": "settings-person",
    "role": "settings-role",
    "department": "settings-department",
}
OBJECT = ("object_type", "object_id", "object_name")


def _object(row: Row, look: Look) -> str:
    whole = row["object_name"]
    name = f'<span title="{escape(whole)}">{escape(formats.middle(whole, 24))}</span>' if len(whole) > 24 else escape(whole)
    kind = f'<span class="quiet">{escape(kind_in_words(row["object_type"]))}</span>'
    try:
        address = record_address(PAGES[row["object_type"]]) % row["object_id"] if row["object_id"] else ""
    except (KeyError, NoReverseMatch):
        address = ""
    return f'{kind} <a href="{address}">{name}</a>' if address else f"{kind} {name}"


def _changes(row: Row, look: Look) -> list[tuple[str, str, str]]:
    return changes_in_words(row["object_type"], row["changes"], look.prepared["reader"], look.prepared["classes"])


def _diff(row: Row, look: Look) -> str:
    lines = [
        f'<div><span class="faint">{escape(field)}</span> '
        + (f"<del>{escape(before)}</del> → " if before else "")
        + (f"<ins>{escape(after)}</ins>" if after else "–")
        + "</div>"
        for field, before, after in _changes(row, look)
    ]
    note = escape(_note(row, look))
    return f'<div class="diff">{"".join(lines)}{f"<div>{note}</div>" if note else ""}</div>' if lines or note else NOTHING


def _diff_in_a_file(row: Row, look: Look) -> str:
    return "; ".join(f"{field}: {before or '–'} → {after or '–'}" for field, before, after in _changes(row, look))


def _note(row: Row, look: Look) -> str:
    if row["object_type"] == "analysis" and row["note"] in ANALYSES:
        return str(ANALYSES[row["note"]].title)
    return str(NOTES.get(row["note"], row["note"]))


def _channel(row: Row, look: Look) -> str:
    return str(CHANNELS.get(row["channel"], row["channel"]))


def _who(row: Row, look: Look) -> str:
    return str(row["actor_name"] or gettext("the system"))


def _people(look: Look) -> Iterable[tuple[Any, Any]]:
    return User.objects.values_list("pk", "name")


@dataclass(frozen=True)
class Record(filters.Text):
    """A part of the record's name; or `customer:12` for one record."""

    def where(self, value: Any, look: Look) -> Q:
        kind, _colon, number = value.partition(":")
        known = {str(model._meta.model_name) for model in apps.get_app_config("zhike").get_models()}
        if kind in known and number.isascii() and number.isdigit() and len(number) < 19:
            return Q(object_type=kind, object_id=int(number))
        return Q(object_name__icontains=value)


class AuditList(ListScreen):
    name, route, title, right, everywhere = "audit", "settings-audit", _("Audit trail"), Permission.AUDIT_VIEW, True
    order = "-at"
    columns = (
        Column("at", _("When"), cells.moment("at"), Key("pk"), phone="side"),
        Column("who", _("Who"), Drawn(("actor_name",), lambda row, look: escape(_who(row, look)), _who), phone="title"),
        Column("verb", _("What"), cells.choice("verb", AuditVerb), phone="line"),
        Column("record", _("Record"), Drawn(OBJECT, _object, lambda row, look: row["object_name"]), phone="line"),
        Column("changes", _("Before → after"), Drawn(("object_type", "changes", "note"), _diff, _diff_in_a_file), phone="line"),
        Column("note", _("Note"), Drawn(("object_type", "note"), lambda row, look: escape(_note(row, look)), _note), shown=False),
        Column("channel", _("From where"), Drawn(("channel",), lambda row, look: escape(_channel(row, look)), _channel)),
        Column("address", _("Address"), cells.text("address"), shown=False),
    )
    filters = (
        filters.Numbered("person", _("Who"), "actor", options=_people, none=_("the system")),
        filters.Choice("verb", _("What"), "verb", options=lambda look: AuditVerb.choices),
        filters.Choice("kind", _("Kind of record"), "object_type", options=lambda look: KINDS.items()),
        Record("record", _("Record"), "object_name"),
        filters.Dates("at", _("When"), "at", moment=True),
        filters.Choice("channel", _("From where"), "channel", options=lambda look: CHANNELS.items()),
    )
    export_right = Permission.CUSTOMER_EXPORT
    nothing_yet = (_("Nothing has been recorded yet"), _("Every change, export and sign-in is written down here."))

    def rows(self, look: Look) -> "QuerySet[Any]":
        return AuditEntry.objects.all()

    def export_class(self, state: State) -> Confidentiality:
        """What changed is shown in plain up to the reader's clearance."""
        return state.look.rights.clearance

    def prepare(self, look: Look) -> None:
        look.prepared |= {"reader": Reader(look.user, definitions()), "classes": field_classes()}

    def note(self) -> str:
        seal = AuditSeal.objects.order_by("-last_entry").first()
        return gettext("Sealed up to entry %(n)s.") % {"n": seal.last_entry} if seal else gettext("Not sealed yet.")

    def tabs(self, request: HttpRequest) -> list[tuple[str, str, bool]]:
        return tabs_for(request)


AUDIT = register(AuditList())


@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    return list_page(request, AUDIT)
