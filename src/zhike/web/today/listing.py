"""What stands on Today, from the query string: whose list, which reasons."""

import datetime
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.care import queries
from zhike.care.choices import Rule
from zhike.customers.choices import Channel
from zhike.customers.models import Customer
from zhike.customers.queries.plans import planned_by
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.prepared import PreparedFor
from zhike.value.choices import RunState
from zhike.value.models import Run
from zhike.web.layout import address, record_address
from zhike.web.people import signed_in_person

EVERYBODY = "all"
PAGE = 20  # lines
NEXT = 3  # plans named on an empty list


_AHEAD = PreparedFor(lambda user: planned_by(user)[:NEXT])


def _answers_of(user: User) -> str:
    """What this person has done, as a list."""
    return f"{address('today-answers')}?person={user.pk}&state=done&columns=customer,rule,decided,result"


def listing(request: HttpRequest) -> dict[str, Any]:
    user, now = signed_in_person(request), timezone.now()
    on = timezone.localtime(now).date()
    all_lists, figures = queries.open_lists(user, now), queries.figures(user, now)
    people = all_lists.people()
    who, chosen = _whose(request.GET.get("who", ""), all_lists)
    counts = all_lists.by_rule(who)
    rule = request.GET.get("rule", "") if counts.get(request.GET.get("rule", "")) else ""
    shown = counts[rule] if rule else sum(counts.values())
    return {
        "counts": counts, "rule": rule, "rules": [(one, one.label) for one in Rule if counts.get(one)],
        "total": sum(counts.values()), "quiet": all_lists.quiet(who), "on": on, "figures": figures,
        "people": people, "who": chosen, "others": any(pk != user.pk for pk, *_ in people),
        "answered": queries.answered_today(user, now) if figures.answered_today else [],
        "mine": _answers_of(user) if rights_of(user).allows(Permission.CUSTOMER_VIEW) else "",
        "lately": on - datetime.timedelta(days=90),
        "can_record": rights_of(user).allows(Permission.INTERACTION_RECORD),
        "can_reveal": rights_of(user).allows(Permission.CUSTOMER_REVEAL),
        "first": _first_step(user) if not counts else "", "ahead": _AHEAD(user) if not counts else [],
        "query": request.GET.urlencode(), "words": _words(),
        "question": f"?{request.GET.urlencode()}" if request.GET else "",
        "acts": [
            ("today-record", _("Record"), "c", "primary"), ("today-later", _("Later"), "l", "plain"),
            ("today-no", _("No"), "u", "plain"),
        ],
        "places": {name: record_address(name) for name in ("customer", "today-record", "today-later", "today-no")},
        "links": {"imports": address("imports"), "value": rights_of(user).allows(Permission.VALUE_RUN) and address("value-runs")},
    } | _page(request, lambda first: queries.read_lines(user, now, who, rule, first=first, most=PAGE), shown)  # fmt: skip


def _page(request: HttpRequest, read: Callable[[int], list[queries.Line]], total: int) -> dict[str, Any]:
    """So many lines as a person works off before looking up; the next move up as they are answered."""
    count = max(-(-total // PAGE), 1)
    wanted = request.GET.get("page", "")
    number = min(max(int(wanted), 1), count) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
    kept = request.GET.copy()
    kept.pop("page", None)
    first = (number - 1) * PAGE
    lines = read(first) if total else []
    return {
        "lines": lines, "first_line": first + 1, "page_number": number, "page_count": count,
        "page_query": f"{kept.urlencode()}&page=".lstrip("&"),
    }  # fmt: skip


def _words() -> dict[str, Any]:
    """Said on every line, translated once."""
    return {
        "channels": dict(Channel.choices), "rules": {rule: str(label) for rule, label in Rule.choices}, "also": _("Also:"),
        "reveal": _("Reveal"), "comma": _(", "), "mind": _("Mind:"), "overdue": _("overdue"),
        "gain": _("Expected gain: how it is reckoned stands in the help."),
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
    """Why the list is empty: there are no customers yet, no analysis yet or its first under way, or really nothing to do."""
    if not Customer.objects.visible_to(user).exists():
        return "import" if rights_of(user).allows(Permission.CUSTOMER_IMPORT) else "nobody"
    if Run.objects.filter(is_current=True).exists():
        return ""
    return "wait" if Run.objects.filter(state__in=(RunState.WAITING, RunState.RUNNING)).exists() else "value"
