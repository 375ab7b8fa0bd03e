"""Credit of customers: how they stand, decisions beyond the rules."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import filtered, page
from zhike.api.schemas.credit import CreditIn, CreditOut, DecideIn, DecisionOut, DecisionQuery
from zhike.api.schemas.pages import Page
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.models import CreditDecision
from zhike.value.queries.credit import Standing

router = Router(tags=["value"])
PLAIN = (
    "id",
    "customer",
    "state",
    "grade",
    "terms",
    "reason",
    "rated",
    "asked_by",
    "asked_at",
    "decided_by",
    "decided_at",
    "answer",
)


@router.get("/customers/{int:customer_id}/credit", response=CreditOut)
@needs(Permission.VALUE_VIEW)
def read_credit(request: HttpRequest, customer_id: int) -> Any:
    """Rated by the analysis, changed by the facts of today, overruled by a decision in force."""
    standing = queries.standing_of(caller(request), customer_id, timezone.localdate())
    if standing is None:
        raise Customer.DoesNotExist
    return _standing(standing)


@router.post("/customers/{int:customer_id}/credit", response={201: DecisionOut})
@needs(Permission.CUSTOMER_EDIT)
def ask_credit(request: HttpRequest, customer_id: int, data: CreditIn) -> Any:
    """Something else than the rules give. In force at once for who may approve credit; else it waits for somebody who may."""
    made = actions.ask_credit(actor=caller(request), customer=customer_id, at=timezone.now(), **data.model_dump())
    return Status(201, _decision(made))


@router.get("/credit-decisions", response=Page[DecisionOut])
@needs(Permission.VALUE_VIEW)
def list_credit_decisions(request: HttpRequest, query: Query[DecisionQuery]) -> Any:
    rows = filtered(queries.credit_decisions(caller(request)), query, {"customer": "customer", "state": "state"})
    return page(request, rows, query, shown=lambda found: [_decision(one) for one in found])


@router.post("/credit-decisions/{int:decision_id}/decide", response=DecisionOut)
@needs(Permission.CREDIT_APPROVE)
def decide_credit(request: HttpRequest, decision_id: int, data: DecideIn) -> Any:
    """Declining needs an answer. The first of two who decide at once does."""
    made = actions.decide_credit(actor=caller(request), decision=decision_id, at=timezone.now(), **data.model_dump())
    return _decision(made)


@router.post("/credit-decisions/{int:decision_id}/end", response=DecisionOut)
@needs(Permission.CREDIT_APPROVE)
def end_credit(request: HttpRequest, decision_id: int) -> Any:
    """From now on the rules hold again."""
    return _decision(actions.end_credit(actor=caller(request), decision=decision_id, at=timezone.now()))


def _standing(one: Standing) -> dict[str, Any]:
    money = {"limit": one.limit, "open": one.account.open, "overdue": one.account.overdue, "free": one.free}
    return {name: _text(value) for name, value in money.items()} | {
        "grade": one.grade, "initial": one.initial, "terms": one.terms, "overdue_days": one.account.days,
        "score": one.finding.value if one.finding else None, "facts": [{"code": code, "value": value} for code, value in one.steps],
        "decision": one.decision.pk if one.decision else None,
    }  # fmt: skip


def _decision(one: CreditDecision) -> dict[str, Any]:
    return {name: getattr(one, name) for name in PLAIN} | {"limit": _text(one.limit), "guarantee": str(one.guarantee)}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
