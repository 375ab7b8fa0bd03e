"""A person's calendar: what they have planned, and what they did."""

import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhike.customers.choices import InteractionKind, InteractionState
from zhike.customers.models import Interaction
from zhike.teams.models import User


def planned_by(user: User) -> QuerySet[Interaction]:
    """Theirs, of customers they still see, the earliest first."""
    rows = Interaction.objects.visible_to(user).filter(state=InteractionState.PLANNED, staff=user)
    return rows.select_related("customer").order_by("at", "pk")


def calendar_of(user: User, first: datetime.date, last: datetime.date, late_before: datetime.datetime) -> QuerySet[Interaction]:
    """What is planned and what was done in these days, and whatever is late."""
    begin, end = (timezone.make_aware(datetime.datetime.combine(day, datetime.time())) for day in (first, last + _DAY))
    mine = Interaction.objects.visible_to(user).filter(staff=user)
    late = Q(state=InteractionState.PLANNED, at__lt=late_before)
    within = Q(at__gte=begin, at__lt=end, state__in=[InteractionState.PLANNED, InteractionState.DONE])
    rows = mine.filter(late | (within & ~Q(kind=InteractionKind.NOTE)))
    return rows.select_related("customer").order_by("at", "pk")


_DAY = datetime.timedelta(days=1)
