"""Analyses: kinds, carrying out, results, findings of single customers, schedule."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from zhike.api.door import caller, costly, needs
from zhike.api.paging import filtered, page
from zhike.api.problems import bad_field
from zhike.api.schemas.analyses import (
    AnalysisIn,
    AnalysisOut,
    AnalysisQuery,
    ComparedOut,
    ComparisonQuery,
    FindingOut,
    FindingQuery,
    KeepIn,
    KindOut,
    NameIn,
    ResultOut,
    RhythmIn,
)
from zhike.api.schemas.pages import Page
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.analyses import asks
from zhike.value.analyses.kind import Kind
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import RunState
from zhike.value.models import Analysis
from zhike.value.queries.analyses import rhythm_of
from zhike.value.queries.figures import sees_all

router = Router(tags=["value"])
FINDINGS = {"group": "group", "value_from": "value__gte", "value_until": "value__lte"}
PLAIN = (
    "id", "kind", "state", "is_current", "is_kept", "step", "progress", "options", "as_of", "seconds", "problem", "started_by",
    "created_at", "started_at", "finished_at",
)  # fmt: skip


@router.get("/analyses/kinds", response=list[KindOut])
@needs(Permission.VALUE_VIEW)
def list_analysis_kinds(request: HttpRequest) -> Any:
    user = caller(request)
    current = queries.current_analyses(user)
    return [_kind(kind, current.get(name)) for name, kind in queries.known_kinds(user).items()]


@router.put("/analyses/kinds/{str:kind}/rhythm", response=KindOut)
@needs(Permission.VALUE_RUN)
def schedule_analysis(request: HttpRequest, kind: str, data: RhythmIn) -> Any:
    """Off, weekly or monthly; carried out at night with the options of the current one."""
    _known(caller(request), kind)
    actions.schedule_analysis(actor=caller(request), kind=kind, rhythm=data.rhythm)
    return _kind(KINDS[kind], queries.current_analysis(kind))


@router.get("/analyses", response=Page[AnalysisOut])
@needs(Permission.VALUE_VIEW)
def list_analyses(request: HttpRequest, query: Query[AnalysisQuery]) -> Any:
    user = caller(request)
    rows = filtered(_rows(user).defer("report"), query, {"kind": "kind", "state": "state"})
    return page(request, rows, query, shown=lambda found: [_analysis(user, one) for one in found])


@router.post("/analyses", response={202: AnalysisOut})
@needs(Permission.VALUE_RUN)
@costly
def request_analysis(request: HttpRequest, data: AnalysisIn) -> Any:
    """Carried out by the worker. Refused while one of its kind waits or works, and before the first value run."""
    user = caller(request)
    return Status(202, _analysis(user, actions.request_analysis(actor=user, kind=data.kind, options=data.options)))


@router.get("/analyses/compare", response=list[ComparedOut])
@needs(Permission.VALUE_VIEW)
def compare_analyses(request: HttpRequest, query: Query[ComparisonQuery]) -> Any:
    """The headlines of two analyses of one kind side by side."""
    done = _rows(caller(request)).filter(state=RunState.DONE)
    first, second = done.get(pk=query.first), done.get(pk=query.second)
    if first.kind != second.kind:
        raise bad_field("second", _("The two analyses are of different kinds."))
    if not _open(caller(request), KINDS[first.kind]):
        return []
    before, now = ({one.code: one for one in KINDS[row.kind].headline(row.report)} for row in (first, second))
    return [
        {"code": code, "label": (now.get(code) or before[code]).label, "unit": (now.get(code) or before[code]).unit,
         "first": before[code].value if code in before else None, "second": now[code].value if code in now else None}
        for code in dict.fromkeys([*now, *before])
    ]  # fmt: skip


@router.get("/analyses/{int:analysis_id}", response=ResultOut)
@needs(Permission.VALUE_VIEW)
def read_analysis(request: HttpRequest, analysis_id: int) -> Any:
    user = caller(request)
    one = _rows(user).get(pk=analysis_id)
    kind, done = KINDS[one.kind], one.state == RunState.DONE
    is_open = done and _open(user, kind)
    labels = kind.labels(one.report)
    return _analysis(user, one) | {
        "headline": [asdict(figure) for figure in kind.headline(one.report)] if is_open else [],
        "groups": [
            {**row, "code": row["group"], "label": labels.get(row["group"], "")} for row in queries.group_sums(user, one)
        ] if done else [],
        "report": one.report if is_open else {},
    }  # fmt: skip


@router.post("/analyses/{int:analysis_id}/cancel", response=AnalysisOut)
@needs(Permission.VALUE_RUN)
def cancel_analysis(request: HttpRequest, analysis_id: int) -> Any:
    """A waiting one at once, a working one where it next looks. What is current stays as it is."""
    return _analysis(caller(request), actions.request_cancel_analysis(actor=caller(request), analysis_id=analysis_id))


@router.post("/analyses/{int:analysis_id}/keep", response=AnalysisOut)
@needs(Permission.VALUE_RUN)
def keep_analysis(request: HttpRequest, analysis_id: int, data: KeepIn) -> Any:
    """A kept one stays when older ones are let go of."""
    return _analysis(caller(request), actions.keep_analysis(actor=caller(request), analysis_id=analysis_id, kept=data.kept))


@router.post("/analyses/{int:analysis_id}/name", response=AnalysisOut)
@needs(Permission.VALUE_RUN)
def name_group(request: HttpRequest, analysis_id: int, data: NameIn) -> Any:
    """A word for a group, kept when the same group is found again."""
    actor = caller(request)
    return _analysis(actor, actions.name_group(actor=actor, analysis_id=analysis_id, group=data.group, name=data.name))


@router.get("/analyses/{int:analysis_id}/findings", response=Page[FindingOut])
@needs(Permission.VALUE_VIEW)
def list_findings(request: HttpRequest, analysis_id: int, query: Query[FindingQuery]) -> Any:
    """What it says about the customers that the caller may see."""
    one = _rows(caller(request)).get(pk=analysis_id, state=RunState.DONE)
    kind = KINDS[one.kind]
    labels = kind.labels(one.report)
    rows = filtered(queries.findings(caller(request), one).select_related("customer"), query, FINDINGS)
    return page(request, rows, query, sort=query.sort, key="customer_id", shown=lambda found: [
        {"customer": row.customer, "group": row.group, "label": labels.get(row.group or "", ""), "value": row.value,
         "sentence": kind.sentence(row, one.report)}
        for row in found
    ])  # fmt: skip


def _rows(user: User) -> Any:
    return Analysis.objects.filter(kind__in=queries.known_kinds(user)).select_related("started_by")


def _known(user: User, kind: str) -> None:
    if kind not in queries.known_kinds(user):
        raise Analysis.DoesNotExist


def _open(user: User, kind: Kind) -> bool:
    return sees_all(user) or kind.for_everybody


def _analysis(user: User, one: Analysis) -> dict[str, Any]:
    return {name: getattr(one, name) for name in PLAIN} | {
        "customers": one.customers if sees_all(user) else None, "run": one.run_id
    }  # fmt: skip


def _kind(kind: Kind, current: Analysis | None) -> dict[str, Any]:
    defaults = asks.defaults_of(kind.options)
    return {
        "name": kind.name, "title": str(kind.title), "purpose": str(kind.purpose), "minimum": str(kind.minimum),
        "rhythm": rhythm_of(kind.name), "current": current.pk if current else None,
        "options": [_option(name, one, defaults[name]) for name, one in asks.asks_of(kind.options).items()],
    }  # fmt: skip


def _option(name: str, one: asks.Ask, default: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "label": str(one.label), "help": str(one.help), "default": default}
    if isinstance(one, asks.Number):
        return told | {"type": "integer" if one.whole else "number", "from": one.low, "until": one.high}
    if isinstance(one, asks.Switch):
        return told | {"type": "yes_no"}
    if isinstance(one, asks.Lines | asks.Word):
        return told | {"type": "text", "until": one.longest}
    if isinstance(one, asks.Day):
        return told | {"type": "date"}
    choices = [{"code": code, "label": str(label)} for code, label in one.choices()]
    return told | {"type": "choice" if isinstance(one, asks.OneOf) else "choices", "choices": choices}
