from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderKind(models.TextChoices):
    SALE = "sale", _("sale")
    RETURN = "return", _("return")


class VariantKind(models.TextChoices):
    SETTLEMENT = "settlement", _("by settlement")
    PROMOTION = "promotion", _("by promotion")
