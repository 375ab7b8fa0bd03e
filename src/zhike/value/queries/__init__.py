"""Reads of the value domain."""

from zhike.value.queries.figures import breakdown, totals
from zhike.value.queries.runs import current_run, last_order_on, suggested_as_of, summary_of, under_way
from zhike.value.queries.scores import score_of, scores_of, visible_scores

__all__ = [
    "breakdown", "current_run", "last_order_on", "score_of", "scores_of", "suggested_as_of",
    "summary_of", "totals", "under_way", "visible_scores",
]  # fmt: skip
