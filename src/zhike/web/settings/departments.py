"""The tree of departments."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import Department
from zhike.teams.queries import department_tree
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.people_forms import DepartmentForm
from zhike.web.settings.room import room


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT, everywhere=True)
def departments(request: HttpRequest) -> HttpResponse:
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_department(actor=signed_in_person(request), **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-departments"))
    return room(request, "departments.html", {"tree": department_tree(), "form": form}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT, everywhere=True)
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `delete` removes it, otherwise changes it."""
    found = get_object_or_404(Department, pk=pk)
    shown: dict[str, Any] = {"name": found.name, "parent": found.parent_id, "city": found.city, "position": found.position}
    deleting = "delete" in request.POST
    form = DepartmentForm(request.POST if request.method == "POST" and not deleting else None, department=found, initial=shown)
    problem_of_all = ""
    try:
        if deleting:
            actions.delete_department(actor=signed_in_person(request), department_id=pk)
        if form.is_bound and form.is_valid():
            actions.change_department(actor=signed_in_person(request), department_id=pk, **form.cleaned_data)
    except ValidationError as problem:
        if deleting:
            problem_of_all = " ".join(problem.messages)
        else:
            show_problem(form, problem)
    if request.method == "POST" and not form.errors and not problem_of_all:
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings-departments"))
    context = {"department": found, "form": form, "problem": problem_of_all}
    return room(request, "department.html", context, 422 if request.method == "POST" else 200)
