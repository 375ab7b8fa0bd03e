"""How the lists of a team stand: person by person, for who leads them."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from zhike.care.choices import SuggestionState
from zhike.care.models import Suggestion
from zhike.care.queries.counting import ANSWERED, open_lists
from zhike.customers.choices import InteractionKind, InteractionState
from zhike.customers.models import Customer, Interaction
from zhike.teams.access import rights_of
from zhike.teams.models import User

VISITS = (InteractionKind.VISIT, InteractionKind.MEETING)


@dataclass
class Standing:
    """Of one person: what waits, what was answered since Monday, what is promised."""

    person: User
    open: int = 0
    done: int = 0
    postponed: int = 0
    refused: int = 0
    late: int = 0  # promises whose time has passed
    visits: int = 0  # planned from now on


def monday(on: datetime.date) -> datetime.date:
    return on - datetime.timedelta(days=on.weekday())


def team(user: User, at: datetime.datetime) -> list[Standing]:
    """Everybody within the user's scope who has customers or anything to count; counted are customers that the user sees."""
    rights = rights_of(user)
    has_customers = Exists(Customer.objects.living().filter(owner=OuterRef("pk")))
    people = User.objects.filter(rights.rows(owner="pk"), is_active=True).annotate(has_customers=has_customers)
    found = {person.pk: Standing(person) for person in people.select_related("department").order_by("department__name", "name")}
    for key, _name, lines in open_lists(user, at).people():
        if key in found:
            found[key].open = lines
    since = timezone.make_aware(datetime.datetime.combine(monday(timezone.localdate(at)), datetime.time()))
    answers = Suggestion.objects.visible_to(user).filter(decided_at__gte=since, state__in=ANSWERED, decided_by__in=found)
    for key, state, lines in answers.order_by().values_list("decided_by", "state").annotate(lines=Count("pk")):
        setattr(found[key], SuggestionState(state).value, lines)
    planned = Interaction.objects.visible_to(user).filter(state=InteractionState.PLANNED, staff__in=found).order_by()
    late, visits = Count("pk", filter=Q(at__lt=at)), Count("pk", filter=Q(at__gte=at, kind__in=VISITS))
    for key, is_late, is_visit in planned.values_list("staff").annotate(late=late, visits=visits):
        found[key].late, found[key].visits = is_late, is_visit
    return [one for one in found.values() if one.person.has_customers or any(_figures(one))]  # type: ignore[attr-defined]


def _figures(one: Standing) -> tuple[int, ...]:
    return (one.open, one.done, one.postponed, one.refused, one.late, one.visits)


def total(standings: list[Standing]) -> list[int]:
    return [sum(column) for column in zip(*map(_figures, standings), strict=True)] if standings else []
