"""What comes first: gain, urgency, and how such suggestions were answered before."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zhike.care.choices import Rule
from zhike.care.rules.acts import Draft

PRIOR = 20  # answers' worth of doubt: a rule moves only when it was answered a good many times
LEAST_GAIN = 1.0  # so that urgency also orders what is worth little


@dataclass(frozen=True)
class Answers:
    """How often a rule's suggestions were done, and refused as not fitting."""

    done: int = 0
    refused: int = 0


def acceptance(answers: Mapping[str, Answers]) -> dict[str, float]:
    """Each rule's acceptance over that of all, drawn towards 1 where there are few answers, within a half and one and a half."""
    done = sum(one.done for one in answers.values())
    total = done + sum(one.refused for one in answers.values())
    if not total or not done:
        return dict.fromkeys(Rule.values, 1.0) | {rule: _bounded(PRIOR / (PRIOR + one.refused)) for rule, one in answers.items()}
    usual = done / total
    weights = dict.fromkeys(Rule.values, 1.0)
    for rule, one in answers.items():
        weights[rule] = _bounded((one.done + PRIOR * usual) / (one.done + one.refused + PRIOR) / usual)
    return weights


def _bounded(weight: float) -> float:
    return min(max(weight, 0.5), 1.5)


def urgency(rule: str, due_on: datetime.date, on: datetime.date) -> float:
    """What is promised or tied to a day cannot wait; the rest gains slowly as its deadline comes near."""
    left = (due_on - on).days
    near = 2.0 if left < 0 else 1.6 if left == 0 else 1.3 if left <= 3 else 1.1 if left <= 7 else 1.0
    return near * {Rule.PROMISE: 4.0, Rule.BIRTHDAY: 1.5}.get(Rule(rule), 1.0)


def priority(draft: Draft, weights: Mapping[str, float], on: datetime.date) -> float:
    return round(max(draft.gain, LEAST_GAIN) * urgency(draft.rule, draft.due_on, on) * weights.get(draft.rule, 1.0), 4)


def best_of_each(drafts: Iterable[Draft]) -> list[Draft]:
    """One suggestion a customer, the strongest; its other reasons are named in its facts. A promise goes before all else."""
    chosen: dict[int, Draft] = {}
    others: dict[int, list[str]] = {}
    for one in sorted(drafts, key=lambda one: (one.rule != Rule.PROMISE, -one.priority, one.rule)):
        if one.customer_id in chosen:
            others.setdefault(one.customer_id, []).append(one.rule)
        else:
            chosen[one.customer_id] = one
    for customer_id, rules in others.items():
        chosen[customer_id].facts["also"] = sorted(rules)
    return list(chosen.values())
