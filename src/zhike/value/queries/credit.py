"""How a customer stands with credit today: rated by the analysis, changed by facts, overruled by a decision."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from zhike.core import settings_store
from zhike.customers.choices import InteractionState, Outcome
from zhike.customers.models import Customer, Interaction
from zhike.sales.queries import Account, account_of
from zhike.teams.access import reached_by
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.choices import CreditState
from zhike.value.credit import Facts, Step, adjusted, limit_of, terms_of
from zhike.value.models import CreditDecision, Finding
from zhike.value.queries.analyses import current, known_kinds
from zhike.value.rules import CreditRules

KIND = "credit"


@dataclass(frozen=True)
class Standing:
    """`grade`, `limit` and `terms` hold now; they are empty while nothing is known."""

    account: Account
    finding: Finding | None = None
    decision: CreditDecision | None = None
    initial: str = ""
    ruled: str = ""  # by the rules: after the facts, before the decision
    steps: tuple[Step, ...] = ()
    grade: str = ""
    limit: Decimal | None = None
    terms: int | None = None

    @property
    def free(self) -> Decimal | None:
        return None if self.limit is None else self.limit - self.account.open

    def as_json(self) -> dict[str, Any]:
        """What a decision keeps of it."""
        score = self.finding.value if self.finding else None
        limit = None if self.limit is None else str(self.limit)
        return {"grade": self.grade, "initial": self.initial, "score": score, "limit": limit, "terms": self.terms}


def may_see_credit(user: User) -> bool:
    return KIND in known_kinds(user)


def standing_of(user: User, customer_id: int, today: datetime.date) -> Standing | None:
    """Of a customer that this person may see; None for who is not cleared for credit."""
    if not may_see_credit(user) or not Customer.objects.visible_to(user).filter(pk=customer_id).exists():
        return None
    return standing(customer_id, today)


def standing(customer_id: int, today: datetime.date) -> Standing:
    account = account_of(None, customer_id, today)
    decision = CreditDecision.objects.filter(customer=customer_id, state=CreditState.APPROVED).select_related("decided_by").first()
    analysis = current(KIND)
    finding = Finding.objects.filter(analysis_id=analysis.pk, customer_id=customer_id).first() if analysis else None
    rules = settings_store.read(CreditRules)
    guarantee = decision.guarantee if decision else Decimal(0)
    detail = finding.detail if finding and finding.detail else {}
    initial, ruled = detail.get("initial", ""), ""
    told: list[Step] = []
    if initial:
        ruled, told = adjusted(initial, Facts(account.days, _disputes(customer_id), guarantee), rules)
    grade = (decision.grade if decision else "") or ruled
    limit, terms = None, None
    if grade:
        limit, terms = limit_of(grade, detail.get("yearly", {}), rules, guarantee), terms_of(grade, rules)
    if decision:
        limit = limit if decision.limit is None else decision.limit
        terms = terms if decision.terms is None else decision.terms
    return Standing(account, finding, decision, initial, ruled, tuple(told), grade, limit, terms)


def _disputes(customer_id: int) -> int:
    told = Interaction.objects.filter(customer=customer_id, outcome=Outcome.PROBLEM, state=InteractionState.DONE, resolved_at=None)
    return told.count()


def credit_decisions(user: User) -> "QuerySet[CreditDecision]":
    """About customers that this person may see, the latest first; none for who is not cleared for credit."""
    if not may_see_credit(user):
        return CreditDecision.objects.none()
    rows = CreditDecision.objects.filter(customer__in=Customer.objects.visible_to(user))
    return rows.select_related("customer", "asked_by", "decided_by")


def approvers_of_credit(customer: Customer) -> list[User]:
    """Whoever may decide and is cleared for credit: somebody else could not open what they are told of."""
    found = reached_by(owner=customer.owner_id, department=customer.department_id, permissions={Permission.CREDIT_APPROVE})
    return [one for one in found if may_see_credit(one)]
