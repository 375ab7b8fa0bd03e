"""Pages of settings that are groups of figures: grades and value, data protection."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.actions import change_assumptions
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings import rule_sections
from zhike.web.settings.room import room
from zhike.web.settings.rule_forms import RuleForm, Section

Save = Callable[[User, Any], None]


@require_http_methods(["GET", "POST"])
@needs(Permission.VALUE_RUN, everywhere=True)
def grades(request: HttpRequest) -> HttpResponse:
    return _page(request, "settings-grades", _("Grades and value"), rule_sections.VALUE, _save_assumptions)


@require_http_methods(["GET", "POST"])
@needs(Permission.SETTINGS_EDIT, everywhere=True)
def protection(request: HttpRequest) -> HttpResponse:
    return _page(request, "settings-protection", _("Data protection"), rule_sections.PROTECTION, _save_settings)


def _save_settings(actor: User, values: Any) -> None:
    actions.change_settings(actor=actor, values=values)


def _save_assumptions(actor: User, values: Any) -> None:
    change_assumptions(actor=actor, group=type(values), **vars(values))


def _page(request: HttpRequest, route: str, title: str, sections: tuple[Section, ...], save: Save) -> HttpResponse:
    """Each group has its own form; the field `group` says which one was sent."""
    forms = {section.name: section.form() for section in sections}
    status = 200
    if request.method == "POST":
        section = next((one for one in sections if one.name == request.POST.get("group")), None)
        if section is None:
            raise Http404
        form = section.form(request.POST)
        if form.is_valid() and saved(request, form, save):
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse(route))
        forms[section.name], status = form, 422
    return room(request, "rules.html", {"title": title, "sections": sections, "forms": forms}, status)


def saved(request: HttpRequest, form: RuleForm, save: Save) -> bool:
    try:
        save(signed_in_person(request), form.values())
    except ValidationError as problem:
        show_problem(form, problem)
        return False
    return True
