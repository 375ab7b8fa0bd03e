"""How complete the records are, per department and per owner, and how that has changed."""

import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.customers.models import Customer
from zhike.customers.queries.completeness import Trend, trend
from zhike.customers.rules.completeness import month_ends
from zhike.teams.choices import Permission
from zhike.web import formats
from zhike.web.pages import page
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

MONTHS = 6
LINES = 5  # beside everybody; more than that cannot be told apart
BY = ("department", "owner")


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def completeness(request: HttpRequest) -> HttpResponse:
    by = _by(request)
    days = month_ends(timezone.localdate(), MONTHS)
    labels = {"department": _("By department"), "owner": _("By owner")}
    figures = [_("Customers"), *(formats.date(day) for day in days), _("Change, points")]
    return page(request, "customers/completeness.html", {
        "by": by, "found": _trend(request, by, days), "nobody": _nobody(by),
        "columns": [_group(by), *((label, "num") for label in figures)],
        "tabs": [(labels[one], f"?by={one}", one == by) for one in BY],
    })  # fmt: skip


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def chart(request: HttpRequest) -> JsonResponse:
    by = _by(request)
    days = month_ends(timezone.localdate(), MONTHS)
    found = _trend(request, by, days)
    lines = [
        (_("everybody"), found.everybody, None),
        *((row.name or _nobody(by), row.shares, row.key) for row in found.rows[:LINES]),
    ]
    labels = [formats.date(day) for day in days]
    return JsonResponse({
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "axis", "valueFormatter": "@percent"},
            "xAxis": {"type": "category", "data": labels, "boundaryGap": False},
            "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": "@percent"}},
            "series": [
                {"type": "line", "name": name, "lineStyle": {"width": 2 if n else 4},
                 "data": [{"value": _rounded(share), "url": _customers(by, key)} for share in shares]}
                for n, (name, shares, key) in enumerate(lines)
            ],
        },
        "table": {
            "columns": [_group(by), *labels],
            "rows": [[name, *(_rounded(share) for share in shares)] for name, shares, _key in lines],
        },
    })  # fmt: skip


def _group(by: str) -> str:
    return _("Owner") if by == "owner" else _("Department")


def _nobody(by: str) -> str:
    return _("public pool") if by == "owner" else _("without department")


def _by(request: HttpRequest) -> str:
    asked = request.GET.get("by", BY[0])
    return asked if asked in BY else BY[0]


def _trend(request: HttpRequest, by: str, days: list[datetime.date]) -> Trend:
    return trend(Customer.objects.visible_to(signed_in_person(request)), by=by, until=days)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _customers(by: str, key: int | None) -> str | None:
    return f"{reverse('customers')}?{by}={key}" if key else None
