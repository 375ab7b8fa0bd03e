"""What rules would bring, without writing anything: before an administrator saves them, and why the order is as it is."""

import datetime
from collections import Counter
from dataclasses import dataclass

from zhike.care.choices import Rule
from zhike.care.queries.candidates import count_candidates
from zhike.care.queries.planning import answers_until, longest_allowed, planned_suggestions, scope_on
from zhike.care.rules import Answers, CareRules


@dataclass(frozen=True)
class Outlook:
    """Of one rule: how many customers it finds, how many of them stand on a list, and how its suggestions are taken."""

    rule: str
    label: str
    is_on: bool
    customers: int
    listed: int
    done: int
    refused: int
    weight: float


def outlook(rules: CareRules, on: datetime.date) -> list[Outlook]:
    """Two passes over all customers: seconds where there are hundreds of thousands."""
    scope = scope_on(on, rules=rules)
    found = count_candidates(scope)
    listed = Counter(one.rule for one in longest_allowed(planned_suggestions(scope), rules))
    answers = answers_until(on)
    return [
        Outlook(
            rule.value, str(rule.label), rules.is_on(rule), found.get(rule, 0), listed[rule.value],
            answers.get(rule, Answers()).done, answers.get(rule, Answers()).refused, scope.weights.get(rule, 1.0),
        )
        for rule in Rule
    ]  # fmt: skip
