"""Every write of the value domain."""

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
    "RunUnderWay", "carry_out", "change_assumptions", "record_decision",
    "refresh_scores", "request_cancel", "request_run", "rescore_customers",
    "run_incremental", "run_nightly", "run_scoring",
]  # fmt: skip
