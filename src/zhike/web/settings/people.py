"""People: list, join, change, leave, come back."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.teams import actions
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.queries import has_second_factor, people_editable_by
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.settings.people_forms import ChangedPersonForm, NewPasswordForm, NewPersonForm, TrainingForm
from zhike.web.settings.room import room

SHOWN = ("name", "username", "department", "position", "manager", "joined_on", "phone", "email", "language", "skills", "interests")


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT)
def person_new(request: HttpRequest) -> HttpResponse:
    actor = signed_in_person(request)
    form = NewPersonForm(request.POST or None, actor=actor, initial={"joined_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.create_person(actor=actor, **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("%(name)s can sign in now.") % {"name": person.name})
            return HttpResponseRedirect(reverse("settings-people"))
    return room(request, "person_new.html", {"form": form}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.PEOPLE_EDIT)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    found = get_object_or_404(people_editable_by(actor), pk=pk)
    if request.method == "GET" or not found.is_active:
        return _person_page(request, found, _form(None, actor, found))
    form = _form(request.POST, actor, found)
    if form.is_valid():
        try:
            values = form.cleaned_data
            successor = values.pop("successor")
            actions.change_person(actor=actor, person_id=pk, successors=[successor] if successor else [], **values)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("settings-person", args=[pk]))
    return _person_page(request, found, form, status=422)


def _form(data: Any, actor: User, found: User) -> ChangedPersonForm:
    shown = {field: getattr(found, field) for field in SHOWN} | {"department": found.department_id, "manager": found.manager_id}
    shown |= {"is_administrator": found.is_administrator, "roles": list(found.roles.all())}
    return ChangedPersonForm(data, actor=actor, person=found, initial=shown)


def _person_page(
    request: HttpRequest, found: User, form: ChangedPersonForm, *, password: NewPasswordForm | None = None,
    training: TrainingForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "person": found, "form": form, "password": password or NewPasswordForm(), "training": training or TrainingForm(),
        "trainings": found.trainings.order_by("-held_on", "-pk"), "has_factor": has_second_factor(found),
    }  # fmt: skip
    return room(request, "person.html", context, status)


@require_http_methods(["POST"])
@needs(Permission.PEOPLE_EDIT)
def person_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Ways in: a new password, open a lock, end sessions, take a lost second factor away."""
    actor = signed_in_person(request)
    found = get_object_or_404(people_editable_by(actor), pk=pk, is_active=True)
    what = request.POST.get("do", "")
    if what == "password":
        form = NewPasswordForm(request.POST)
        try:
            if not form.is_valid():
                return _person_page(request, found, _form(None, actor, found), password=form, status=422)
            actions.set_password(actor=actor, person_id=pk, password=form.cleaned_data["password"])
        except ValidationError as problem:
            show_problem(form, problem)
            return _person_page(request, found, _form(None, actor, found), password=form, status=422)
    elif what == "unlock":
        actions.unlock(actor=actor, person_id=pk)
    elif what == "sessions":
        actions.end_sessions(actor=actor, person=found)
    elif what == "factor":
        actions.remove_second_factor(actor=actor, person_id=pk, password=request.POST.get("password", ""))
    say(request, _("Done."))
    return HttpResponseRedirect(reverse("settings-person", args=[pk]))


@require_http_methods(["POST"])
@needs(Permission.PEOPLE_EDIT)
def person_training(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    found = get_object_or_404(people_editable_by(actor), pk=pk)
    if line := request.POST.get("remove", ""):
        known = get_object_or_404(found.trainings, pk=int(line) if line.isdigit() else 0)
        actions.remove_training(actor=actor, training_id=known.pk)
        return HttpResponseRedirect(reverse("settings-person", args=[pk]))
    form = TrainingForm(request.POST)
    if not form.is_valid():
        return _person_page(request, found, _form(None, actor, found), training=form, status=422)
    actions.add_training(actor=actor, person_id=pk, **form.cleaned_data)
    return HttpResponseRedirect(reverse("settings-person", args=[pk]))


@require_http_methods(["POST"])
@needs(Permission.PEOPLE_EDIT)
def person_return(request: HttpRequest, pk: int) -> HttpResponse:
    actor = signed_in_person(request)
    get_object_or_404(people_editable_by(actor), pk=pk, is_active=False)
    actions.rejoin(actor=actor, person_id=pk)
    say(request, _("Welcome back. Give them a new password."))
    return HttpResponseRedirect(reverse("settings-person", args=[pk]))
