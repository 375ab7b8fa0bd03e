"""What speaks for each of the nine indicators, and how much."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Piece:
    indicator: str
    column: str
    label: str | Promise
    weight: float = 1.0
    more_is_better: bool = True


EVIDENCE = (
    Piece("profit", "profit", _("margin of the last 52 weeks"), 2),
    Piece("profit", "margin_rate", _("margin as a share of revenue")),
    Piece("volume", "spend", _("revenue of the last 52 weeks"), 2),
    Piece("volume", "bought", _("orders of the last 52 weeks")),
    Piece("cost", "cost", _("cost to win and keep, last 52 weeks"), 2, more_is_better=False),
    Piece("cost", "cost_rate", _("cost as a share of revenue"), more_is_better=False),
    Piece("credit", "rated", _("score of the credit rating"), 3),
    Piece("credit", "returned", _("share of orders sent back"), 1, more_is_better=False),
    Piece("credit", "unsteady", _("how uneven the intervals between purchases are"), 1, more_is_better=False),
    Piece("credit", "tenure", _("days since the first order"), 1),
    Piece("loyalty", "alive", _("chance to be active"), 2),
    Piece("loyalty", "repeats", _("days of buying again")),
    Piece("loyalty", "silence", _("silence against the own rhythm"), 1, more_is_better=False),
    Piece("trust", "told", _("facts of the record that we know")),
    Piece("trust", "consents", _("purposes consented to")),
    Piece("trust", "unsolved", _("problems not put right"), 1, more_is_better=False),
    Piece("innovation", "variety", _("kinds of products bought")),
    Piece("innovation", "early", _("new products bought within 90 days")),
    Piece("network", "referred", _("customers referred"), 2),
    Piece("network", "ties", _("relationships known")),
    Piece("interaction", "came", _("contacts from their side, last 52 weeks")),
    Piece("interaction", "mood", _("mood in contacts, happy less unhappy")),
    Piece("interaction", "reached", _("share of our contacts that reached them")),
)
