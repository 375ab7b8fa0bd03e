from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    PERSON = "person", _("person")
    ORGANISATION = "organisation", _("organisation")


class Ring(models.TextChoices):
    VISIBLE = "visible", _("visible")
    RELATED = "related", _("related")
    EXTENDED = "extended", _("extended")


class FieldType(models.TextChoices):
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    MONEY = "money", _("money")
    DATE = "date", _("date")
    LUNAR_DATE = "lunar_date", _("lunar date")
    CHOICE = "choice", _("choice")
    MULTI_CHOICE = "multi_choice", _("several choices")
    YES_NO = "yes_no", _("yes / no")
    REFERENCE = "reference", _("another customer")
    LOCATION = "location", _("location")


class Channel(models.TextChoices):
    """A touchpoint: how an exchange takes place, or is preferred."""

    PHONE = "phone", _("phone")
    VISIT = "visit", _("visit")
    STORE = "store", _("in the shop")
    WECHAT = "wechat", _("WeChat")
    SMS = "sms", _("text message")
    EMAIL = "email", _("e-mail")
    WEB = "web", _("web site")
    MAIL = "mail", _("letter")


class InteractionKind(models.TextChoices):
    CALL = "call", _("call")
    VISIT = "visit", _("visit")
    MEETING = "meeting", _("meeting")
    MESSAGE = "message", _("message")
    EMAIL = "email", _("e-mail")
    EVENT = "event", _("event")
    SURVEY = "survey", _("survey")
    GIFT = "gift", _("gift")
    HELP = "help", _("help given")
    NOTE = "note", _("note")


class Direction(models.TextChoices):
    OUT = "out", _("we to the customer")
    IN = "in", _("the customer to us")


class Purpose(models.TextChoices):
    SELLING = "selling", _("selling")
    NOT_SELLING = "not_selling", _("not selling")


class Mood(models.TextChoices):
    HAPPY = "happy", _("happy")
    NEUTRAL = "neutral", _("neutral")
    UNHAPPY = "unhappy", _("unhappy")


class Outcome(models.TextChoices):
    REACHED = "reached", _("reached")
    NOT_REACHED = "not_reached", _("not reached")
    INTERESTED = "interested", _("interested")
    BOUGHT = "bought", _("bought")
    DECLINED = "declined", _("declined")
    PROBLEM = "problem", _("problem raised")


class InteractionState(models.TextChoices):
    PLANNED = "planned", _("planned")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class RelationshipKind(models.TextChoices):
    REFERS = "refers", _("referred")
    KNOWS = "knows", _("knows")
    FAMILY = "family", _("family of")
    WORKS_AT = "works_at", _("works at")
    DECIDES_FOR = "decides_for", _("decides for")
    DEPENDS_ON = "depends_on", _("depends on")
    COMPETES_WITH = "competes_with", _("competes with")


class ConsentPurpose(models.TextChoices):
    SERVICE = "service", _("service messages")
    CARE = "care", _("care and greetings")
    MARKETING = "marketing", _("marketing")


class ImportKind(models.TextChoices):
    CUSTOMERS = "customers", _("customers")
    ORDERS = "orders", _("orders")


class DuplicatePolicy(models.TextChoices):
    SKIP = "skip", _("skip")
    UPDATE = "update", _("update")
    KEEP_BOTH = "keep_both", _("keep both")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class PairState(models.TextChoices):
    OPEN = "open", _("to review")
    MERGED = "merged", _("merged")
    DIFFERENT = "different", _("not the same")
