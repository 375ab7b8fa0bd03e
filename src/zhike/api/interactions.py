"""What happened with customers, and what is promised."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import filtered, page
from zhike.api.references import all_named, named
from zhike.api.schemas.interactions import (
    CancelIn,
    CompleteIn,
    InteractionDetails,
    InteractionOut,
    InteractionPatch,
    InteractionQuery,
    PinIn,
    PlanIn,
    RecordIn,
    ResolveIn,
    WordsIn,
    WordsOut,
)
from zhike.api.schemas.pages import Page
from zhike.customers import actions
from zhike.customers.models import Customer, Interaction
from zhike.customers.queries.attachments import files_visible_to
from zhike.teams.choices import Permission
from zhike.teams.queries import colleagues
from zhike.value.queries import voice

router = Router(tags=["interactions"])
LOOKUPS = {
    "customer": "customer", "staff": "staff", "state": "state", "kind": "kind", "channel": "channel", "outcome": "outcome",
    "mood": "mood", "at_from": "at__gte", "at_until": "at__lt",
}  # fmt: skip


@router.get("/interactions", response=Page[InteractionOut])
@needs(Permission.CUSTOMER_VIEW)
def list_interactions(request: HttpRequest, query: Query[InteractionQuery]) -> Any:
    rows = filtered(_visible(request), query, LOOKUPS)
    if query.mine is not None:
        rows = rows.filter(staff=caller(request)) if query.mine else rows.exclude(staff=caller(request))
    if query.open_problems:
        rows = rows.open_problems()  # type: ignore[attr-defined]
    return page(request, rows, query, sort=query.sort)


@router.get("/interactions/{int:interaction_id}", response=InteractionOut)
@needs(Permission.CUSTOMER_VIEW)
def read_interaction(request: HttpRequest, interaction_id: int) -> Any:
    return _visible(request).get(pk=interaction_id)


@router.post("/interactions", response={201: InteractionOut})
@needs(Permission.INTERACTION_RECORD)
def record_interaction(request: HttpRequest, data: RecordIn) -> Any:
    """It has happened. What lies in the future is planned instead."""
    now = timezone.now()
    customer, details = _customer(request, data.customer), _details(request, data, "customer", "kind", "at")
    row = actions.record_interaction(
        actor=caller(request), customer=customer, kind=data.kind, at=data.at or now, now=now, **details
    )
    return Status(201, row)


@router.post("/interactions/plan", response={201: InteractionOut})
@needs(Permission.INTERACTION_RECORD)
def plan_interaction(request: HttpRequest, data: PlanIn) -> Any:
    """A promise: to call, to visit. It comes back in Today when it is due."""
    customer, details = _customer(request, data.customer), _details(request, data, "customer", "kind", "at")
    row = actions.plan_interaction(
        actor=caller(request), customer=customer, kind=data.kind, at=data.at, now=timezone.now(), **details
    )
    return Status(201, row)


@router.patch("/interactions/{int:interaction_id}", response=InteractionOut)
@needs(Permission.INTERACTION_RECORD)
def change_interaction(request: HttpRequest, interaction_id: int, data: InteractionPatch) -> Any:
    """For who recorded it, who it is planned for, and whoever may change the customer."""
    return actions.change_interaction(actor=caller(request), interaction=interaction_id, **_details(request, data))


@router.post("/interactions/{int:interaction_id}/complete", response=InteractionOut)
@needs(Permission.INTERACTION_RECORD)
def complete_interaction(request: HttpRequest, interaction_id: int, data: CompleteIn) -> Any:
    """A planned one has happened. A recurring one plans its next."""
    at = data.at or timezone.now()
    return actions.complete_interaction(actor=caller(request), interaction=interaction_id, at=at, **_details(request, data, "at"))


@router.post("/interactions/{int:interaction_id}/cancel", response=InteractionOut)
@needs(Permission.INTERACTION_RECORD)
def cancel_interaction(request: HttpRequest, interaction_id: int, data: CancelIn) -> Any:
    return actions.cancel_interaction(actor=caller(request), interaction=interaction_id, reason=data.reason)


@router.post("/interactions/{int:interaction_id}/resolve", response=InteractionOut)
@needs(Permission.INTERACTION_RECORD)
def resolve_problem(request: HttpRequest, interaction_id: int, data: ResolveIn) -> Any:
    """The problem raised in it has been put right."""
    return actions.resolve_problem(actor=caller(request), interaction=interaction_id, at=timezone.now(), how=data.how)


@router.put("/interactions/{int:interaction_id}/pin", response=InteractionOut)
@needs(Permission.INTERACTION_RECORD)
def pin_interaction(request: HttpRequest, interaction_id: int, data: PinIn) -> Any:
    return actions.pin_interaction(actor=caller(request), interaction=interaction_id, pinned=data.is_pinned)


@router.get("/interactions/{int:interaction_id}/words", response=WordsOut)
@needs(Permission.INTERACTION_RECORD)
def read_words(request: HttpRequest, interaction_id: int) -> Any:
    """What the words are about, in what tone, how urgent: as people said, else as it is read. 404 without words."""
    return _words(request, interaction_id)


@router.put("/interactions/{int:interaction_id}/words", response=WordsOut)
@needs(Permission.INTERACTION_RECORD)
def label_words(request: HttpRequest, interaction_id: int, data: WordsIn) -> Any:
    """Confirms or corrects how it is read; the next analysis of voices learns from it. All empty takes back what was said."""
    _words(request, interaction_id)
    labels = {"topic": data.topic, "tone": data.tone, "urgency": data.urgency}
    actions.label_words(actor=caller(request), interaction=interaction_id, **labels)
    return _words(request, interaction_id)


def _words(request: HttpRequest, interaction_id: int) -> dict[str, Any]:
    row = _visible(request).select_related("voice_label").exclude(summary="").get(pk=interaction_id)
    label = getattr(row, "voice_label", None)
    said = [name for name in ("topic", "tone", "urgency") if getattr(label, name, "")]
    return voice.read_words(row) | {"interaction": row.pk, "said_by_people": said, "topics": voice.topics_offered()}


def _visible(request: HttpRequest) -> QuerySet[Interaction]:
    rows = Interaction.objects.visible_to(caller(request))
    return rows.select_related("customer", "contact", "staff").prefetch_related("files")


def _customer(request: HttpRequest, key: int) -> Customer:
    found = named(Customer.objects.visible_to(caller(request)), key, "customer")
    assert found is not None
    return found


def _details(request: HttpRequest, data: InteractionDetails, *but: str) -> dict[str, Any]:
    """Ids become the records that they name."""
    given = data.given(*but)
    if given.get("at", 1) is None:
        del given["at"]
    if "staff" in given:
        staff = named(colleagues(), given.pop("staff"), "staff")
        given |= {"staff": staff} if staff else {}
    if "files" in given:
        given["files"] = all_named(files_visible_to(caller(request)), given["files"], "files")
    return given
