from django.db import models
from django.db.models import F, Q

from zhike.customers.choices import PairState, SearchState
from zhike.customers.models.customer import Customer
from zhike.teams.models import User


class DuplicatePair(models.Model):
    """Two customers that may be one, waiting for somebody to decide."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    reasons = models.JSONField(default=list)  # ["phone", "name"], or of the search ["person.sound"]
    probability = models.FloatField(null=True)  # of the search; an exact match has none
    against = models.JSONField(default=list)  # of the search: ["region.different"]
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [models.Index(fields=["-found_at"], condition=Q(state="open"), name="duplicate_pair_open")]


class DuplicateSearch(models.Model):
    """One search of all customers for those that may be one."""

    state = models.CharField(max_length=10, choices=SearchState, default=SearchState.WAITING)
    progress = models.SmallIntegerField(default=0)  # per cent
    customers = models.IntegerField(default=0)
    found = models.IntegerField(default=0)  # pairs that are new in the queue
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)


class Merge(models.Model):
    """What a merge moved and overwrote, so that it can be taken back."""

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField()  # the values of both records that the merge changed
    moved = models.JSONField()  # {"model.field": [ids]}
    merged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
