"""The settings room: its tabs, and the page around each of them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Permission as Right
from zhike.web.pages import page, wanted_part
from zhike.web.people import signed_in_person

TABS = (
    ("settings-people", _("People"), Right.PEOPLE_EDIT, False),
    ("settings-departments", _("Departments"), Right.PEOPLE_EDIT, True),
    ("settings-roles", _("Roles"), Right.PEOPLE_EDIT, True),
    ("settings-fields", _("Fields"), Right.SETTINGS_EDIT, True),
    ("settings-sources", _("Sources"), Right.SETTINGS_EDIT, True),
    ("settings-grades", _("Grades and value"), Right.VALUE_RUN, True),
    ("settings-care", _("Care"), Right.SETTINGS_EDIT, True),
    ("settings-protection", _("Data protection"), Right.SETTINGS_EDIT, True),
    ("settings-company", _("Company"), Right.SETTINGS_EDIT, True),
    ("settings-audit", _("Audit trail"), Right.AUDIT_VIEW, True),
    ("settings-backup", _("Backup"), Right.BACKUP_RUN, True),
)
_ALSO = {  # routes of a tab that do not begin with its name
    "settings-people": "settings-person", "settings-departments": "settings-department", "settings-roles": "settings-role",
    "settings-fields": "settings-field", "settings-sources": "settings-source",
}  # fmt: skip


def tabs_for(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """The tabs this person may open: name of the route, label, whether it is this one."""
    rights = rights_of(signed_in_person(request))
    here = (request.resolver_match.url_name if request.resolver_match else "") or ""
    return [
        (str(label), reverse(name), here.startswith((name, _ALSO.get(name, name))))
        for name, label, right, everywhere in TABS
        if rights.allows(right) and (rights.everything or not everywhere)
    ]


def settings(request: HttpRequest) -> HttpResponse:
    """The first room that is open to this person."""
    tabs = tabs_for(request)
    if not tabs:
        raise PermissionDenied
    return HttpResponseRedirect(tabs[0][1])


def room(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    around = {} if wanted_part(request) else {"tabs": tabs_for(request)}
    return page(request, f"settings/{template}", {**context, **around}, part=wanted_part(request), status=status)
