"""Roles: a table of who may what, and the editor of one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhike.teams import actions
from zhike.teams.choices import Confidentiality, Permission, Scope
from zhike.teams.models import Role
from zhike.teams.queries import roles_with_counts
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.people_forms import RoleForm
from zhike.web.settings.room import room


@require_GET
@needs(Permission.PEOPLE_EDIT, everywhere=True)
def roles(request: HttpRequest) -> HttpResponse:
    listed = list(roles_with_counts())
    rows = [(label, [value in role.permissions for role in listed]) for value, label in Permission.choices]
    return room(request, "roles.html", {"roles": listed, "rows": rows})


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT, everywhere=True)
def role_new(request: HttpRequest) -> HttpResponse:
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_role(actor=signed_in_person(request), **_values(form))
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-roles"))
    return room(request, "role.html", {"form": form, "role": None, "problem": ""}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT, everywhere=True)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `delete` removes it, otherwise changes it."""
    actor = signed_in_person(request)
    found = get_object_or_404(Role, pk=pk)
    shown = {"name": found.name, "scope": found.scope, "clearance": found.clearance, "permissions": found.permissions}
    deleting = "delete" in request.POST
    form = RoleForm(request.POST if request.method == "POST" and not deleting else None, initial=shown)
    problem_of_all = ""
    try:
        if deleting:
            actions.delete_role(actor=actor, role_id=pk)
        if form.is_bound and form.is_valid():
            actions.change_role(actor=actor, role_id=pk, **_values(form))
    except ValidationError as problem:
        if deleting:
            problem_of_all = " ".join(problem.messages)
        else:
            show_problem(form, problem)
    if request.method == "POST" and not form.errors and not problem_of_all:
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings-roles"))
    context = {"form": form, "role": found, "problem": problem_of_all}
    return room(request, "role.html", context, 422 if request.method == "POST" else 200)


def _values(form: RoleForm) -> dict[str, Any]:
    values = form.cleaned_data
    return {**values, "scope": Scope(values["scope"]), "clearance": Confidentiality(values["clearance"])}
