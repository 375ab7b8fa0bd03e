"""Doing what was suggested: the contact goes into the record, the suggestion is closed, the next step is planned."""

import datetime
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.care.actions.answering import OPEN, claim
from zhike.care.actions.generating import refresh_customers
from zhike.care.choices import Rule, SuggestionState
from zhike.care.models import Suggestion
from zhike.customers.actions import complete_interaction, plan_interaction, record_interaction
from zhike.customers.choices import Direction, InteractionKind, InteractionState, Outcome, Purpose
from zhike.customers.models import Interaction
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

_SELLING = (Rule.SLIPPING, Rule.SECOND_PURCHASE)
_MORNING = datetime.time(10)


class Contact(TypedDict, total=False):
    outcome: str
    mood: str
    summary: str
    next_on: datetime.date | None
    next_step: str


@transaction.atomic
def complete_suggestion(
    *, actor: User, suggestion_id: int, kind: str, at: datetime.datetime, **contact: Unpack[Contact]
) -> Interaction:
    """Records the call, visit or message. When nobody was reached the suggestion comes back tomorrow."""
    access.require(actor, Permission.INTERACTION_RECORD)
    _check(contact, at)
    missed = contact.get("outcome") == Outcome.NOT_REACHED
    tomorrow = timezone.localtime(at).date() + datetime.timedelta(days=1)
    state = SuggestionState.POSTPONED if missed else SuggestionState.DONE
    until = tomorrow if missed else None
    suggestion = claim(actor=actor, suggestion_id=suggestion_id, state=state, at=at, postponed_until=until)
    happened = _record(actor, suggestion, kind, at, contact, missed)
    Suggestion.objects.filter(pk=suggestion.pk).update(interaction=happened)
    if next_on := contact.get("next_on"):
        plan_interaction(
            actor=actor, customer=suggestion.customer_id, kind=InteractionKind.CALL, follows=happened,
            at=timezone.make_aware(datetime.datetime.combine(next_on, _MORNING)), summary=contact.get("next_step", "").strip(),
        )  # fmt: skip
    return happened


def _check(contact: Contact, at: datetime.datetime) -> None:
    problems = {}
    if not contact.get("outcome"):
        problems["outcome"] = [_("Say how it went.")]
    next_on, today = contact.get("next_on"), timezone.localtime(at).date()
    if next_on and not today <= next_on <= today + datetime.timedelta(days=730):
        problems["next_on"] = [_("Choose a day from today on, within two years.")]
    if problems:
        raise ValidationError(problems)


def _record(
    actor: User, suggestion: Suggestion, kind: str, at: datetime.datetime, contact: Contact, missed: bool
) -> Interaction:  # fmt: skip
    outcome, mood, summary = contact.get("outcome", ""), contact.get("mood", ""), contact.get("summary", "").strip()
    planned = Interaction.objects.filter(pk=suggestion.promised_id or 0, state=InteractionState.PLANNED).first()
    if planned and not missed:
        summary = summary or planned.summary
        return complete_interaction(
            actor=actor, interaction=planned, at=at, direction=Direction.OUT, outcome=outcome, mood=mood, summary=summary
        )
    purpose = Purpose.SELLING if suggestion.rule in _SELLING else Purpose.NOT_SELLING
    return record_interaction(
        actor=actor, customer=suggestion.customer_id, kind=kind, at=at, purpose=purpose, outcome=outcome, mood=mood, summary=summary
    )


def follow_interaction(*, actor: User | None, interaction_id: int, on: datetime.date) -> None:
    """A contact recorded anywhere answers what was suggested for the customer; a promise only when it was this one."""
    row = Interaction.objects.get(pk=interaction_id)
    if row.kind != InteractionKind.NOTE and row.outcome != Outcome.NOT_REACHED:
        waiting = Suggestion.objects.filter(customer=row.customer_id, state__in=OPEN)
        waiting = waiting.exclude(promised__state=InteractionState.PLANNED)
        waiting.update(state=SuggestionState.DONE, decided_at=row.at, decided_by=row.staff_id, interaction=row)
    refresh_customers(actor=actor, customer_ids=[row.customer_id], on=on)
