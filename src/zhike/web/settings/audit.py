"""The audit trail, filtered, the newest first."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry, AuditSeal
from zhike.customers.masking import field_classes
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.settings.audit_words import CHANNELS, NOTES, changes_in_words, kind_in_words
from zhike.web.settings.room import room

AT_ONCE = 100
FILTERS = ("person", "verb", "record", "since", "until", "before")
PAGES = {
    "customer": "customer",
    "order": "order",
    "user": "settings-person",
    "role": "settings-role",
    "department": "settings-department",
}


@dataclass(frozen=True)
class Line:
    """One entry in the reader's words."""

    at: datetime.datetime
    actor_name: str
    verb: str
    kind: str
    object_name: str
    url: str
    note: str
    changes: list[tuple[str, str, str]]
    channel: str
    address: str | None


@require_GET
@needs(Permission.AUDIT_VIEW, everywhere=True)
def audit_trail(request: HttpRequest) -> HttpResponse:
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    found = list(_filtered(chosen)[: AT_ONCE + 1])
    reader, classes = signed_in_person(request), field_classes()
    context = {
        "entries": [_line(entry, reader, classes) for entry in found[:AT_ONCE]], "chosen": chosen, "verbs": AuditVerb.choices,
        "people": User.objects.only("name"), "seal": AuditSeal.objects.order_by("-last_entry").first(),
        "older": _older(request, found[AT_ONCE - 1].pk) if len(found) > AT_ONCE else "",
    }  # fmt: skip
    return room(request, "audit.html", context)


def _filtered(chosen: dict[str, str]) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.order_by("-pk")
    if chosen["person"].isdigit():
        entries = entries.filter(actor=int(chosen["person"]))
    if chosen["verb"]:
        entries = entries.filter(verb=chosen["verb"])
    if chosen["record"]:
        kind, _colon, number = chosen["record"].partition(":")
        named = number.isdigit() and kind in _kinds()
        entries = (
            entries.filter(object_type=kind, object_id=int(number))
            if named
            else entries.filter(object_name__icontains=chosen["record"])
        )
    if since := _day(chosen["since"]):
        entries = entries.filter(at__gte=since)
    if until := _day(chosen["until"]):
        entries = entries.filter(at__lt=until + datetime.timedelta(days=1))
    return entries.filter(pk__lt=int(chosen["before"])) if chosen["before"].isdigit() else entries


def _line(entry: AuditEntry, reader: User, classes: dict[str, str]) -> Line:
    return Line(
        entry.at, entry.actor_name, str(AuditVerb(entry.verb).label) if entry.verb in AuditVerb.values else entry.verb,
        kind_in_words(entry.object_type), entry.object_name, _url(entry),
        str(NOTES.get(entry.note, entry.note)), changes_in_words(entry, reader, classes),
        str(CHANNELS.get(entry.channel, entry.channel)), entry.address,
    )  # fmt: skip


def _url(entry: AuditEntry) -> str:
    try:
        return reverse(PAGES[entry.object_type], args=[entry.object_id]) if entry.object_id else ""
    except (KeyError, NoReverseMatch):
        return ""


def _day(text: str) -> datetime.datetime | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time())) if day else None


def _kinds() -> set[str]:
    return {str(model._meta.model_name) for model in apps.get_app_config("zhike").get_models()}


def _older(request: HttpRequest, before: int) -> str:
    query: Any = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"
