from django.db import models
from django.db.models import Q

from zhike.customers.choices import FieldType, Ring
from zhike.teams.choices import Confidentiality


class FieldDefinition(models.Model):
    """A field of the information model: its ring, type, purpose, confidentiality, shelf life.

    `is_column` fields are columns of Customer (phone, birthday …); the others live in `Customer.profile` under their code.
    """

    code = models.CharField(max_length=40, unique=True)
    label_zh = models.CharField(max_length=40)
    label_en = models.CharField(max_length=60)
    ring = models.CharField(max_length=10, choices=Ring)
    type = models.CharField(max_length=14, choices=FieldType)
    unit_zh = models.CharField(max_length=20, blank=True)
    unit_en = models.CharField(max_length=20, blank=True)
    choices = models.JSONField(default=list, blank=True)  # [{"code": …, "zh": …, "en": …}]
    minimum = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    confidentiality = models.CharField(max_length=20, choices=Confidentiality, default=Confidentiality.INTERNAL)
    purpose = models.CharField(max_length=200, blank=True)  # what it is for; blank: collected and used by nothing
    used_by = models.JSONField(default=list, blank=True)  # what uses it: "care.birthday", "value.rfm", "script", …
    weight = models.SmallIntegerField(default=1)  # in completeness; 0: not expected
    shelf_life_days = models.IntegerField(null=True, blank=True)  # null: does not age
    question_zh = models.CharField(max_length=120, blank=True)  # how to ask for it
    question_en = models.CharField(max_length=160, blank=True)
    applies_to = models.CharField(max_length=12, blank=True)  # blank: both; person or organisation
    position = models.IntegerField(default=0)
    is_column = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("ring", "position", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="field_code_is_a_word"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="field_weight_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str) -> str:
        return self.label_zh if language.startswith("zh") else self.label_en

    def unit(self, language: str) -> str:
        """Where only one is given (㎡), it is both."""
        return (self.unit_zh or self.unit_en) if language.startswith("zh") else (self.unit_en or self.unit_zh)

    def title(self, language: str) -> str:
        """The label with its unit."""
        unit = self.unit(language)
        return self.label(language) + (f" ({unit})" if unit else "")

    def question(self, language: str) -> str:
        return self.question_zh if language.startswith("zh") else self.question_en
