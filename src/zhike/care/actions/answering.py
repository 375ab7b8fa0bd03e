"""What people answer to a suggestion: done, later, no."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.care.choices import Refusal, SuggestionState
from zhike.care.events import SuggestionAnswered
from zhike.care.models import Suggestion
from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.core.events import announce
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

OPEN = (SuggestionState.OPEN, SuggestionState.POSTPONED)


@transaction.atomic
def postpone_suggestion(*, actor: User, suggestion_id: int, until: datetime.date, at: datetime.datetime) -> Suggestion:
    """It comes back on that day, if its reason still holds."""
    access.require(actor, Permission.INTERACTION_RECORD)
    if until <= at.date() or until > at.date() + datetime.timedelta(days=365):
        raise ValidationError({"until": [_("Choose a day after today, within a year.")]})
    return claim(actor=actor, suggestion_id=suggestion_id, state=SuggestionState.POSTPONED, at=at, postponed_until=until)


@transaction.atomic
def refuse_suggestion(*, actor: User, suggestion_id: int, refusal: str, note: str, at: datetime.datetime) -> Suggestion:
    """The reason is learnt from: see `rules.ranking` and how long the customer is then left in peace."""
    access.require(actor, Permission.INTERACTION_RECORD)
    if refusal not in Refusal.values:
        raise ValidationError({"refusal": [_("Say why not.")]})
    fields = {"refusal": refusal, "note": note.strip()[:200]}
    return claim(actor=actor, suggestion_id=suggestion_id, state=SuggestionState.REFUSED, at=at, **fields)


@transaction.atomic
def reopen_suggestion(*, actor: User, suggestion_id: int) -> Suggestion:
    """Takes back one's own “later” or “no”, as long as the customer has no new suggestion of the rule."""
    access.require(actor, Permission.INTERACTION_RECORD)
    suggestion = Suggestion.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=suggestion_id)
    mine = suggestion.decided_by_id == actor.pk and suggestion.state in (SuggestionState.POSTPONED, SuggestionState.REFUSED)
    same = Suggestion.objects.filter(customer=suggestion.customer_id, rule=suggestion.rule, state__in=OPEN).exclude(
        pk=suggestion_id
    )
    if not mine or same.exists():
        raise ValidationError(_("This answer can no longer be taken back."))
    changes = {"state": [suggestion.state, SuggestionState.OPEN]}
    fields: dict[str, Any] = {"refusal": "", "note": "", "postponed_until": None, "decided_at": None, "decided_by": None}
    Suggestion.objects.filter(pk=suggestion_id).update(state=SuggestionState.OPEN, **fields)
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=suggestion, changes=changes)
    suggestion.refresh_from_db()
    return suggestion


def claim(*, actor: User, suggestion_id: int, state: SuggestionState, at: datetime.datetime, **fields: Any) -> Suggestion:
    """Of two people who answer at once, the second is told so."""
    suggestion = Suggestion.objects.visible_to(actor).select_related("customer").get(pk=suggestion_id)
    before = suggestion.state
    answered = Suggestion.objects.filter(pk=suggestion_id, state__in=OPEN).update(
        state=state, decided_at=at, decided_by=actor, **fields
    )
    if not answered:
        raise ValidationError(_("Somebody has already answered this."))
    audit.record(
        actor=actor, verb=AuditVerb.CHANGED, on=suggestion, changes={"state": [before, state]}, note=fields.get("refusal", "")
    )
    announce(SuggestionAnswered(suggestion.pk, suggestion.customer_id, suggestion.rule, state))
    suggestion.refresh_from_db()
    return suggestion
