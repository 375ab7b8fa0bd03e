"""Reads of the value domain."""

from zhike.value.queries.decisions import decisions
from zhike.value.queries.figures import breakdown, sees_all, totals
from zhike.value.queries.leaving import leaving, value_at_risk
from zhike.value.queries.pictures import curves, movement, spread, turning_down, whale
from zhike.value.queries.previews import stages_under
from zhike.value.queries.runs import current_run, last_order_on, suggested_as_of, summary_of, under_way
from zhike.value.queries.scores import score_of, scores_of, trace, visible_scores

__all__ = [
    "breakdown",
    "current_run",
    "curves",
    "decisions",
    "last_order_on",
    "leaving",
    "movement",
    "score_of",
    "scores_of",
    "sees_all",
    "spread",
    "stages_under",
    "suggested_as_of",
    "summary_of",
    "totals",
    "trace",
    "turning_down",
    "under_way",
    "value_at_risk",
    "visible_scores",
    "whale",
]  # fmt: skip
