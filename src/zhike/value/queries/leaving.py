"""Who may be leaving, and what that would cost."""

import datetime
from typing import Any

from django.db.models import Case, ExpressionWrapper, F, FilteredRelation, FloatField, Q, QuerySet, Sum, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from zhike.teams.models import User
from zhike.value.choices import Stage
from zhike.value.models import Analysis, Finding, Run, Score
from zhike.value.queries.analyses import findings
from zhike.value.queries.figures import sees_all
from zhike.value.queries.scores import visible_scores
from zhike.value.rules import RARELY_ALIVE

FRESH = 45  # days for which the chances that were learned are gone by


def leaving(user: User, run: Run, learned: Analysis | None = None) -> QuerySet[Score]:
    """Customers by `at_risk`, what their leaving would cost times how likely it is; the dearest first. How likely says what was
    `learned` of those who left, where that is known, else the model that knows purchases only."""
    rows = _at_risk(user, run) if learned is None else _lost(user, run, learned)
    dearest: QuerySet[Score] = rows.exclude(stage=Stage.LOST).filter(at_risk__gt=0).order_by("-at_risk", "-customer_id")
    return dearest.select_related("customer", "customer__owner")


def whom_to_win_back(user: User, *, limit: int = 10) -> list[Finding]:
    """Those who have gone and whose winning back brings most, as the current analysis has it; none without one."""
    current = Analysis.objects.filter(kind="winback", is_current=True).only("pk").first()
    if current is None:
        return []
    rows = findings(user, current).filter(value__gt=0).order_by(F("value").desc(nulls_last=True), "-customer_id")
    return list(rows.select_related("customer__owner")[:limit])


def fresh_leaving(on: datetime.date) -> tuple[int, datetime.date] | None:
    """The analysis of leaving whose chances still hold on that day, and as of when it is."""
    known = Analysis.objects.filter(kind="leaving", is_current=True, as_of__gte=on - datetime.timedelta(days=FRESH)).only("as_of")
    found = known.first()
    return (found.pk, found.as_of) if found and found.as_of else None


def value_at_risk(user: User, run: Run) -> dict[str, dict[str, float]]:
    """By stage: lifetime value as expected, and the part that leaving has put at risk."""
    if sees_all(user) and (kept := run.report.get("at_risk")):
        return {row["stage"] or "": {"value": row["value"], "risk": row["risk"]} for row in kept}
    rows = _at_risk(user, run).order_by("stage").values("stage").annotate(value=Sum("clv"), risk=Sum("at_risk"))
    return {row["stage"] or "": {"value": row["value"] or 0.0, "risk": row["risk"] or 0.0} for row in rows}


def _lost(user: User, run: Run, learned: Analysis) -> Any:
    """Scores with what the analysis of leaving expects to be lost, as `at_risk`."""
    of_it = Q(customer__findings__analysis_id=learned.pk)
    rows = visible_scores(user, run.pk).annotate(finding=FilteredRelation("customer__findings", condition=of_it))
    lost: Any = Cast(KeyTextTransform("lost", "finding__detail"), FloatField())
    # The index knows the dearest of all: of some customers they are found sooner by looking at these, as an expression makes sure.
    return rows.annotate(at_risk=lost if sees_all(user) else Coalesce(lost, 0.0))


def _at_risk(user: User, run: Run) -> Any:  # scores with the annotation `at_risk`
    """The lifetime value counts in P(alive): an active customer is worth clv ÷ P(alive), and of that 1 − P(alive) is at risk."""
    odds = ExpressionWrapper(F("clv") * (1.0 - F("p_alive")) / F("p_alive"), output_field=FloatField())
    known = Case(When(p_alive__gte=RARELY_ALIVE, then=odds), default=0.0, output_field=FloatField())
    return visible_scores(user, run.pk).filter(frequency__gt=0, clv__gt=0).annotate(at_risk=known)
