from collections.abc import Iterable

from django.db.models import QuerySet

from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.models import Score
from zhike.value.queries.runs import current_run


def score_of(customer_id: int) -> Score | None:
    """What the current run says about a customer; None before the first run and for customers who never bought."""
    return scores_of([customer_id]).get(customer_id)


def scores_of(customer_ids: Iterable[int]) -> dict[int, Score]:
    """By customer, for a page of them. Two queries."""
    run = current_run()
    if run is None:
        return {}
    return {score.customer_id: score for score in Score.objects.filter(run_id=run.pk, customer_id__in=list(customer_ids))}


def trace(user: User, customer_id: int) -> list[Score]:
    """What each run that is kept said about a customer, the latest first; nothing without the right."""
    if not rights_of(user).allows(Permission.VALUE_VIEW):
        return []
    found = Score.objects.filter(customer_id=customer_id, customer__in=Customer.objects.visible_to(user))
    return list(found.order_by("-run_id"))


def visible_scores(user: User, run_id: int) -> QuerySet[Score]:
    """The scores of a run for the customers this person may see; none without the right to see value analysis."""
    if not rights_of(user).allows(Permission.VALUE_VIEW):
        return Score.objects.none()
    return Score.objects.filter(run_id=run_id, customer__in=Customer.objects.visible_to(user))
