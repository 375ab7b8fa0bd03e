"""Recording what happened with a customer, and planning what shall."""

import datetime
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.core.models import StoredFile
from zhike.customers import finding
from zhike.customers.choices import Channel, Direction, InteractionKind, InteractionState, Mood, Outcome, Purpose
from zhike.customers.events import InteractionPlanned, InteractionRecorded, PlanChanged
from zhike.customers.models import Contact, Customer, Interaction
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

TOLERANCE = datetime.timedelta(minutes=10)  # of clocks
SUMMARY_LENGTH = 5000
USUAL_CHANNEL = {
    InteractionKind.CALL: Channel.PHONE, InteractionKind.VISIT: Channel.VISIT, InteractionKind.MEETING: Channel.VISIT,
    InteractionKind.MESSAGE: Channel.WECHAT, InteractionKind.EMAIL: Channel.EMAIL,
}  # fmt: skip
_WORDS = {
    "kind": InteractionKind.values, "channel": ["", *Channel.values], "direction": Direction.values, "purpose": Purpose.values,
    "mood": ["", *Mood.values], "outcome": ["", *Outcome.values],
}  # fmt: skip


class Details(TypedDict, total=False):
    """What may be said about an interaction beside who, when and which kind."""

    channel: str
    direction: str
    purpose: str
    summary: str
    mood: str
    outcome: str
    minutes: int | None
    contact: Contact | int | None
    staff: User
    follows: Interaction | int | None
    files: Sequence[StoredFile]
    repeat_days: int | None
    is_pinned: bool


@transaction.atomic
def record_interaction(
    *, actor: User, customer: finding.Key, kind: str, at: datetime.datetime, now: datetime.datetime | None = None,
    **details: Unpack[Details],
) -> Interaction:  # fmt: skip
    """It has happened. For anybody who may see the customer. With `now`, a moment in the future is refused."""
    access.require(actor, Permission.INTERACTION_RECORD)
    found = finding.visible(actor, customer)
    if now is not None and at > now + TOLERANCE:
        raise ValidationError({"at": [_("This lies in the future. Plan it instead.")]})
    row = _made(actor, found, {**details, "kind": kind, "at": at, "state": InteractionState.DONE, "repeat_days": None})
    _happened(row)
    return row


@transaction.atomic
def plan_interaction(
    *, actor: User, customer: finding.Key, kind: str, at: datetime.datetime, now: datetime.datetime | None = None,
    **details: Unpack[Details],
) -> Interaction:  # fmt: skip
    """A promise: to call, to visit. `repeat_days` plans the next one whenever one is done."""
    access.require(actor, Permission.INTERACTION_RECORD)
    found = finding.visible(actor, customer)
    if now is not None and at < now - datetime.timedelta(days=1):
        raise ValidationError({"at": [_("This lies in the past. Record it instead.")]})
    row = _made(actor, found, {**details, "kind": kind, "at": at, "state": InteractionState.PLANNED})
    announce(InteractionPlanned(row.pk, found.pk))
    return row


@transaction.atomic
def complete_interaction(
    *, actor: User, interaction: Interaction | int, at: datetime.datetime, **details: Unpack[Details]
) -> Interaction:
    """A planned one has happened. A recurring one plans its next."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _locked(actor, interaction)
    if row.state != InteractionState.PLANNED:
        raise ValidationError({"interaction": [_("It is no longer planned.")]})
    planned_at, repeat = row.at, row.repeat_days
    _assign(row, actor, {"staff": actor, **details, "state": InteractionState.DONE, "at": at, "repeat_days": None})
    row.save()
    row.files.add(*details.get("files", ()))
    changes: audit.Changes = {"state": [InteractionState.PLANNED, InteractionState.DONE], "at": [planned_at, at]}
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes=changes)
    if repeat:
        following = _next_one(row, at, repeat)
        announce(InteractionPlanned(following.pk, row.customer_id))
    _happened(row)
    return row


@transaction.atomic
def change_interaction(
    *, actor: User, interaction: Interaction | int, at: datetime.datetime | None = None, kind: str | None = None,
    **details: Unpack[Details],
) -> Interaction:  # fmt: skip
    """For who recorded it, who it is planned for, and whoever may change the customer."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _locked(actor, interaction)
    _require_own(actor, row)
    given: dict[str, Any] = {**details, **({"at": at} if at else {}), **({"kind": kind} if kind else {})}
    files = given.pop("files", ())
    before = {name: getattr(row, name) for name in given}
    _assign(row, actor, given)
    row.save()
    row.files.add(*files)
    changes = {name: [before[name], getattr(row, name)] for name in given if before[name] != getattr(row, name)}
    if changes:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes=changes)
    if row.state == InteractionState.PLANNED:
        announce(PlanChanged(row.pk, row.customer_id))
    if row.state == InteractionState.DONE and row.counts_as_contact:
        _touched(row)
    return row


@transaction.atomic
def cancel_interaction(*, actor: User, interaction: Interaction | int, reason: str = "") -> Interaction:
    """A planned one will not happen; with it a recurrence ends."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _locked(actor, interaction)
    _require_own(actor, row)
    if row.state != InteractionState.PLANNED:
        raise ValidationError({"interaction": [_("It is no longer planned.")]})
    row.state = InteractionState.CANCELLED
    row.save(update_fields=["state"])
    changes: audit.Changes = {"state": [InteractionState.PLANNED, InteractionState.CANCELLED]}
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes=changes, note=reason[:200])
    announce(PlanChanged(row.pk, row.customer_id))
    return row


@transaction.atomic
def pin_interaction(*, actor: User, interaction: Interaction | int, pinned: bool) -> Interaction:
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _locked(actor, interaction)
    if row.is_pinned != pinned:
        row.is_pinned = pinned
        row.save(update_fields=["is_pinned"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes={"is_pinned": [not pinned, pinned]})
    return row


@transaction.atomic
def resolve_problem(*, actor: User, interaction: Interaction | int, at: datetime.datetime, how: str = "") -> Interaction:
    """The problem raised in this interaction has been put right."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _locked(actor, interaction)
    if row.resolved_at is None:
        row.resolved_at = at
        row.save(update_fields=["resolved_at"])
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes={"resolved_at": [None, at]}, note=how[:200])
    return row


def _made(actor: User, customer: Customer, values: dict[str, Any]) -> Interaction:
    row = Interaction(customer=customer, created_by=actor)
    files = values.pop("files", ())
    values.setdefault("channel", USUAL_CHANNEL.get(values["kind"], ""))
    _assign(row, actor, {"staff": actor, **values})
    row.save()
    row.files.add(*files)
    audit.record(actor=actor, verb=AuditVerb.CREATED, on=row, changes={"state": [None, row.state], "at": [None, row.at]})
    return row


def _assign(row: Interaction, actor: User, values: dict[str, Any]) -> None:
    problems = {
        name: [_("There is no such choice.")] for name, allowed in _WORDS.items() if name in values and values[name] not in allowed
    }
    minutes, repeat = values.get("minutes"), values.get("repeat_days")
    if minutes is not None and not 0 <= minutes <= 1440:
        problems["minutes"] = [_("Between 0 and %(limit)s.") % {"limit": 1440}]
    if repeat is not None and not 1 <= repeat <= 3650:
        problems["repeat_days"] = [_("Between 1 and %(limit)s.") % {"limit": 3650}]
    if len(values.get("summary", "")) > SUMMARY_LENGTH:
        problems["summary"] = [_("At most %(length)s characters.") % {"length": SUMMARY_LENGTH}]
    if problems:
        raise ValidationError(problems)
    for name, value in values.items():
        if name == "files":
            continue
        setattr(row, *_link(row, name, value))
    row.summary = row.summary.replace("\x00", "").strip()


def _link(row: Interaction, name: str, value: Any) -> tuple[str, Any]:
    """A contact or an earlier interaction must be of the same customer."""
    if name == "contact" and value is not None:
        return "contact", Contact.objects.get(pk=value if isinstance(value, int) else value.pk, customer_id=row.customer_id)
    if name == "follows" and value is not None:
        return "follows", Interaction.objects.get(pk=value if isinstance(value, int) else value.pk, customer_id=row.customer_id)
    return name, value


def _locked(actor: User, interaction: Interaction | int) -> Interaction:
    key = interaction if isinstance(interaction, int) else interaction.pk
    return Interaction.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=key)


def _require_own(actor: User, row: Interaction) -> None:
    if actor.pk in (row.staff_id, row.created_by_id):
        return
    if not Customer.objects.editable_by(actor).filter(pk=row.customer_id).exists():
        raise PermissionDenied(_("Only who recorded it, or may change the customer, may change this."))


def _next_one(row: Interaction, at: datetime.datetime, repeat: int) -> Interaction:
    return Interaction.objects.create(
        customer_id=row.customer_id, contact=row.contact, kind=row.kind, channel=row.channel, direction=row.direction,
        purpose=row.purpose, state=InteractionState.PLANNED, at=at + datetime.timedelta(days=repeat), staff=row.staff, follows=row,
        repeat_days=repeat, created_by=row.created_by,
    )  # fmt: skip


def _happened(row: Interaction) -> None:
    if row.counts_as_contact:
        _touched(row)
    announce(InteractionRecorded(row.pk, row.customer_id))


def _touched(row: Interaction) -> None:
    """Last contact only moves forward, whoever writes at the same time."""
    Customer.objects.filter(pk=row.customer_id).update(last_contact_at=Greatest(F("last_contact_at"), row.at))
