"""The value room: its tabs, the current run, and what every page of it says about the run."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.value import queries
from zhike.value.models import Run
from zhike.web.layout import address
from zhike.web.pages import page, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

TABS = (
    ("value", _("Overview")),
    ("value-grades", _("Grades")),
    ("value-rfm", _("RFM")),
    ("value-matrix", _("Value matrix")),
    ("value-clv", _("Lifetime value")),
    ("value-lifecycle", _("Lifecycle")),
    ("value-leaving", _("Risk of leaving")),
    ("value-equity", _("Customer equity")),
    ("value-analyses", _("Analyses")),
    ("value-runs", _("Runs")),
)
_ALSO = {
    "value-runs": ("value-run", "value-compare", "value-assumptions"),
    "value-equity": ("value-calculator",),
    "value-analyses": ("value-analysis", "value-credit"),
}

Screen = Callable[[HttpRequest, Run], HttpResponse]


def room(request: HttpRequest, template: str, context: dict[str, Any], run: Run | None, status: int = 200) -> HttpResponse:
    user = signed_in_person(request)
    rights = rights_of(user)
    here = (request.resolver_match.url_name if request.resolver_match else "") or ""
    around = {
        "tabs": [(str(label), reverse(name), here == name or here.startswith(_ALSO.get(name, ("-",)))) for name, label in TABS],
        "run": run,
        "whole": queries.sees_all(user),
        "may_run": rights.allows(Permission.VALUE_RUN),
        "may_export": rights.allows(Permission.CUSTOMER_EXPORT),
        "to_customers": to_customers,
    }
    return page(request, f"value/{template}", around | context, part=wanted_part(request), status=status)


def with_run(screen: Screen) -> Callable[[HttpRequest], HttpResponse]:
    """A page about the current run; before the first one it says how to get one."""

    @needs(Permission.VALUE_VIEW)
    @wraps(screen)
    def shown(request: HttpRequest) -> HttpResponse:
        run = queries.current_run()
        if run is None:
            return room(
                request,
                "no_run.html",
                {"under_way": queries.under_way(), "orders": queries.last_order_on() is not None, "imports": address("imports")},
                None,
            )
        return screen(request, run)

    return shown  # type: ignore[return-value]


def to_customers(**filters: Any) -> str:
    """The customer list with these filters: where every figure leads."""
    return f"{reverse('customers')}?{urlencode({name: value for name, value in filters.items() if value is not None}, doseq=True)}"
