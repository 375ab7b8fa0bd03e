from typing import Self

from django.db import models
from django.db.models import Q

from zhike.core.labels import Labelled
from zhike.core.models import StoredFile
from zhike.customers.choices import Channel, Direction, InteractionKind, InteractionState, Mood, Outcome, Purpose, Tone, Urgency
from zhike.customers.models.customer import Contact, Customer
from zhike.teams.access import rights_of
from zhike.teams.models import User


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def visible_to(self, user: User) -> Self:
        """Interactions follow their customer."""
        if rights_of(user).everything:
            return self.filter(customer__deleted_at=None)
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def open_problems(self) -> Self:
        """Unhappy customers and problems raised that nobody has put right."""
        return self.filter(_OPEN_PROBLEM)

    def planned(self) -> Self:
        return self.filter(state=InteractionState.PLANNED)

    def unsettled(self) -> Self:
        """Both: what somebody still has to see to."""
        return self.filter(_OPEN_PROBLEM | Q(state=InteractionState.PLANNED))


_OPEN_PROBLEM = (Q(outcome=Outcome.PROBLEM) | Q(mood=Mood.UNHAPPY)) & Q(state=InteractionState.DONE, resolved_at=None)


class Interaction(Labelled, models.Model):
    """One exchange with a customer through a touchpoint, done or planned. A planned one is a promised follow-up."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="interactions", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=InteractionKind)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.OUT)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.NOT_SELLING)
    state = models.CharField(max_length=10, choices=InteractionState, default=InteractionState.DONE)
    at = models.DateTimeField()  # when it happened, or is to happen
    minutes = models.SmallIntegerField(null=True, blank=True)
    summary = models.TextField(blank=True)
    mood = models.CharField(max_length=10, choices=Mood, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    staff = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="interactions", db_index=False)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next_steps", db_index=False)
    is_pinned = models.BooleanField(default=False)
    repeat_days = models.SmallIntegerField(null=True, blank=True)  # of a planned one: when done, plan the next so many days later
    resolved_at = models.DateTimeField(null=True, blank=True)  # of a problem or an unhappy customer: when it was put right
    files = models.ManyToManyField(StoredFile, blank=True, related_name="interactions")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = InteractionQuerySet.as_manager()

    class Meta:
        indexes = [
            # with kind and state, so that what contacts cost is added up without their rows
            models.Index(fields=["customer", "-at", "-id"], include=["kind", "state"], name="interaction_of_customer"),
            models.Index(fields=["staff", "at"], condition=Q(state="planned"), name="interaction_planned"),
            models.Index(fields=["staff", "-at"], name="interaction_by_staff"),
            models.Index(
                fields=["customer"],
                condition=(Q(outcome="problem") | Q(mood="unhappy")) & Q(state="done", resolved_at=None),
                name="interaction_open_problem",
            ),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="interaction_follows"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(minutes=None) | Q(minutes__gte=0), name="interaction_minutes_not_negative"),
            models.CheckConstraint(condition=Q(repeat_days=None) | Q(repeat_days__gt=0), name="interaction_repeats_later"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"

    @property
    def counts_as_contact(self) -> bool:
        """A note to ourselves and a call nobody answered are no contact."""
        return self.kind != InteractionKind.NOTE and self.outcome != Outcome.NOT_REACHED


class VoiceLabel(models.Model):
    """What a person said that the words of an interaction are about, in what tone, and how urgent. Empty: did not say."""

    interaction = models.OneToOneField(Interaction, primary_key=True, on_delete=models.CASCADE, related_name="voice_label")
    topic = models.CharField(max_length=20, blank=True)
    tone = models.CharField(max_length=12, choices=Tone, blank=True)
    urgency = models.CharField(max_length=6, choices=Urgency, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(topic="", tone="", urgency=""), name="voice_label_says_something"),
        ]

    def __str__(self) -> str:
        return f"#{self.interaction_id}"
