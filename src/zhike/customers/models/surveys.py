from typing import Self

from django.db import models
from django.db.models import F, Q

from zhike.customers.choices import AnswerRole
from zhike.customers.models.customer import Customer
from zhike.customers.models.imports import ImportBatch
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


class Survey(models.Model):
    """Questions that were asked together. Its answers came in with one file, and go with the undo of that import."""

    batch = models.OneToOneField(ImportBatch, null=True, on_delete=models.PROTECT, related_name="survey")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class SurveyQuestion(models.Model):
    """`number` ties what belongs together: what was expected of a thing to how it was, the two questions of a Kano pair."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    role = models.CharField(max_length=14, choices=AnswerRole)
    number = models.SmallIntegerField(default=0)
    title = models.CharField(max_length=80)
    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["survey", "role", "number"], name="survey_question_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="survey_question_scale"),
        ]

    def __str__(self) -> str:
        return self.title


class AnswerSheetQuerySet(models.QuerySet["AnswerSheet"]):
    def visible_to(self, user: User) -> Self:
        """Sheets follow their customer; those without one are for who sees all customers."""
        rights = rights_of(user)
        if not rights.allows(Permission.CUSTOMER_VIEW):
            return self.none()
        if rights.everything:
            return self.filter(Q(customer=None) | Q(customer__deleted_at=None))
        return self.filter(customer__in=Customer.objects.visible_to(user))


class AnswerSheet(models.Model):
    """What one person answered at one time; without a customer when it was given anonymously."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="sheets", db_index=False)  # the constraint's
    row = models.IntegerField()  # of the file
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="answer_sheets")
    day = models.DateField(null=True)
    shop = models.CharField(max_length=60, blank=True)
    product = models.CharField(max_length=160, blank=True)
    person = models.CharField(max_length=60, blank=True)
    words = models.TextField(blank=True)
    satisfaction = models.FloatField(null=True)  # 0 to 100: all in all, or else the mean of the things rated
    recommend = models.SmallIntegerField(null=True)  # 0 to 10

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "row"], name="answer_sheet_once")]
        indexes = [models.Index(F("day").desc(nulls_last=True), F("id").desc(), name="answer_sheet_by_day")]

    def __str__(self) -> str:
        return f"{self.survey_id}/{self.row}"


class Answer(models.Model):
    """One question answered, as a number of its scale; of a Kano question 1 (I like it) to 5 (I dislike it)."""

    sheet = models.ForeignKey(AnswerSheet, on_delete=models.CASCADE, related_name="answers", db_index=False)  # the constraint's
    question = models.ForeignKey(SurveyQuestion, on_delete=models.CASCADE, related_name="answers")
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.value:g}"
