"""What every page has around it: navigation with its counts, language, theme."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar."""

    name: str  # the route's name
    label: str
    permission: Permission | None = None


def entries() -> list[Entry]:
    """In the order of the loop. Only rooms that exist."""
    return [Entry("today", _("Today"))]


def frame(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    allowed = (
        [entry for entry in entries() if entry.permission is None or rights_of(user).allows(entry.permission)]
        if isinstance(user, User) else []
    )  # fmt: skip
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "entries": [{"label": entry.label, "url": reverse(entry.name), "current": entry.name == here} for entry in allowed],
        "language": get_language(),
        "theme": getattr(user, "theme", "auto"),
    }
