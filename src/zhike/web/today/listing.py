"""What stands on Today, from the query string: whose list, which reasons."""

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
    all_lists = queries.open_lists(user, now)
    who, chosen = _whose(request.GET.get("who", ""), all_lists)
    counts = all_lists.by_rule(who)
    total = sum(counts.values())
    rule = request.GET.get("rule", "") if request.GET.get("rule", "") in Rule.values else ""
    found = queries.open_suggestions(user, now, who)
    figures = queries.figures(user, now)
    return {
        "lines": queries.read_lines(user, found.filter(rule=rule) if rule else found, on) if total else [],
        "counts": counts, "rule": rule, "rules": [(one, one.label) for one in Rule if counts.get(one)],
        "total": total, "shown_of": counts.get(rule, 0) if rule else total, "quiet": all_lists.quiet(who),
        "people": all_lists.people(), "who": chosen, "others": any(pk != user.pk for pk, *_ in all_lists.people()),
        "figures": figures, "on": on, "answered": queries.answered_today(user, now) if figures.answered_today else [],
        "can_record": rights_of(user).allows(Permission.INTERACTION_RECORD),
        "can_reveal": rights_of(user).allows(Permission.CUSTOMER_REVEAL),
        "first": _first_step(user) if not counts else "", "query": request.GET.urlencode(),
        "links": {"imports": address("imports"), "value": address("value-runs")},
    }  # fmt: skip


def _whose(wanted: str, all_lists: queries.Lists) -> tuple[list[int], str]:
    """One's own list; who has none but sees those of others begins with theirs all together."""
    known = {str(pk): pk for pk, *_ in all_lists.people()}
    own = all_lists.own()
    if wanted in known and known[wanted] not in own:
        return [known[wanted]], wanted
    if wanted == EVERYBODY or (not wanted and known and not own):
        return [], EVERYBODY
    return sorted(own) or [0], ""


def _first_step(user: User) -> str:
    """Why the list is empty: there are no customers yet, no analysis yet, or really nothing to do."""
    if not Customer.objects.visible_to(user).exists():
        return "import"
    return "" if Run.objects.filter(is_current=True).exists() else "value"
