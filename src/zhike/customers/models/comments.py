from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from zhike.customers.models.customer import Customer
from zhike.teams.access import rights_of
from zhike.teams.models import User


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> Self:
        """Comments follow their customer. Those on an entry that needs a right of its own: see `queries.comments`."""
        if rights_of(user).everything:
            return self.filter(customer__deleted_at=None)
        return self.filter(customer__in=Customer.objects.visible_to(user))


class Comment(models.Model):
    """What a colleague says to an entry of the timeline or to the record itself; `mentioned` were told of it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="comments", db_index=False)
    on = models.CharField(max_length=12, blank=True)  # the kind of the entry (interaction, order, audit); blank: the record
    on_id = models.BigIntegerField(null=True, blank=True)
    text = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    mentioned = ArrayField(models.BigIntegerField(), default=list, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["customer", "on", "on_id", "at"], name="comment_of_entry")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(on="", on_id=None) | (~Q(on="") & Q(on_id__isnull=False)), name="comment_on_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # not the text: the trail names records to who may not read them
