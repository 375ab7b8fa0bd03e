"""The list of answer sheets: what stands behind every figure of the analysis of answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from zhike.core.search import wanted
from zhike.customers.choices import AnswerRole, ImportKind
from zhike.customers.models import Answer, AnswerSheet, Customer, Survey
from zhike.teams.choices import Permission
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Drawn, Look
from zhike.web.lists.imports import finished_imports
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import Column, ListScreen, register
from zhike.web.lists.views import list_page

MOST_CUSTOMERS = 1000  # whose answers a search by name shows
VOTES = {"promoter": _("promoters, 9 and 10"), "passive": _("passives, 7 and 8"), "detractor": _("detractors, 0 to 6")}
OF_VOTES = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


class Exactly(filters.Text):
    """These very words: what a figure was counted by."""

    def where(self, value: Any, look: Look) -> Q:
        return Q(**{self.path: value})


class Votes(filters.Choice):
    def where(self, value: Any, look: Look) -> Q:
        found = Q()
        for code in value:
            found |= Q(recommend__range=OF_VOTES[code])
        return found


@dataclass(frozen=True)
class Asked(filters.Text):
    """Sheets on which the question of this title was answered; `low`: in the lower half of its scale."""

    roles: tuple[str, ...] = ()
    low: bool = False

    def where(self, value: Any, look: Look) -> Q:
        answers = Answer.objects.filter(question__title=value, question__role__in=self.roles)
        if self.low:
            answers = answers.filter(value__lt=(F("question__low") + F("question__high")) / 2)
        return Q(pk__in=answers.values("sheet_id"))


def _customer() -> Drawn:
    linked = cells.link("customer__name", "customer", id_path="customer_id")
    return Drawn(
        linked.fields, lambda row, look: cells.NOTHING if row["customer_id"] is None else linked.cell(row, look), linked.plain
    )


def _surveys(look: Look) -> Iterable[tuple[Any, str]]:
    return Survey.objects.values_list("pk", "name")[:100]


class AnswerList(ListScreen):
    name, route, title, right = "answers", "answers", _("Survey answers"), Permission.CUSTOMER_VIEW
    order = "-date"
    above = ("customers", _("Customers"))
    columns = (
        Column("date", _("Day"), cells.day("day"), Key("day", nullable=True, nulls_last_index=True), phone="line"),
        Column("customer", _("Customer"), _customer(), phone="title"),
        Column("satisfaction", _("Satisfaction"), cells.number("satisfaction"), phone="side"),
        Column("recommend", _("Would recommend"), cells.number("recommend"), phone="line"),
        Column("shop", _("Shop or place"), cells.text("shop", short=14)),
        Column("product", _("Product"), cells.text("product", short=14)),
        Column("person", _("Member of staff"), cells.text("person", short=10)),
        Column("words", _("In their own words"), cells.text("words", short=40), phone="line"),
        Column("survey", _("Survey"), cells.text("survey__name", short=18), shown=False),
    )
    filters = (
        filters.Dates("date", _("Day"), "day"),
        filters.Numbers("satisfaction", _("Satisfaction, 0 to 100"), "satisfaction"),
        Votes("votes", _("Would recommend"), "recommend", options=lambda look: VOTES.items()),
        Exactly("shop", _("Shop or place"), "shop"),
        Exactly("product", _("Product"), "product"),
        Exactly("person", _("Member of staff"), "person"),
        Asked("low", _("In the lower half for"), "pk", roles=(AnswerRole.RATING,), low=True),
        Asked("about", _("Answered about"), "pk", roles=tuple(AnswerRole)),
        filters.YesNo("known", _("Of a known customer"), "customer", yes=Q(customer__isnull=False)),
        filters.Numbered("survey", _("Survey"), "survey", options=_surveys),
        filters.Numbered(
            "batch", _("Import"), "survey__batch", Permission.CUSTOMER_IMPORT,
            options=lambda look: finished_imports(look, ImportKind.ANSWERS),
        ),
    )  # fmt: skip
    export_right = Permission.CUSTOMER_EXPORT
    search_hint = _("Customer or phone")
    nothing_yet = (_("No answers yet"), _("Import a file of answers to a survey: a row for each person who answered."))
    first_steps = (("imports", _("Import"), Permission.CUSTOMER_IMPORT),)

    def rows(self, look: Look) -> "QuerySet[Any]":
        return AnswerSheet.objects.visible_to(look.user)

    def search(self, rows: "QuerySet[Any]", text: str, look: Look) -> "tuple[QuerySet[Any], QuerySet[Any]]":
        """The answers of the customers that the words find."""
        asked = wanted(text)
        if asked is None:
            return rows.none(), rows.none()
        customers = Customer.objects.visible_to(look.user).filter(asked.condition()).order_by()
        found = rows.filter(customer__in=list(customers.values_list("pk", flat=True)[:MOST_CUSTOMERS]))
        return found, found


ANSWERS = register(AnswerList())


def answers(request: HttpRequest) -> HttpResponse:
    return list_page(request, ANSWERS)
