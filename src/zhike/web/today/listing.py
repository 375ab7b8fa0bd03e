"""What stands on Today, from the query string: whose list, which reasons."""

import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zhike.care import queries
from zhike.care.choices import Rule
from zhike.customers.models import Customer
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value.models import Run
from zhike.web.layout import address
from zhike.web.people import signed_in_person

EVERYBODY = "all"


def listing(request: HttpRequest) -> dict[str, Any]:
    user, now = signed_in_person(request), timezone.now()
    on = timezone.localtime(now).date()
    people = list(queries.people_with_lists(user))
    who, chosen = _whose(request.GET.get("who", ""), user, people, on)
    found = queries.open_suggestions(user, now, who)
    counts = queries.counts_by_rule(found)
    rule = request.GET.get("rule", "") if request.GET.get("rule", "") in Rule.values else ""
    lines = queries.read_lines(user, found.filter(rule=rule) if rule else found, on)
    promised = queries.promises_due(user, on)
    return {
        "lines": lines, "counts": counts, "rule": rule, "rules": [(one, one.label) for one in Rule if counts.get(one)],
        "total": sum(counts.values()), "shown_of": counts.get(rule, 0) if rule else sum(counts.values()),
        "people": people, "who": chosen, "others": any(one.pk != user.pk for one in people),
        "figures": queries.figures(user, now, who), "promised": list(promised[:5]), "promises": promised.count(), "on": on,
        "answered": queries.answered_today(user, now), "can_record": rights_of(user).allows(Permission.INTERACTION_RECORD),
        "can_reveal": rights_of(user).allows(Permission.CUSTOMER_REVEAL),
        "first": _first_step(user) if not counts else "", "query": request.GET.urlencode(),
        "links": {"imports": address("imports"), "value": address("value-runs")},
    }  # fmt: skip


def _whose(wanted: str, user: User, people: list[User], on: datetime.date) -> tuple[list[int], str]:
    """One's own list; who has none but sees those of others begins with theirs all together."""
    own = queries.own_lists(user, on)
    known = {str(one.pk): one.pk for one in people}
    if wanted in known and known[wanted] not in own:
        return [known[wanted]], wanted
    has_own = any(one.pk in own for one in people)
    if wanted == EVERYBODY or (not wanted and people and not has_own):
        return [], EVERYBODY
    return own, ""


def _first_step(user: User) -> str:
    """Why the list is empty: there are no customers yet, no analysis yet, or really nothing to do."""
    if not Customer.objects.visible_to(user).exists():
        return "import"
    return "" if Run.objects.filter(is_current=True).exists() else "value"
