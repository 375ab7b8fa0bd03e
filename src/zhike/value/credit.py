"""What follows from a credit grade and the facts of the day. Pure: values in, value out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zhike.value.rules import CreditRules

GRADES = "ABCDE"
HUNDRED = 100
Step = tuple[str, float]  # which fact, and how much of it: days, number, money


@dataclass(frozen=True)
class Facts:
    """What changes a grade whatever the score says."""

    overdue_days: int = 0  # of the oldest order not paid in time
    disputes: int = 0  # problems told and not put right
    guarantee: Decimal = Decimal(0)


def adjusted(grade: str, facts: Facts, rules: CreditRules) -> tuple[str, list[Step]]:
    """The grade after the facts, and which of them counted. A guarantee lifts one grade, but nobody out of a long delay."""
    steps: list[Step] = []
    down = 0
    if facts.overdue_days > rules.long_overdue_days:
        steps.append(("long_overdue", facts.overdue_days))
        down += 2
    elif facts.overdue_days > rules.overdue_days:
        steps.append(("overdue", facts.overdue_days))
        down += 1
    if facts.disputes:
        steps.append(("dispute", facts.disputes))
        down += 1
    if facts.guarantee > 0 and facts.overdue_days <= rules.long_overdue_days:
        steps.append(("guarantee", float(facts.guarantee)))
        down -= 1
    return GRADES[min(max(GRADES.index(grade) + down, 0), len(GRADES) - 1)], steps


def limit_of(grade: str, yearly: Mapping[str, float], rules: CreditRules, guarantee: Decimal = Decimal(0)) -> Decimal:
    """A share of what the customer bought in a year, in whole hundreds, and what is guaranteed besides. `yearly`: by basis."""
    share = rules.shares[GRADES.index(grade)]
    own = min(share * max(yearly.get(rules.basis, 0.0), 0.0), rules.most)
    return Decimal(int(own // HUNDRED) * HUNDRED) + guarantee


def terms_of(grade: str, rules: CreditRules) -> int:
    return int(rules.terms[GRADES.index(grade)])


def grade_of(score: float, cuts: Sequence[float]) -> str:
    """`cuts`: from which score on A, B, C, D."""
    return next((GRADES[place] for place, cut in enumerate(cuts) if score >= cut), GRADES[-1])
