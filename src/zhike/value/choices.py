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


class RfmSegment(models.TextChoices):
    """The finer map of eleven."""

    CHAMPION = "champion", _("champion")
    LOYAL = "loyal", _("loyal")
    POTENTIAL_LOYALIST = "potential_loyalist", _("potential loyalist")
    NEW = "new", _("new")
    PROMISING = "promising", _("promising")
    NEED_ATTENTION = "need_attention", _("needs attention")
    ABOUT_TO_SLEEP = "about_to_sleep", _("about to sleep")
    AT_RISK = "at_risk", _("at risk")
    CANNOT_LOSE = "cannot_lose", _("cannot lose")
    HIBERNATING = "hibernating", _("hibernating")
    LOST = "lost", _("lost")


class RfmMethod(models.TextChoices):
    QUANTILE = "quantile", _("by fifths of the customers")
    FIXED = "fixed", _("by fixed cuts")


class GradeMethod(models.TextChoices):
    CONTRIBUTION = "contribution", _("by cumulative contribution")
    THRESHOLD = "threshold", _("by thresholds")


class GradeBasis(models.TextChoices):
    MARGIN = "margin", _("margin so far")
    REVENUE = "revenue", _("revenue so far")
    CLV = "clv", _("lifetime value")


class Treatment(models.TextChoices):
    """Of the eight cells of cost × present profit × future profit."""

    KEEP = "keep", _("keep close")  # low, high, high
    INVEST = "invest", _("invest")  # high, high, high
    HARVEST = "harvest", _("harvest")  # low, high, low
    ECONOMISE = "economise", _("lower the cost")  # high, high, low
    DEVELOP = "develop", _("develop")  # low, low, high
    WATCH = "watch", _("watch")  # high, low, high
    AUTOMATE = "automate", _("serve at no cost")  # low, low, low
    LET_GO = "let_go", _("let go")  # high, low, low


class Step(models.TextChoices):
    """What a run does, in this order."""

    FACTS = "facts", _("copy the orders")
    SUMMARIES = "summaries", _("add up by customer")
    RFM = "rfm", _("recency, frequency, money")
    FIT = "fit", _("fit the models")
    PREDICT = "predict", _("predict")
    GRADES = "grades", _("grade")
    STAGES = "stages", _("place in the lifecycle")
    REPORT = "report", _("report")
    WRITE = "write", _("write back")


class AnalysisStep(models.TextChoices):
    """What an analysis does, in this order."""

    FACTS = "facts", _("copy the orders")
    COMPUTE = "compute", _("compute")
    WRITE = "write", _("write back")


class Rhythm(models.TextChoices):
    """How often an analysis is carried out by itself."""

    OFF = "off", _("only on demand")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class CreditState(models.TextChoices):
    """Of a credit decision that deviates from the rules."""

    ASKED = "asked", _("waiting for approval")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("declined")
    ENDED = "ended", _("ended")
