"""Figures for the screens: for who sees everything from the run's report, for others added up over the customers they may see."""

from typing import Any

from django.db.models import Count, F, FloatField, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.models import Run, Score
from zhike.value.queries.scores import visible_scores

BY = {
    "grade": ("grade",), "stage": ("stage",), "rfm_class": ("rfm_class",), "segment": ("segment",), "treatment": ("treatment",),
    "grid": ("r_score", "f_score"),
}  # fmt: skip
MEASURES = ("orders", "revenue", "margin", "clv", "expected_orders", "cost", "profit")


def sees_all(user: User) -> bool:
    rights = rights_of(user)
    return rights.everything and rights.allows(Permission.CUSTOMER_VIEW)


def breakdown(user: User, run: Run, by: str) -> list[dict[str, Any]]:
    """Customers and sums by grade, stage, class, segment or grid cell."""
    if sees_all(user):
        found: list[dict[str, Any]] = run.report.get("breakdowns", {}).get(by, [])
        return found
    return _added_up(visible_scores(user, run.pk), BY[by])


def totals(user: User, run: Run) -> dict[str, float]:
    """Over all grades."""
    rows = breakdown(user, run, "grade")
    return {name: sum(row.get(name, 0) for row in rows) for name in ("customers", *MEASURES)}


def _added_up(scores: QuerySet[Score], by: tuple[str, ...]) -> list[dict[str, Any]]:
    sums = {f"sum_{name}": Coalesce(Sum(Cast(F(name), FloatField())), 0.0) for name in MEASURES}
    rows = scores.order_by(*by).values(*by).annotate(customers=Count("customer_id"), **sums)
    return [{key.removeprefix("sum_"): value for key, value in row.items()} for row in rows]
