"""Analyses and their findings, as the pages, the list, the record and the API read them."""

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Avg, Count, F, FilteredRelation, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from zhike.core import settings_store
from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.analyses.kind import Kind
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import Rhythm, RunState
from zhike.value.models import Analysis, Finding
from zhike.value.queries.figures import sees_all
from zhike.value.rules import AnalysisSchedule

DONE_KEPT = 12
UNDER_WAY = (RunState.WAITING, RunState.RUNNING)
PERIODS = {Rhythm.WEEKLY: datetime.timedelta(days=7), Rhythm.MONTHLY: datetime.timedelta(days=28)}


@dataclass(frozen=True)
class Said:
    """What the current analysis of a kind says about one customer."""

    kind: Kind
    analysis: Analysis
    finding: Finding

    @property
    def label(self) -> str:
        return self.kind.labels(self.analysis.report).get(self.finding.group or "", "")

    @property
    def sentence(self) -> str:
        return self.kind.sentence(self.finding, self.analysis.report)


def current(kind: str) -> Analysis | None:
    return Analysis.objects.filter(kind=kind, is_current=True).select_related("started_by").first()


def known_kinds(user: User) -> dict[str, Kind]:
    """The kinds whose findings this person is cleared for; none for who may not see value analysis."""
    rights = rights_of(user)
    if not rights.allows(Permission.VALUE_VIEW):
        return {}
    return {name: kind for name, kind in KINDS.items() if rights.shows(kind.confidentiality)}


def currents(user: User) -> dict[str, Analysis]:
    """By kind, for people who may see them; in one query."""
    kinds = known_kinds(user)
    found = {one.kind: one for one in Analysis.objects.filter(is_current=True)} if kinds else {}
    return {name: found[name] for name in kinds if name in found}


def analysis_under_way(kind: str) -> Analysis | None:
    return Analysis.objects.filter(kind=kind, state__in=UNDER_WAY).first()


def history(kind: str) -> QuerySet[Analysis]:
    """The latest first, without their reports."""
    return Analysis.objects.filter(kind=kind).select_related("started_by").defer("report")


def findings(user: User, analysis: Analysis) -> QuerySet[Finding]:
    """Of the customers this person may see; none of a kind that they may not."""
    if analysis.kind not in known_kinds(user):
        return Finding.objects.none()
    return Finding.objects.filter(analysis_id=analysis.pk, customer__in=Customer.objects.visible_to(user))


def group_sums(user: User, analysis: Analysis) -> list[dict[str, Any]]:
    """Customers, revenue, margin, lifetime value by group: from the report, or added up over the customers one may see."""
    if sees_all(user):
        kept: list[dict[str, Any]] = analysis.report.get("sums", [])
        return kept
    rows = findings(user, analysis).exclude(group=None)
    joined = rows.annotate(score=FilteredRelation("customer__scores", condition=Q(customer__scores__run_id=analysis.run_id)))
    sums = {name: Coalesce(Sum(Cast(F(f"score__{name}"), FloatField())), 0.0) for name in ("revenue", "margin", "clv")}
    found: Any = joined.order_by("group").values("group").annotate(customers=Count("customer_id"), mean=Avg("value"), **sums)
    return [{**{name: row[name] for name in ("group", "customers", *sums)}, "value": row["mean"]} for row in found]


def said_of(user: User, customer_id: int) -> list[Said]:
    """What all current analyses say about a customer, in the order of the kinds."""
    known = currents(user)
    found = {
        one.analysis_id: one
        for one in Finding.objects.filter(analysis_id__in=[one.pk for one in known.values()], customer_id=customer_id)
    }
    return [Said(KINDS[name], one, found[one.pk]) for name, one in known.items() if one.pk in found]


def rhythm_of(kind: str) -> str:
    return settings_store.read(AnalysisSchedule).rhythms.get(kind, Rhythm.OFF)


def due(now: datetime.datetime) -> list[str]:
    """The kinds whose schedule says that it is time: a period since somebody or something last asked for one."""
    rhythms = settings_store.read(AnalysisSchedule).rhythms
    found = []
    for kind, rhythm in rhythms.items():
        last = Analysis.objects.filter(kind=kind).exclude(state=RunState.CANCELLED).values_list("created_at", flat=True).first()
        # an hour early, so that a job that begins a little sooner than last time does not skip a day
        if (
            kind in KINDS
            and rhythm in PERIODS
            and (not last or now - last >= PERIODS[Rhythm(rhythm)] - datetime.timedelta(hours=1))
        ):
            found.append(kind)
    return found


def summary_of(analysis: Analysis) -> dict[str, Any]:
    """An analysis in the words of the command line and the API: figures that scripts rely on."""
    kind, done = KINDS[analysis.kind], analysis.state == RunState.DONE
    return {
        "id": analysis.pk,
        "kind": analysis.kind,
        "state": str(analysis.state),
        "problem": analysis.problem,
        "as_of": analysis.as_of.isoformat() if analysis.as_of else None,
        "options": analysis.options,
        "customers": analysis.customers,
        "headline": [asdict(one) for one in kind.headline(analysis.report)] if done else [],
        "groups": [{"label": label, **_of(analysis, code)} for code, label in kind.labels(analysis.report).items()] if done else [],
        "seconds": analysis.seconds,
    }


def _of(analysis: Analysis, code: str) -> dict[str, Any]:
    return next((row for row in analysis.report.get("sums", []) if row["group"] == code), {"group": code, "customers": 0})
