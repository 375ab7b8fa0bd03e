"""How much waits for whom, and what became of what was done: all lists in one query, a person's figures in another."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from zhike.care.choices import Rule, SuggestionState
from zhike.care.models import Suggestion, of_customer
from zhike.customers.choices import InteractionState
from zhike.customers.models import Interaction
from zhike.teams.models import User
from zhike.teams.prepared import PreparedFor

ANSWERED = (SuggestionState.DONE, SuggestionState.POSTPONED, SuggestionState.REFUSED)


@dataclass(frozen=True)
class Waiting:
    """Open lines of one person by one rule; `is_quiet` while these customers have their quiet hours."""

    assignee_id: int
    name: str
    is_own: bool  # mine, or of a colleague who is away and named me deputy
    rule: str
    is_quiet: bool
    lines: int


@dataclass(frozen=True)
class Lists:
    """The open lists that a person may look into."""

    waiting: tuple[Waiting, ...]

    def people(self) -> list[tuple[int, str, int]]:
        """Each one's id, name and number of lines, by name."""
        found: dict[int, tuple[int, str, int]] = {}
        for one in self.waiting:
            known = found.get(one.assignee_id, (one.assignee_id, one.name, 0))
            found[one.assignee_id] = (*known[:2], known[2] + one.lines)
        return sorted(found.values(), key=lambda person: (person[1], person[0]))

    def own(self) -> set[int]:
        return {one.assignee_id for one in self.waiting if one.is_own}

    def by_rule(self, who: Collection[int] = ()) -> dict[str, int]:
        """Of these people, else of all: what may be done now."""
        counts: dict[str, int] = {}
        for one in self.waiting:
            if not one.is_quiet and (not who or one.assignee_id in who):
                counts[one.rule] = counts.get(one.rule, 0) + one.lines
        return counts

    def quiet(self, who: Collection[int] = ()) -> int:
        return sum(one.lines for one in self.waiting if one.is_quiet and (not who or one.assignee_id in who))


@dataclass(frozen=True)
class Figures:
    """What this person did."""

    done_today: int
    answered_today: int  # done, postponed, refused
    brought: float  # orders within 30 days of what was done in the last 90
    promises: int  # of theirs, due until tomorrow


def open_lists(user: User, at: datetime.datetime) -> Lists:
    """The one place that counts open suggestions for people: of customers this person sees."""
    here = timezone.localtime(at)
    return Lists(tuple(Waiting(*row) for row in _OPEN(user, here.date(), here.time())))


def _open(user: User, on: datetime.date, time: datetime.time) -> "QuerySet[Suggestion, Any]":
    mine = Q(assignee=user.pk) | (
        Q(assignee__deputy=user.pk, assignee__away_from__lte=on) & ~Q(assignee__away_until__lt=on) & Q(assignee__is_active=True)
    )
    found = waiting(user).annotate(
        is_own=Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField()),
        is_quiet=Case(When(quiet_at(time), then=Value(True)), default=Value(False), output_field=BooleanField()),
    )
    return found.values_list("assignee_id", "assignee__name", "is_own", "rule", "is_quiet").annotate(lines=Count("pk"))


_OPEN = PreparedFor(_open, datetime.date, datetime.time)


def waiting(user: User) -> QuerySet[Suggestion]:
    return Suggestion.objects.visible_to(user).filter(~of_customer(Q(do_not_disturb=True)), state=SuggestionState.OPEN)


def quiet_at(time: datetime.time) -> Q:
    """Promises are kept all the same: the customer asked for them."""
    day = Q(quiet_from__lt=F("quiet_until"), quiet_from__lte=time, quiet_until__gt=time)
    over_night = Q(quiet_from__gt=F("quiet_until")) & (Q(quiet_from__lte=time) | Q(quiet_until__gt=time))
    return Q(of_customer(Q(quiet_from__isnull=False) & (day | over_night))) & ~Q(rule=Rule.PROMISE)


def figures(user: User, at: datetime.datetime) -> Figures:
    """Four numbers in one query."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    lately = at - datetime.timedelta(days=90)
    done, answered, total, promises = _FIGURES.first(user, midnight, lately, _until(midnight.date()))
    return Figures(done, answered, float(total or 0), promises)


def _figures(user: User, midnight: datetime.datetime, since: datetime.datetime, until: datetime.datetime) -> "QuerySet[User, Any]":
    mine = Suggestion.objects.filter(decided_by=OuterRef("pk")).order_by()
    today = mine.filter(decided_at__gte=midnight)
    lately = mine.filter(
        state=SuggestionState.DONE, decided_at__gte=since, result_amount__gt=0
    )  # fmt: skip
    brought = Subquery(lately.values("decided_by").annotate(total=Sum("result_amount")).values("total"))
    return User.objects.filter(pk=user.pk).values_list(
        _number(today.filter(state=SuggestionState.DONE), "decided_by"), _number(today.filter(state__in=ANSWERED), "decided_by"),
        brought, _number(_promised(user, until).filter(staff=OuterRef("pk")).order_by(), "staff"),
    )  # fmt: skip


_FIGURES = PreparedFor(_figures, datetime.datetime, datetime.datetime, datetime.datetime)


def _number(found: QuerySet[Suggestion] | QuerySet[Interaction], of: str) -> Coalesce:
    return Coalesce(Subquery(found.values(of).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def promises_due(user: User, on: datetime.date) -> QuerySet[Interaction]:
    """What I promised until tomorrow, the oldest first."""
    return _promised(user, _until(on)).select_related("customer").order_by("at", "pk")


def _promised(user: User, until: datetime.datetime) -> QuerySet[Interaction]:
    return Interaction.objects.visible_to(user).filter(staff=user, state=InteractionState.PLANNED, at__lt=until)


def _until(on: datetime.date) -> datetime.datetime:
    """The end of tomorrow."""
    return timezone.make_aware(datetime.datetime.combine(on + datetime.timedelta(days=2), datetime.time()))
