"""Reads of the value domain."""

from zhike.value.queries.analyses import (
    analysis_under_way,
    current as current_analysis,
    currents as current_analyses,
    findings,
    group_sums,
    history,
    known_kinds,
    said_of,
    summary_of as summary_of_analysis,
)
from zhike.value.queries.credit import credit_decisions, may_see_credit, standing_of
from zhike.value.queries.decisions import decisions
from zhike.value.queries.figures import breakdown, sees_all, totals
from zhike.value.queries.leaving import fresh_leaving, leaving, value_at_risk, whom_to_win_back
from zhike.value.queries.pictures import curves, movement, spread, turning_down, whale
from zhike.value.queries.previews import stages_under
from zhike.value.queries.runs import current_run, expect_past, last_order_on, suggested_as_of, summary_of, under_way
from zhike.value.queries.scores import score_of, scores_of, trace, visible_scores

__all__ = [
    "analysis_under_way",
    "breakdown",
    "credit_decisions",
    "current_analyses",
    "current_analysis",
    "current_run",
    "curves",
    "decisions",
    "expect_past",
    "findings",
    "fresh_leaving",
    "group_sums",
    "history",
    "known_kinds",
    "last_order_on",
    "leaving",
    "may_see_credit",
    "movement",
    "said_of",
    "score_of",
    "scores_of",
    "sees_all",
    "spread",
    "stages_under",
    "standing_of",
    "suggested_as_of",
    "summary_of",
    "summary_of_analysis",
    "totals",
    "trace",
    "turning_down",
    "under_way",
    "value_at_risk",
    "visible_scores",
    "whale",
    "whom_to_win_back",
]  # fmt: skip
