from django.db import models
from django.utils.translation import gettext_lazy as _


class Rule(models.TextChoices):
    """Why somebody is on the list of Today."""

    SLIPPING = "slipping", _("valued and slipping")
    NO_CONTACT = "no_contact", _("big customer without contact")
    SECOND_PURCHASE = "second_purchase", _("second purchase due")
    PROMISE = "promise", _("promised follow-up due")
    BIRTHDAY = "birthday", _("birthday")
    QUESTION = "question", _("question worth asking")


class SuggestionState(models.TextChoices):
    OPEN = "open", _("to do")
    DONE = "done", _("done")
    POSTPONED = "postponed", _("postponed")
    REFUSED = "refused", _("refused")
    EXPIRED = "expired", _("expired")


class Refusal(models.TextChoices):
    WRONG_TIME = "wrong_time", _("not now")
    NOT_FITTING = "not_fitting", _("does not fit this customer")
    ALREADY_DONE = "already_done", _("already done elsewhere")
    DO_NOT_DISTURB = "do_not_disturb", _("does not want to be disturbed")
    DATA_WRONG = "data_wrong", _("the data is wrong")
