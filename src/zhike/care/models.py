from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from zhike.care.choices import Refusal, Rule, SuggestionState
from zhike.core.labels import Labelled
from zhike.customers.choices import Channel
from zhike.customers.models import Customer, Interaction
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


def of_customer(condition: Q) -> Exists:
    """Whether the customer of a suggestion is one of those few whom an index sets apart: the living whom one may disturb at any
    hour need not be looked at one by one."""
    return Exists(Customer.objects.filter(condition, pk=OuterRef("customer_id")))


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: User) -> Self:
        rights = rights_of(user)
        if rights.everything and rights.allows(Permission.CUSTOMER_VIEW):
            return self.filter(~of_customer(Q(deleted_at__isnull=False)))
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Suggestion(Labelled, models.Model):
    """A next best action: do this for that customer, because of that, by then, worth so much. Answers are kept for learning."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="suggestions")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="suggestions")
    rule = models.CharField(max_length=20, choices=Rule)
    facts = models.JSONField(default=dict)  # the figures behind the reason sentence
    gain = models.FloatField()  # expected, in money
    priority = models.FloatField()
    due_on = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.OPEN)
    refusal = models.CharField(max_length=20, choices=Refusal, blank=True)
    note = models.CharField(max_length=200, blank=True)
    postponed_until = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    interaction = models.ForeignKey(Interaction, null=True, on_delete=models.SET_NULL, related_name="answers")
    promised = models.ForeignKey(
        Interaction, null=True, on_delete=models.CASCADE, related_name="+"
    )  # the planned one, for promises
    result_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # orders within 30 days of doing it
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["assignee", "-priority"], condition=Q(state="open"), name="suggestion_open"),
            models.Index(fields=["-priority", "customer"], condition=Q(state="open"), name="suggestion_open_of_all"),
            models.Index(fields=["customer", "-created_at"], name="suggestion_of_customer"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "rule"], condition=Q(state__in=["open", "postponed"]), name="suggestion_open_once"
            )
        ]
