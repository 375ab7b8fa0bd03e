"""Talking with colleagues about a customer."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers import finding
from zhike.customers.models import Comment, Customer
from zhike.customers.queries.comments import called, comments_visible_to, who_may_see
from zhike.customers.queries.timeline import source_of
from zhike.customers.rules.mentions import mentioned
from zhike.teams import access
from zhike.teams.actions.notices import give_notice
from zhike.teams.choices import Permission
from zhike.teams.models import User

LENGTH = 2000


@dataclass(frozen=True)
class Commented:
    comment: Comment
    untold: list[str]  # named in the text, but they may not see the customer


@transaction.atomic
def add_comment(
    *, actor: User, customer: finding.Key, text: str, at: datetime.datetime, on: str = "", on_id: int | None = None
) -> Commented:
    """On the record, or on the entry `on`, `on_id` of its timeline. Who is named by @ gets a notice, if they may see it."""
    access.require(actor, Permission.INTERACTION_RECORD)
    found = finding.visible(actor, customer)
    if on:
        _require_entry(actor, found, on, on_id)
    elif on_id is not None:
        raise ValidationError({"on": [_("There is no such entry.")]})
    row = Comment(customer=found, on=on, on_id=on_id, text=_clean(text), by=actor, at=at)
    untold = _tell(actor, row, found)
    audit.record(actor=actor, verb=AuditVerb.CREATED, on=row, changes={"text": [None, row.text], "customer": [None, found]})
    return Commented(row, untold)


@transaction.atomic
def change_comment(*, actor: User, comment: int, text: str, at: datetime.datetime) -> Commented:
    """One's own. Only who is newly named is told."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _own(actor, comment).get(deleted_at=None)
    before, row.text, row.edited_at = row.text, _clean(text), at
    untold = _tell(actor, row, row.customer)
    if row.text != before:
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes={"text": [before, row.text]})
    return Commented(row, untold)


@transaction.atomic
def delete_comment(*, actor: User, comment: int, at: datetime.datetime) -> Comment:
    """One's own; it can be brought back."""
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _own(actor, comment).get(deleted_at=None)
    row.deleted_at = at
    row.save(update_fields=["deleted_at"])
    audit.record(actor=actor, verb=AuditVerb.DELETED, on=row)
    return row


@transaction.atomic
def restore_comment(*, actor: User, comment: int) -> Comment:
    access.require(actor, Permission.INTERACTION_RECORD)
    row = _own(actor, comment).get(deleted_at__isnull=False)
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    audit.record(actor=actor, verb=AuditVerb.RESTORED, on=row)
    return row


def _require_entry(actor: User, customer: Customer, on: str, on_id: int | None) -> None:
    source = source_of(on)
    is_there = source is not None and source.is_for(actor) and source.one(customer.pk, on_id or 0) is not None
    if not is_there or on == "comment":
        raise ValidationError({"on": [_("There is no such entry.")]})


def _own(actor: User, comment: int) -> QuerySet[Comment]:
    rows = comments_visible_to(actor).filter(by=actor, pk=comment)
    return rows.select_related("customer").select_for_update(of=("self",))


def _clean(text: str) -> str:
    kept = text.replace("\x00", "").strip()
    if not kept:
        raise ValidationError({"text": [_("Write something first.")]})
    if len(kept) > LENGTH:
        raise ValidationError({"text": [_("At most %(length)s characters.") % {"length": LENGTH}]})
    return kept


def _tell(actor: User, row: Comment, customer: Customer) -> list[str]:
    """Saves the comment and tells those who are newly named in it; gives the names of those who may not be told."""
    names = called()
    named = [key for key in mentioned(row.text, names) if key != actor.pk]
    allowed = {person.pk for person in who_may_see(customer, row.on)} if named else set()
    told = [key for key in named if key in allowed]
    new = [key for key in told if key not in row.mentioned]
    row.mentioned = told
    row.save()
    params = {"from": str(actor), "name": customer.name}
    give_notice(to=new, kind="comment.mentioned", params=params, url=f"/customers/{customer.pk}/?comment={row.pk}#comment-{row.pk}")
    return [names[key] for key in named if key not in allowed]
