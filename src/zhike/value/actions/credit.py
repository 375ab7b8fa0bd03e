"""Credit beyond the rules: asked for with a reason, decided by who may, ended."""

import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.customers.models import Customer
from zhike.teams import access
from zhike.teams.actions import give_notice
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.choices import CreditState
from zhike.value.credit import GRADES
from zhike.value.models import CreditDecision
from zhike.value.queries.credit import approvers_of_credit, may_see_credit, standing

ADDRESS = "/value/credit/{}/"
LONGEST_TERMS = 365
MOST = Decimal(10) ** 11
WANTED = ("grade", "limit", "terms", "guarantee")


def ask_credit(
    *, actor: User, customer: int, reason: str, at: datetime.datetime, grade: str = "", limit: Decimal | None = None,
    terms: int | None = None, guarantee: Decimal = Decimal(0),
) -> CreditDecision:  # fmt: skip
    """Who may approve credit grants it by this at once; anybody else asks, and the approvers are told."""
    access.require(actor, Permission.CUSTOMER_EDIT)
    _require_cleared(actor)
    wanted = {"grade": grade, "limit": limit, "terms": terms, "guarantee": guarantee}
    _check(reason, wanted)
    with transaction.atomic():
        found = Customer.objects.editable_by(actor).get(pk=customer)
        row = CreditDecision(customer=found, reason=reason.strip()[:1000], asked_by=actor, asked_at=at, **wanted)
        row.rated = standing(found.pk, timezone.localdate(at)).as_json()
        _saved(row)
        changes: audit.Changes = {
            "customer": [None, found.pk],
            "reason": [None, row.reason],
            **{name: [None, wanted[name]] for name in WANTED if wanted[name]},
        }
        audit.record(actor=actor, verb=AuditVerb.CREATED, on=row, changes=changes)
        if access.rights_of(actor).allows(Permission.CREDIT_APPROVE):
            _decide(row, actor, CreditState.APPROVED, "", at)
        else:
            told = [person.pk for person in approvers_of_credit(found) if person.pk != actor.pk]
            params = {"from": str(actor), "customer": found.name}
            give_notice(to=told, kind="credit.asked", params=params, url=ADDRESS.format(found.pk))
    return row


def decide_credit(*, actor: User, decision: int, approve: bool, answer: str = "", at: datetime.datetime) -> CreditDecision:
    """Approves or declines what waits; of two who decide at once the first one does. Who asked is told."""
    access.require(actor, Permission.CREDIT_APPROVE)
    if not approve and not answer.strip():
        raise ValidationError({"answer": [_("Say why you decline.")]})
    with transaction.atomic():
        row = _mine(actor, decision)
        if row.state != CreditState.ASKED:
            raise ValidationError({"state": [_("This has been decided already.")]})
        _decide(row, actor, CreditState.APPROVED if approve else CreditState.REFUSED, answer, at)
        kind = "credit.approved" if approve else "credit.refused"
        params = {"customer": row.customer.name, "answer": row.answer}
        give_notice(to=[row.asked_by_id], kind=kind, params=params, url=ADDRESS.format(row.customer_id))
    return row


def end_credit(*, actor: User, decision: int, at: datetime.datetime) -> CreditDecision:
    """From now on the rules hold again."""
    access.require(actor, Permission.CREDIT_APPROVE)
    with transaction.atomic():
        row = _mine(actor, decision)
        if row.state != CreditState.APPROVED:
            raise ValidationError({"state": [_("This is not in force.")]})
        _decide(row, actor, CreditState.ENDED, row.answer, at)
    return row


def _mine(actor: User, decision: int) -> CreditDecision:
    _require_cleared(actor)
    rows = CreditDecision.objects.filter(customer__in=Customer.objects.visible_to(actor)).select_related("customer")
    return rows.select_for_update(of=("self",)).get(pk=decision)


def _decide(row: CreditDecision, actor: User, state: CreditState, answer: str, at: datetime.datetime) -> None:
    """What was in force for this customer until now ends with an approval."""
    if state == CreditState.APPROVED:
        for old in CreditDecision.objects.select_for_update().filter(customer=row.customer_id, state=CreditState.APPROVED):
            _decide(old, actor, CreditState.ENDED, old.answer, at)
    before, row.state = row.state, state
    row.decided_by, row.decided_at, row.answer = actor, at, answer.strip()[:1000]
    row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    audit.record(actor=actor, verb=AuditVerb.CHANGED, on=row, changes={"customer": [row.customer_id] * 2, "state": [before, state]})


def _require_cleared(actor: User) -> None:
    if not may_see_credit(actor):
        raise PermissionDenied(_("Credit is confidential; your role does not show such data."))


def _check(reason: str, wanted: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    if not reason.strip():
        wrong["reason"] = [_("Say why.")]
    if wanted["grade"] and wanted["grade"] not in GRADES:
        wrong["grade"] = [_("Choose one of: %(expected)s.") % {"expected": ", ".join(GRADES)}]
    for name in ("limit", "guarantee"):
        if wanted[name] is not None and not 0 <= wanted[name] <= MOST:
            wrong[name] = [_("This is too large to be an amount.") if wanted[name] > 0 else _("Not below 0.")]
    if wanted["terms"] is not None and not 0 <= wanted["terms"] <= LONGEST_TERMS:
        wrong["terms"] = [_("Must be from %(low)s to %(high)s.") % {"low": "0", "high": LONGEST_TERMS}]
    if not wanted["grade"] and wanted["limit"] is None and wanted["terms"] is None and not wanted["guarantee"]:
        wrong["limit"] = [_("Say what is to differ: the grade, the limit, the days or a guarantee.")]
    if wrong:
        raise ValidationError(wrong)


def _saved(row: CreditDecision) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as problem:
        raise ValidationError({"reason": [_("Another request about this customer waits for a decision.")]}) from problem
