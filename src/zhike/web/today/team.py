"""The manager's view of Today: person by person, each figure leading to what it counts."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from zhike.care.choices import Refusal, Rule, SuggestionState
from zhike.care.models import Suggestion
from zhike.care.queries.counting import ANSWERED
from zhike.care.queries.team import VISITS, monday, team, total
from zhike.customers.choices import InteractionKind, InteractionState
from zhike.customers.models import Interaction
from zhike.teams.choices import Permission
from zhike.web.customers.bulk import owners
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Look
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import Column, ListScreen, register
from zhike.web.lists.views import list_page
from zhike.web.pages import page
from zhike.web.people import signed_in_person
from zhike.web.rights import needs


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def standing(request: HttpRequest) -> HttpResponse:
    user, now = signed_in_person(request), timezone.now()
    standings, since = team(user, now), monday(timezone.localdate(now))
    context = {"standings": standings, "total": total(standings), "since": since, "visits": ",".join(VISITS)}
    return page(request, "today/team.html", context)


def _answers(look: Look) -> Iterable[tuple[Any, Any]]:
    return [(state.value, state.label) for state in ANSWERED]


class Late(filters.YesNo):
    """Its time has passed."""

    def where(self, value: Any, look: Look) -> Q:
        return Q(at__lt=look.at) if value else Q(at__gte=look.at)


class AnswerList(ListScreen):
    """What became of suggestions."""

    name, route, title, right = "answers", "today-answers", _("Answered suggestions"), Permission.CUSTOMER_VIEW
    above = ("today-team", _("Team"))
    order = "-decided"
    columns = (
        Column("customer", _("Customer"), cells.link("customer__name", "customer", id_path="customer_id"), phone="title"),
        Column("rule", _("Reason"), cells.choice("rule", Rule), phone="line"),
        Column("state", _("Answer"), cells.choice("state", SuggestionState), phone="side"),
        Column("refusal", _("Why not"), cells.choice("refusal", Refusal), phone="line"),
        Column("note", _("Note"), cells.text("note", short=40)),
        Column("person", _("By"), cells.text("decided_by__name"), phone="line"),
        Column("decided", _("When"), cells.moment("decided_at"), Key("decided_at")),
        Column("until", _("Postponed until"), cells.day("postponed_until"), shown=False),
        Column("result", _("Orders within 30 days"), cells.money("result_amount"), shown=False, right=Permission.ORDER_VIEW),
    )
    filters = (
        filters.Numbered("person", _("By"), "decided_by", options=owners),
        filters.Choice("state", _("Answer"), "state", options=_answers),
        filters.Choice("rule", _("Reason"), "rule", options=lambda look: Rule.choices),
        filters.Dates("decided", _("When"), "decided_at", moment=True),
    )
    export_right = Permission.CUSTOMER_EXPORT
    nothing_yet = (_("Nothing has been answered yet"), _("What is done, postponed or refused on Today appears here."))

    def rows(self, look: Look) -> "QuerySet[Any]":
        return Suggestion.objects.visible_to(look.user).filter(state__in=ANSWERED, decided_at__isnull=False)


class PlannedList(ListScreen):
    """What is promised, by everybody whom one sees."""

    name, route, title, right = "planned", "today-planned", _("Promises and visits"), Permission.CUSTOMER_VIEW
    above = ("today-team", _("Team"))
    order = "at"
    columns = (
        Column("customer", _("Customer"), cells.link("customer__name", "customer", id_path="customer_id"), phone="title"),
        Column("kind", _("Kind"), cells.choice("kind", InteractionKind), phone="side"),
        Column("at", _("When"), cells.moment("at"), Key("at"), phone="line"),
        Column("summary", _("What for"), cells.text("summary", short=50), phone="line"),
        Column("person", _("Who"), cells.text("staff__name"), phone="line"),
    )
    filters = (
        filters.Numbered("person", _("Who"), "staff", options=owners),
        filters.Choice("kind", _("Kind"), "kind", options=lambda look: InteractionKind.choices),
        filters.Dates("at", _("When"), "at", moment=True),
        Late("late", _("Overdue"), "at"),
    )
    export_right = Permission.CUSTOMER_EXPORT
    nothing_yet = (_("Nothing is planned"), _("Calls and visits planned on a customer's page appear here."))

    def rows(self, look: Look) -> "QuerySet[Any]":
        return Interaction.objects.visible_to(look.user).filter(state=InteractionState.PLANNED)


ANSWERS, PLANNED = register(AnswerList()), register(PlannedList())


def answers(request: HttpRequest) -> HttpResponse:
    return list_page(request, ANSWERS)


def planned(request: HttpRequest) -> HttpResponse:
    return list_page(request, PLANNED)
