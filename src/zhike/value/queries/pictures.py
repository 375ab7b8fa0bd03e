"""What the charts are drawn from: from the run's report, or worked out over the customers that a person may see."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet

from zhike.teams.models import User
from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.models import Run, Score
from zhike.value.queries.figures import sees_all
from zhike.value.queries.scores import visible_scores
from zhike.value.rules import GradeRules, StageRules, restored

KINDS: Mapping[str, Any] = {"grade": Grade, "stage": Stage, "rfm_class": RfmClass}


def whale(user: User, run: Run) -> list[list[float]]:
    """Cumulative share of the contribution by the best 0, 1 … 100 per cent of the customers."""
    if sees_all(user):
        found: list[list[float]] = run.report.get("whale", [])
        return found
    import numpy as np  # here and below: only for who does not see everything

    from zhike.value import shapes

    return shapes.whale_curve(np.array(_column(visible_scores(user, run.pk), restored(GradeRules, run.assumptions).basis)))


def spread(user: User, run: Run) -> list[dict[str, float]]:
    """Histogram of the lifetime values."""
    if sees_all(user):
        found: list[dict[str, float]] = run.report.get("spread", [])
        return found
    import numpy as np

    from zhike.value import shapes

    return shapes.spread(np.array(_column(visible_scores(user, run.pk), "clv")))


def movement(user: User, run: Run) -> dict[str, Any] | None:
    """Who went from where to where since the run before: {"since", "run", "grade": {before: {after: customers}}, …}."""
    told: dict[str, Any] | None = run.report.get("movement")
    if told is None or sees_all(user):
        return told
    before = {row.pop("customer_id"): row for row in visible_scores(user, told["run"]).values("customer_id", *KINDS)}
    after = list(visible_scores(user, run.pk).values("customer_id", *KINDS))
    matrices: dict[str, dict[str, dict[str, int]]] = {name: {} for name in KINDS}
    for row in after:
        earlier = before.pop(row["customer_id"], {})
        for name, matrix in matrices.items():
            line = matrix.setdefault(earlier.get(name) or "", {})
            line[row[name] or ""] = line.get(row[name] or "", 0) + 1
    return {"since": told["since"], "run": told["run"], "left": len(before), **matrices}


def turning_down(user: User, run: Run) -> QuerySet[Score]:
    """Valued customers whose silence is improbable for their own rhythm and who are not lost yet: the dearest first."""
    alarm = restored(StageRules, run.assumptions).alarm_probability
    found = visible_scores(user, run.pk).filter(grade__in=[Grade.KEY, Grade.IMPORTANT], silence_probability__lt=alarm)
    dearest = found.exclude(stage=Stage.LOST).order_by(F("clv").desc(nulls_last=True), "-customer_id")
    return dearest.select_related("customer", "customer__owner")


def curves(user: User, run: Run, by: str = "grade") -> dict[str, list[float]]:
    """Expected margin of each coming quarter by grade, stage, class or segment; {} where the run did not keep it."""
    if sees_all(user):
        report = run.report
        found: dict[str, list[float]] = report.get("curves", {}) if by == "grade" else report.get("curves_of", {}).get(by, {})
        return found
    import numpy as np

    from zhike.value import equity
    from zhike.value.fitted import Customers
    from zhike.value.learned import Learned

    models = Learned.of(run).models
    if not models.complete:
        return {}
    names = ("frequency", "recency", "age", "mean_spend", "revenue", "margin", "p_alive", "expected_spend")
    rows = list(visible_scores(user, run.pk).exclude(**{by: None}).values_list(by, *names))
    if not rows:
        return {}
    columns = dict(zip(names, np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, len(names)).T, strict=True))
    p_alive, spend = columns.pop("p_alive"), columns.pop("expected_spend")
    groups = sorted({row[0] for row in rows})
    places = np.array([groups.index(row[0]) for row in rows], dtype=np.int64)
    lines = equity.curves(models, Customers(**columns), p_alive, spend, {by: places})[by]
    return dict(zip(groups, lines.tolist(), strict=True))


def _column(scores: QuerySet[Score], name: str) -> list[float]:
    return [float(value) for value in scores.values_list(name, flat=True) if value is not None]
