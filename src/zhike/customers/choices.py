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


class Tone(models.TextChoices):
    """Of what a customer said."""

    FAVOURABLE = "favourable", _("favourable")
    NEUTRAL = "neutral", _("neutral")
    UNFAVOURABLE = "unfavourable", _("unfavourable")


class Urgency(models.TextChoices):
    CALM = "calm", _("not urgent")
    SOON = "soon", _("soon")
    NOW = "now", _("at once")


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
    ANSWERS = "answers", _("survey answers")


class AnswerRole(models.TextChoices):
    """What a question of a survey asks for."""

    OVERALL = "overall", _("overall satisfaction")
    RECOMMEND = "recommend", _("would recommend, 0–10")
    RATING = "rating", _("rating of one thing")
    EXPECTED = "expected", _("expectation of it")
    FUNCTIONAL = "functional", _("Kano: if it is there")
    DYSFUNCTIONAL = "dysfunctional", _("Kano: if it is missing")


class DuplicatePolicy(models.TextChoices):
    SKIP = "skip", _("skip")
    UPDATE = "update", _("update")
    KEEP_BOTH = "keep_both", _("keep both")


class Edited(models.TextChoices):
    """What an undo does with records that somebody has worked on since the import."""

    KEEP = "keep", _("keep")
    REMOVE = "remove", _("take back too")


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


class SearchState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class PairState(models.TextChoices):
    OPEN = "open", _("to review")
    MERGED = "merged", _("merged")
    DIFFERENT = "different", _("not the same")


class Problem(models.TextChoices):
    """What is wrong with a value somebody entered."""

    NO_DATE = "no_date", _("This is no date; write it like 2026-03-08.")
    IN_THE_FUTURE = "in_the_future", _("This lies in the future.")
    NO_LUNAR_DATE = "no_lunar_date", _("This is no lunar date; write month and day like 8-15.")
    TOO_LONG = "too_long", _("At most %(length)s characters.")
    BAD_SIGNS = "bad_signs", _("It contains characters that cannot be kept.")
    NO_NUMBER = "no_number", _("This is no number.")
    TOO_SMALL = "too_small", _("At least %(limit)s.")
    TOO_LARGE = "too_large", _("At most %(limit)s.")
    NOT_A_CHOICE = "not_a_choice", _("“%(value)s” is not one of the choices.")
    NOT_YES_OR_NO = "not_yes_or_no", _("Say yes or no.")
    NO_REFERENCE = "no_reference", _("This customer does not exist, or you may not see it.")
    NO_PHONE = "no_phone", _("This is no phone number; a landline needs its area code, a foreign number its +.")
    NO_EMAIL = "no_email", _("This is no e-mail address.")
    NO_CREDIT_CODE = "no_credit_code", _("This is no unified social credit code: 18 characters, the last checks the others.")
    NO_TIME = "no_time", _("This is no time; write it like 08:30.")
    NEEDED = "needed", _("This is needed.")
    NUMBER_TAKEN = "number_taken", _("Another customer has this number.")


class Barrier(models.TextChoices):
    """Why a customer may not be contacted now."""

    WITHDRAWN = "withdrawn", _("The customer has withdrawn consent.")
    NO_CONSENT = "no_consent", _("The customer has not consented.")
    DO_NOT_DISTURB = "do_not_disturb", _("The customer does not want to be disturbed.")
    QUIET_HOURS = "quiet_hours", _("These are the customer's quiet hours.")


class IdentifierKind(models.TextChoices):
    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    WECHAT = "wechat", _("WeChat")
    MEMBER_NO = "member_no", _("membership no.")
    PLATE = "plate", _("plate number")
    OTHER = "other", _("other")


class MassKind(models.TextChoices):
    """What can be done with many customers at once."""

    SET = "set", _("Change a field")
    HAND_OVER = "hand_over", _("Hand over")
    DEPARTMENT = "department", _("Change the department")
    TAG = "tag", _("Tag")
    HOLD_BACK = "hold_back", _("Hold back a control group")
    DELETE = "delete", _("Delete")
    RESTORE = "restore", _("Restore")
    UNDO = "undo", _("Undo")


class MassState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")
