"""Every write of care: the demo company, suggestions and the answers to them."""

from zhike.care.actions.answering import postpone_suggestion, refuse_suggestion, reopen_suggestion
from zhike.care.actions.completing import complete_suggestion, follow_interaction
from zhike.care.actions.demo import DemoReport, DemoState, carry_out_demo, finish_demo, load_demo_company
from zhike.care.actions.generating import generate_suggestions, refresh_customers
from zhike.care.actions.handing_over import hand_over_suggestions
from zhike.care.actions.settings import change_care_rules, change_care_texts

__all__ = [
    "DemoReport", "DemoState", "carry_out_demo", "change_care_rules", "change_care_texts", "complete_suggestion", "finish_demo",
    "follow_interaction", "generate_suggestions", "hand_over_suggestions", "load_demo_company", "postpone_suggestion",
    "refresh_customers", "refuse_suggestion", "reopen_suggestion",
]  # fmt: skip
