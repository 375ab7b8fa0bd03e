"""What every page has around it: navigation with its counts, notices, language, theme, what the last action said."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy as _, ngettext

from zhike.care.choices import SuggestionState
from zhike.core import prepared
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.help.chapters import chapter_of

SAID = "said"
# Written out, because it is asked with every page.
WAITING = """
    SELECT (SELECT count(*) FROM zhike_notice WHERE user_id = %s AND read_at IS NULL),
           (SELECT count(*) FROM zhike_suggestion WHERE assignee_id = %s AND state = %s)"""


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar: shown when the route exists and the person has one of the rights."""

    name: str  # the route's name, and of its icon
    label: str | Promise
    key: str  # g, then this letter
    rights: tuple[Permission, ...] = ()

    def shown_to(self, user: User) -> bool:
        return bool(address(self.name)) and (not self.rights or any(rights_of(user).allows(right) for right in self.rights))


# In the order of the loop.
_ADMINISTER = (Permission.SETTINGS_EDIT, Permission.PEOPLE_EDIT, Permission.AUDIT_VIEW, Permission.BACKUP_RUN)
ENTRIES = (
    Entry("today", _("Today"), "t"),
    Entry("customers", _("Customers"), "c", (Permission.CUSTOMER_VIEW,)),
    Entry("orders", _("Orders"), "o", (Permission.ORDER_VIEW,)),
    Entry("value", _("Value"), "v", (Permission.VALUE_VIEW,)),
    Entry("settings", _("Settings"), "s", _ADMINISTER),
)
LINKS = ("search", "notices", "me", "sign-out", "preferences", "help")


@cache
def address(name: str) -> str:
    """The route's path, or "" where there is no such route."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@cache
def record_address(name: str) -> str:
    """The path of a record's page with %d in the place of its id: reversed once, not for every row."""
    return reverse(name, args=[0]).replace("/0/", "/%d/")


def frame(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    around = {
        "language": get_language(),
        "theme": getattr(user, "theme", "auto"),
        "home": address("today") or "/",
        "said": request.session.pop(SAID, []) if hasattr(request, "session") else [],
        "links": {name.replace("-", "_"): address(name) for name in LINKS} | {"help": _help(request)},
        "entries": [],
        "unread": 0,
    }
    if isinstance(user, User):
        around["unread"], to_contact = _waiting(user)
        counts = {"today": to_contact}
        around["entries"] = [_line(one, counts.get(one.name, 0), request.path) for one in ENTRIES if one.shown_to(user)]
    return around


def _help(request: HttpRequest) -> str:
    """The page of the user guide about this screen."""
    chapter = chapter_of((request.resolver_match.url_name or "") if request.resolver_match else "")
    return reverse("help-page", args=[chapter]) if chapter else address("help")


def _waiting(user: User) -> tuple[int, int]:
    """Unread notices and customers to contact, in one query for every page."""
    with prepared.cursor() as cursor:
        cursor.execute(WAITING, [user.pk, user.pk, SuggestionState.OPEN.value])
        unread, to_contact = cursor.fetchone()
    return unread, to_contact


def _line(entry: Entry, count: int, path: str) -> dict[str, Any]:
    url = address(entry.name)
    return {
        "label": entry.label, "url": url, "icon": entry.name, "key": entry.key, "count": count,
        "count_label": ngettext("%(n)d waiting", "%(n)d waiting", count) % {"n": count},
        "current": path == url if url == "/" else path.startswith(url),
    }  # fmt: skip
