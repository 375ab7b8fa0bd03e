"""The people who work here, or did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _
from django.views.decorators.http import require_GET
from markupsafe import escape

from zhike.teams.choices import Permission
from zhike.teams.models import Role, User
from zhike.teams.queries import department_tree, people_editable_by
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.paging import Key, Row
from zhike.web.lists.screen import Column, ListScreen, register
from zhike.web.lists.views import list_page
from zhike.web.settings.room import tabs_for

STATES = {"here": _("here"), "away": _("away"), "left": _("left")}


def _state(row: Row, look: Look) -> str:
    if not row["is_active"]:
        return "left"
    begins, ends = row["away_from"], row["away_until"]
    return "away" if begins and begins <= look.today and (ends is None or look.today <= ends) else "here"


def _state_chip(row: Row, look: Look) -> str:
    state = _state(row, look)
    tone = {"here": "chip-line", "away": "chip-warn", "left": ""}[state]
    return f'<span class="chip {tone}">{escape(STATES[state])}</span>'


def _roles(row: Row, look: Look) -> str:
    administrator, nothing = gettext("administrator"), gettext("sees nothing")
    chips = [f'<span class="chip chip-line">{escape(name)}</span>' for name in row["role_names"]]
    if row["is_administrator"]:
        chips.insert(0, f'<span class="chip chip-calm">{escape(administrator)}</span>')
    return " ".join(chips) or f'<span class="faint">{escape(nothing)}</span>'


def _roles_in_a_file(row: Row, look: Look) -> str:
    return ", ".join([gettext("administrator")] * row["is_administrator"] + row["role_names"])


def _departments(look: Look) -> Iterable[tuple[Any, str]]:
    return [(one.pk, "\u3000" * depth + one.name) for one, depth in department_tree()]


def _all_roles(look: Look) -> Iterable[tuple[Any, str]]:
    return Role.objects.values_list("pk", "name")


@dataclass(frozen=True)
class State(filters.Choice):
    """Here, away today, left."""

    def where(self, value: Any, look: Look) -> Q:
        begun, not_over = Q(away_from__lte=look.today), Q(away_until=None) | Q(away_until__gte=look.today)
        away = Q(pk__in=User.objects.filter(begun & not_over, is_active=True).values("pk"))
        each = {"here": Q(is_active=True) & ~away, "away": away, "left": Q(is_active=False)}
        found = Q()
        for one in value:
            found |= each[one]
        return found


@dataclass(frozen=True)
class HasRole(filters.Numbered):
    """Any of several; whoever has two of them is listed once."""

    def where(self, value: Any, look: Look) -> Q:
        return Q(pk__in=User.objects.filter(super().where(value, look)).values("pk"))


class PeopleList(ListScreen):
    name, route, title, right = "people", "settings-people", _("People"), Permission.PEOPLE_EDIT
    order = "name"
    defaults = {"state": "here,away"}
    columns = (
        Column("name", _("Full name"), cells.link("name", "settings-person"), Key("name"), phone="title"),
        Column("username", _("Sign-in name"), cells.text("username"), Key("username"), phone="line"),
        Column("department", _("Department"), cells.text("department__name"), Key("department__name", nullable=True), phone="line"),
        Column("position", _("Position"), cells.text("position"), Key("position"), phone="line"),
        Column("roles", _("Roles"), Drawn(("role_names", "is_administrator"), _roles, _roles_in_a_file)),
        Column("manager", _("Manager"), cells.text("manager__name")),
        Column(
            "state", _("State"),
            Drawn(("is_active", "away_from", "away_until"), _state_chip, lambda row, look: str(STATES[_state(row, look)])),
            phone="side",
        ),
        Column("phone", _("Phone"), cells.text("phone"), shown=False),
        Column("email", _("E-mail"), cells.text("email"), shown=False),
        Column("deputy", _("Deputy"), cells.text("deputy__name"), shown=False),
        Column("joined", _("Joined on"), cells.day("joined_on"), Key("joined_on", nullable=True), shown=False),
        Column("left", _("Left on"), cells.day("left_on"), Key("left_on", nullable=True), shown=False),
        Column("skills", _("Skills"), cells.chips("skills"), shown=False),
    )  # fmt: skip
    filters = (
        State("state", _("State"), "is_active", options=lambda look: STATES.items()),
        filters.Department("department", _("Department"), "department", options=_departments, none=_("none")),
        HasRole("role", _("Role"), "roles", options=_all_roles, none=_("none")),
        filters.YesNo("administrator", _("Administrator"), "is_administrator"),
        filters.Dates("joined", _("Joined on"), "joined_on"),
    )
    export_right = Permission.CUSTOMER_EXPORT
    search_hint = _("Name, sign-in name or phone")
    nothing_yet = (_("Nobody yet"), _("Add the first colleague."))
    first_steps = (("settings-people-new", _("New person"), Permission.PEOPLE_EDIT),)

    def rows(self, look: Look) -> "QuerySet[Any]":
        names = Role.objects.filter(users=OuterRef("pk")).order_by("name").values("name")
        return people_editable_by(look.user).annotate(role_names=ArraySubquery(names))

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        found = rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(phone__contains=text))
        return found, found

    def tabs(self, request: HttpRequest) -> list[tuple[str, str, bool]]:
        return tabs_for(request)


PEOPLE = register(PeopleList())


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    return list_page(request, PEOPLE)
