"""What a new company can begin with."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.teams.models import User


@dataclass(frozen=True)
class Beginning:
    code: str
    label: str
    explanation: str


def beginnings() -> list[Beginning]:
    return [Beginning("empty", _("Start empty"), _("Import your own customers and orders next."))]


def begin(first: User, chosen: str) -> str:
    """Sets it off and gives the page to go on with."""
    return reverse("me")
