"""The pictures of the value analysis as numbers: curve, spread, movement, what-if, matrix, comparison of runs, decisions."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.schemas.value_pictures import (
    CompareOut,
    CompareQuery,
    DecisionIn,
    DecisionOut,
    EquityOut,
    EquityQuery,
    MatrixOut,
    MovementOut,
    SpreadOut,
    TraceOut,
    WhaleOut,
)
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.value import actions, queries
from zhike.value.models import Run
from zhike.value.rules import Assumptions, CostRules, restored
from zhike.value.what_if import WhatIf, by_group

router = Router(tags=["value"])


@router.get("/value/whale", response=WhaleOut)
@needs(Permission.VALUE_VIEW)
def read_whale_curve(request: HttpRequest) -> Any:
    """Share of the contribution by the best 0, 1 … 100 per cent of the customers that the caller may see."""
    run = _current()
    return {"as_of": run.as_of, "points": queries.whale(caller(request), run)}


@router.get("/value/spread", response=SpreadOut)
@needs(Permission.VALUE_VIEW)
def read_spread(request: HttpRequest) -> Any:
    """Histogram of the lifetime values."""
    run = _current()
    bins = [{"start": row["from"], "end": row["to"], "customers": row["customers"]} for row in queries.spread(caller(request), run)]
    return {"as_of": run.as_of, "items": bins}


@router.get("/value/movement", response=MovementOut)
@needs(Permission.VALUE_VIEW)
def read_movement(request: HttpRequest) -> Any:
    """Customers by grade, stage and RFM class before and now; `""` before is new, after is nothing. Empty for the first run."""
    run = _current()
    found = queries.movement(caller(request), run) or {"since": None, "left": 0}
    kinds = ("grade", "stage", "rfm_class")
    return {"as_of": run.as_of, "since": found["since"], "left": found["left"], **{kind: found.get(kind, {}) for kind in kinds}}


@router.get("/value/matrix", response=MatrixOut)
@needs(Permission.VALUE_VIEW)
def read_matrix(request: HttpRequest) -> Any:
    """Eight cells of cost × present × future profit, where high begins, and the prices that make the cost."""
    run = _current()
    items = queries.breakdown(caller(request), run, "treatment")
    cuts = run.models_fitted.get("matrix") or {}
    return {"as_of": run.as_of, "items": items, "cuts": cuts, "prices": asdict(restored(CostRules, run.assumptions))}


@router.get("/value/equity", response=EquityOut)
@needs(Permission.VALUE_VIEW)
def read_equity(request: HttpRequest, query: Query[EquityQuery]) -> Any:
    """Customer equity by grade, as the run has it and under other assumptions. Changes nothing."""
    run, user = _current(), caller(request)
    assumed = restored(Assumptions, run.assumptions)
    base = WhatIf(assumed.discount_rate, assumed.horizon_months)
    rate = assumed.discount_rate if query.discount_rate is None else query.discount_rate
    wanted = WhatIf(rate, query.horizon_months or assumed.horizon_months, query.retention, query.margin)
    exact = {row["grade"]: float(row["clv"]) for row in queries.breakdown(user, run, "grade")}
    found = by_group(queries.curves(user, run), base, exact, wanted)
    items = [{"grade": grade, "now": now, "then": then} for grade, (now, then) in found.items()]
    return {
        "as_of": run.as_of, "items": items, "now": sum(row["now"] for row in items), "then": sum(row["then"] for row in items),
    }  # fmt: skip


@router.get("/value/compare", response=CompareOut)
@needs(Permission.VALUE_VIEW)
def compare_runs(request: HttpRequest, query: Query[CompareQuery]) -> Any:
    """Two runs in the words of the command line. Figures of the company are null for who does not see all customers."""
    return {name: _summary(request, Run.objects.get(pk=getattr(query, name))) for name in ("first", "second")}


@router.get("/customers/{int:customer_id}/scores", response=list[TraceOut])
@needs(Permission.VALUE_VIEW)
def read_score_history(request: HttpRequest, customer_id: int) -> Any:
    """What each run that is kept said about this customer: recency, frequency, money, class, grade, stage. The latest first."""
    return queries.trace(caller(request), Customer.objects.visible_to(caller(request)).get(pk=customer_id).pk)


@router.get("/value/decisions", response=list[DecisionOut])
@needs(Permission.VALUE_VIEW)
def list_decisions(request: HttpRequest) -> Any:
    """The last twenty."""
    return queries.decisions()


@router.post("/value/decisions", response={201: DecisionOut})
@needs(Permission.VALUE_RUN)
def record_decision(request: HttpRequest, data: DecisionIn) -> Any:
    """Keeps it with the figures of the current run."""
    return Status(201, actions.record_decision(actor=caller(request), text=data.text))


def _current() -> Run:
    run = queries.current_run()
    if run is None:
        raise Run.DoesNotExist
    return run


def _summary(request: HttpRequest, run: Run) -> dict[str, Any]:
    told = queries.summary_of(run)
    whole = queries.sees_all(caller(request))
    return told | ({} if whole else {"customers": None, "customer_equity": None, "grades": {}})
