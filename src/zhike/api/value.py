"""Value analysis: runs, what they found, the score of each customer, the assumptions they go by."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from zhike.api.door import caller, costly, needs
from zhike.api.paging import filtered, page
from zhike.api.problems import bad_field
from zhike.api.schemas.base import Strict
from zhike.api.schemas.pages import Page
from zhike.api.schemas.value import (
    Assumed,
    AssumptionsOut,
    BreakdownOut,
    BreakdownQuery,
    CostsAssumed,
    CreditAssumed,
    GradesAssumed,
    ReportOut,
    RfmAssumed,
    RunIn,
    RunOut,
    RunQuery,
    ScoreOut,
    ScoreQuery,
    StagesAssumed,
    TotalsOut,
)
from zhike.core import settings_store
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.choices import GradeBasis, GradeMethod, RfmMethod
from zhike.value.models import Run, Score
from zhike.value.queries.figures import sees_all
from zhike.value.rules import Assumptions, CostRules, CreditRules, GradeRules, RfmRules, StageRules

router = Router(tags=["value"])
GROUPS: dict[str, Any] = {
    "assumptions": Assumptions,
    "costs": CostRules,
    "rfm": RfmRules,
    "grades": GradeRules,
    "stages": StageRules,
    "credit": CreditRules,
}
SCORES = {
    "grade": "grade__in", "stage": "stage__in", "rfm_class": "rfm_class__in", "r": "r_score", "f": "f_score", "m": "m_score",
    "owner": "customer__owner", "clv_from": "clv__gte", "p_alive_from": "p_alive__gte", "p_alive_until": "p_alive__lte",
}  # fmt: skip
MONEY = ("revenue", "margin")


@router.get("/value/runs", response=Page[RunOut])
@needs(Permission.VALUE_VIEW)
def list_runs(request: HttpRequest, query: Query[RunQuery]) -> Any:
    user = caller(request)
    rows = filtered(_runs(), query, {"state": "state"})
    return page(request, rows, query, shown=lambda found: [_run(user, one) for one in found])


@router.get("/value/runs/current", response=RunOut)
@needs(Permission.VALUE_VIEW)
def read_current_run(request: HttpRequest) -> Any:
    return _run(caller(request), _current())


@router.get("/value/runs/{int:run_id}", response=RunOut)
@needs(Permission.VALUE_VIEW)
def read_run(request: HttpRequest, run_id: int) -> Any:
    return _run(caller(request), _runs().get(pk=run_id))


@router.post("/value/runs", response={202: RunOut})
@needs(Permission.VALUE_RUN)
@costly
def request_run(request: HttpRequest, data: RunIn) -> Any:
    """Carried out by the worker; read the run to see how far it is. Refused while another one waits or works."""
    today = timezone.localdate()
    as_of = data.as_of or queries.suggested_as_of(today)
    queries.expect_past(as_of, today)
    return Status(202, _run(caller(request), actions.request_run(actor=caller(request), as_of=as_of)))


@router.post("/value/runs/{int:run_id}/cancel", response=RunOut)
@needs(Permission.VALUE_RUN)
def cancel_run(request: HttpRequest, run_id: int) -> Any:
    """A waiting one at once, a working one at its next step. The current scores stay as they are."""
    return _run(caller(request), actions.request_cancel(actor=caller(request), run_id=run_id))


@router.get("/value/runs/{int:run_id}/report", response=ReportOut)
@needs(Permission.VALUE_VIEW)
def read_report(request: HttpRequest, run_id: int) -> Any:
    """Parameters and log-likelihood of the models, and how they did on the part of the orders that was held back."""
    run = Run.objects.get(pk=run_id)
    return {
        "as_of": run.as_of, "assumptions": run.assumptions, "models": run.models_fitted,
        "back_test": run.report.get("back_test", {}), "alarms": run.report.get("alarms", []),
    }  # fmt: skip


@router.get("/value/breakdown", response=BreakdownOut)
@needs(Permission.VALUE_VIEW)
def read_breakdown(request: HttpRequest, query: Query[BreakdownQuery]) -> Any:
    """Grades, stages, RFM classes, segments, or the grid of recency by frequency."""
    run = _current()
    return {"as_of": run.as_of, "items": queries.breakdown(caller(request), run, query.by)}


@router.get("/value/totals", response=TotalsOut)
@needs(Permission.VALUE_VIEW)
def read_totals(request: HttpRequest) -> Any:
    run = _current()
    return {"as_of": run.as_of, **queries.totals(caller(request), run)}


@router.get("/value/scores", response=Page[ScoreOut])
@needs(Permission.VALUE_VIEW)
def list_scores(request: HttpRequest, query: Query[ScoreQuery]) -> Any:
    """Of the current run."""
    given = query.model_copy(update={name: getattr(query, name) or None for name in ("grade", "stage", "rfm_class")})
    rows = filtered(queries.visible_scores(caller(request), _current().pk).select_related("customer"), given, SCORES)
    return page(request, rows, query, sort=query.sort, key="customer_id", shown=lambda found: [_score(one) for one in found])


@router.get("/customers/{int:customer_id}/score", response=ScoreOut)
@needs(Permission.VALUE_VIEW)
def read_score(request: HttpRequest, customer_id: int) -> Any:
    """404 before the first run and for customers who never bought."""
    return _score(_scored(request, customer_id))


@router.post("/customers/{int:customer_id}/rescore", response=ScoreOut)
@needs(Permission.VALUE_RUN)
@costly
def rescore_customer(request: HttpRequest, customer_id: int) -> Any:
    """At once, from the customer's orders until today and what the current run learned."""
    customer = Customer.objects.visible_to(caller(request)).get(pk=customer_id)
    actions.rescore_customers(customer_ids=[customer.pk], as_of=timezone.localdate())
    return _score(_scored(request, customer_id))


@router.get("/value/assumptions", response=AssumptionsOut)
@needs(Permission.VALUE_VIEW)
def read_assumptions(request: HttpRequest) -> Any:
    return {name: asdict(settings_store.read(group)) for name, group in GROUPS.items()}


@router.patch("/value/assumptions", response=Assumed)
@needs(Permission.VALUE_RUN)
def change_assumptions(request: HttpRequest, data: Assumed) -> Any:
    """The next run goes by them."""
    return _change(request, Assumptions, data)


@router.patch("/value/assumptions/rfm", response=RfmAssumed)
@needs(Permission.VALUE_RUN)
def change_rfm_rules(request: HttpRequest, data: RfmAssumed) -> Any:
    _check_choice("method", data.method, RfmMethod.values)
    return _change(request, RfmRules, data)


@router.patch("/value/assumptions/grades", response=GradesAssumed)
@needs(Permission.VALUE_RUN)
def change_grade_rules(request: HttpRequest, data: GradesAssumed) -> Any:
    _check_choice("method", data.method, GradeMethod.values)
    _check_choice("basis", data.basis, GradeBasis.values)
    return _change(request, GradeRules, data)


@router.patch("/value/assumptions/costs", response=CostsAssumed)
@needs(Permission.VALUE_RUN)
def change_cost_rules(request: HttpRequest, data: CostsAssumed) -> Any:
    """What winning a customer, an order, a return and each kind of contact cost."""
    return _change(request, CostRules, data)


@router.patch("/value/assumptions/stages", response=StagesAssumed)
@needs(Permission.VALUE_RUN)
def change_stage_rules(request: HttpRequest, data: StagesAssumed) -> Any:
    return _change(request, StageRules, data)


@router.patch("/value/assumptions/credit", response=CreditAssumed)
@needs(Permission.VALUE_RUN)
def change_credit_rules(request: HttpRequest, data: CreditAssumed) -> Any:
    """Which share of a year is the limit of each grade, how many days it has to pay, and which delays lower a grade."""
    return _change(request, CreditRules, data)


def _runs() -> QuerySet[Run]:
    return Run.objects.select_related("started_by").defer("report", "models_fitted", "assumptions")


def _current() -> Run:
    run = queries.current_run()
    if run is None:
        raise Run.DoesNotExist
    return run


def _run(user: User, run: Run) -> dict[str, Any]:
    words = (
        "id", "as_of", "state", "is_current", "step", "progress", "seconds", "problem", "started_by", "created_at", "started_at",
        "finished_at",
    )  # fmt: skip
    whole = sees_all(user)
    equity = None if run.customer_equity is None or not whole else float(run.customer_equity)
    figures = {"customers": run.customers if whole else None, "orders": run.orders if whole else None, "customer_equity": equity}
    return {name: getattr(run, name) for name in words} | figures


def _scored(request: HttpRequest, customer_id: int) -> Score:
    rows = queries.visible_scores(caller(request), _current().pk).select_related("customer")
    return rows.get(customer_id=customer_id)


def _score(row: Score) -> dict[str, Any]:
    figures = {name: getattr(row, name) for name in ScoreOut.model_fields if name not in MONEY}
    return figures | {name: str(getattr(row, name)) for name in MONEY}


def _change(request: HttpRequest, group: Any, data: Strict) -> dict[str, Any]:
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in data.given().items()}
    return asdict(actions.change_assumptions(actor=caller(request), group=group, **given))


def _check_choice(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise bad_field(field, _("Choose one of: %(expected)s.") % {"expected": ", ".join(allowed)})
