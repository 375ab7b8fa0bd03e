"""Decisions of care: values in, values out."""

from zhike.care.rules.acts import Draft, Known, draft
from zhike.care.rules.birthdays import Birthdays, birthdays_between
from zhike.care.rules.ranking import Answers, acceptance, best_of_each, priority
from zhike.care.rules.settings import Acceptance, CareRules, CareTexts, SecondPurchase

__all__ = [
    "Acceptance", "Answers", "Birthdays", "CareRules", "CareTexts", "Draft", "Known", "SecondPurchase", "acceptance",
    "best_of_each", "birthdays_between", "draft", "priority",
]  # fmt: skip
