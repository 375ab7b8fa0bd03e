from django.db import models
from django.utils.translation import gettext_lazy as _


class Grade(models.TextChoices):
    KEY = "key", _("key")
    IMPORTANT = "important", _("important")
    REGULAR = "regular", _("regular")
    SMALL = "small", _("small")


class Stage(models.TextChoices):
    EXPLORING = "exploring", _("exploring")
    FORMING = "forming", _("forming")
    STABLE = "stable", _("stable")
    DECLINING = "declining", _("declining")
    LOST = "lost", _("lost")


class RfmClass(models.TextChoices):
    """The eight classes of Chinese practice: recent or not, often or not, much or not."""

    IMPORTANT_VALUE = "important_value", _("important: value")  # R+ F+ M+
    IMPORTANT_DEVELOP = "important_develop", _("important: develop")  # R+ F- M+
    IMPORTANT_KEEP = "important_keep", _("important: keep")  # R- F+ M+
    IMPORTANT_RETAIN = "important_retain", _("important: retain")  # R- F- M+
    GENERAL_VALUE = "general_value", _("general: value")  # R+ F+ M-
    GENERAL_DEVELOP = "general_develop", _("general: develop")  # R+ F- M-
    GENERAL_KEEP = "general_keep", _("general: keep")  # R- F+ M-
    GENERAL_RETAIN = "general_retain", _("general: retain")  # R- F- M-


class RunState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
