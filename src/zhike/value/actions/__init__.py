"""Every write of the value domain."""

from zhike.value.actions.analyses import (
    carry_out_analysis,
    keep_analysis,
    name_group,
    request_analysis,
    request_cancel_analysis,
    run_analysis,
    run_due_analyses,
    schedule_analysis,
)
from zhike.value.actions.credit import ask_credit, decide_credit, end_credit
from zhike.value.actions.rescoring import rescore_customers
from zhike.value.actions.runs import (
    carry_out,
    refresh_scores,
    request_cancel,
    request_run,
    run_incremental,
    run_nightly,
    run_scoring,
)
from zhike.value.actions.settings import change_assumptions, record_decision
from zhike.value.locks import RunUnderWay

__all__ = [
    "RunUnderWay",
    "ask_credit",
    "carry_out",
    "carry_out_analysis",
    "change_assumptions",
    "decide_credit",
    "end_credit",
    "keep_analysis",
    "name_group",
    "record_decision",
    "refresh_scores",
    "request_analysis",
    "request_cancel",
    "request_cancel_analysis",
    "request_run",
    "rescore_customers",
    "run_analysis",
    "run_due_analyses",
    "run_incremental",
    "run_nightly",
    "run_scoring",
    "schedule_analysis",
]  # fmt: skip
