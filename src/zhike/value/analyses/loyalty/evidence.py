"""What speaks for each of the four stages of loyalty, and how much."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STAGES = ("cognitive", "affective", "conative", "behavioural")


@dataclass(frozen=True)
class Piece:
    """`occasional`: whoever has none is not less known for it, as who never raised a problem has none put right."""

    stage: str
    column: str
    label: str | Promise
    meaning: str | Promise  # what 0, 50 and 100 are
    weight: float = 1.0
    occasional: bool = False


EVIDENCE = (
    Piece("cognitive", "price", _("pays our prices"), _("paid as a share of list price: 70 % is 0, 100 % is 100")),
    Piece("cognitive", "breadth", _("thinks of us for several needs"), _("product lines bought: one is 50, two 67, three 75")),
    Piece("cognitive", "rivals", _("does not speak of others"), _("share of the notes that name no competitor")),
    Piece("cognitive", "competitor", _("no competitor on record"), _("the field you chose: filled is 0, else not known"), 2, True),
    Piece("affective", "content", _("content in contacts"), _("mood, problems and tone of notes, older ones count less"), 2),
    Piece("affective", "recovery", _("problems put right"), _("share of the problems raised"), 1, True),
    Piece("conative", "interest", _("answers to offers"), _("bought 100, interested 80, declined 0"), 2),
    Piece("conative", "plan", _("a next step is agreed"), _("an open follow-up and no open problem: 100"), 0.5, True),
    Piece("conative", "refers", _("brings others"), _("has referred somebody: 100"), 1, True),
    Piece("behavioural", "amount", _("spends much"), _("52 weeks; a typical buyer of that time is 50")),
    Piece("behavioural", "orders", _("comes often"), _("52 weeks; a typical buyer of that time is 50")),
    Piece("behavioural", "duration", _("stays long"), _("first to last purchase; one year is 50")),
    Piece("behavioural", "active", _("is still there"), _("chance to be active, by BG/NBD"), 2),
    Piece("behavioural", "wallet", _("share of wallet"), _("ours of all they spend on it, by the field you chose"), 2),
)  # fmt: skip
