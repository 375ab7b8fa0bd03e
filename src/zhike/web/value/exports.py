"""The tables of the value room as files."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core import spreadsheet
from zhike.teams.actions.exports import ApprovalNeeded, record_export
from zhike.teams.choices import Confidentiality, Permission
from zhike.teams.models import User
from zhike.teams.sheets import Export, mark
from zhike.value import queries
from zhike.value.choices import Grade, RfmClass, RfmSegment, Stage, Treatment
from zhike.value.models import Run
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

Sheet = tuple[list[str], list[list[Any]]]
LABELS: dict[str, Any] = {"grade": Grade, "stage": Stage, "rfm_class": RfmClass, "segment": RfmSegment, "treatment": Treatment}


@require_GET
@needs(Permission.VALUE_VIEW)
@needs(Permission.CUSTOMER_EXPORT)
def export(request: HttpRequest, name: str) -> HttpResponseBase:
    run = queries.current_run()
    if run is None or name not in SHEETS:
        raise Http404
    user = signed_in_person(request)
    header, rows = SHEETS[name](user, run)
    return sent(request, f"value-{name}", str(run.as_of), header, rows, len(rows))


def sent(
    request: HttpRequest, screen: str, as_of: str, header: list[str], rows: Iterable[list[Any]], count: int,
    *, highest: Confidentiality = Confidentiality.INTERNAL,
) -> HttpResponseBase:  # fmt: skip
    """A table as a CSV file, written down before it goes; of too many rows the way to ask for them."""
    user, leaving = signed_in_person(request), Export(screen, "csv", count, highest=highest)
    try:
        entry = record_export(actor=user, right=Permission.CUSTOMER_EXPORT, export=leaving, at=timezone.now())
    except ApprovalNeeded as problem:
        say(request, problem.messages[0] + " " + _("Use the customer list: there an export can be asked for."), tone="bad")
        return HttpResponseRedirect(reverse("value"))
    stamp = mark(user, entry.pk, count, entry.at)
    file = spreadsheet.whole_file("csv", screen, header, rows, stamp)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{screen}-{as_of}-{user.username}-{entry.pk}.csv",
        content_type="text/csv; charset=utf-8",
    )


def _by(name: str) -> Callable[[User, Run], Sheet]:
    def sheet(user: User, run: Run) -> Sheet:
        labels = dict(LABELS[name].choices)
        header = [
            _("Group"),
            _("Customers"),
            _("Orders"),
            _("Revenue"),
            _("Margin"),
            _("Lifetime value"),
            _("Expected orders in a year"),
            _("Cost of 52 weeks"),
            _("Margin of 52 weeks"),
        ]
        measures = ("customers", "orders", "revenue", "margin", "clv", "expected_orders", "cost", "profit")
        rows = queries.breakdown(user, run, name)
        return header, [[str(labels.get(row[name], "–")), *(_rounded(row.get(measure, 0)) for measure in measures)] for row in rows]

    return sheet


def _grid(user: User, run: Run) -> Sheet:
    header = [_("Recency score"), _("Frequency score"), _("Customers"), _("Revenue"), _("Lifetime value")]
    names = ("r_score", "f_score", "customers", "revenue", "clv")
    return header, [[_rounded(row[name]) for name in names] for row in queries.breakdown(user, run, "grid")]


def _whale(user: User, run: Run) -> Sheet:
    return [_("% of the customers"), _("Share of the contribution")], [list(point) for point in queries.whale(user, run)]


def _spread(user: User, run: Run) -> Sheet:
    rows = [[row["from"], row["to"], row["customers"]] for row in queries.spread(user, run)]
    return [_("Lifetime value from"), _("to"), _("Customers")], rows


def _back_test(user: User, run: Run) -> Sheet:
    rows = run.report["back_test"].get("by_period", [])
    return [_("Week"), _("Actual"), _("Expected")], [[row["period"], row["actual"], row["bgnbd"]] for row in rows]


def _turning(user: User, run: Run) -> Sheet:
    header = [
        _("Customer"),
        _("Grade"),
        _("Stage"),
        _("Last order"),
        _("Own rhythm, days"),
        _("Silence ÷ own rhythm"),
        _("Lifetime value"),
    ]
    rows = [
        [score.customer.name, score.get_grade_display(), score.get_stage_display(), score.last_on, score.rhythm_days,
         score.silence_ratio, score.clv]
        for score in queries.turning_down(user, run, limit=10_000)
    ]  # fmt: skip
    return header, rows


def _leaving(user: User, run: Run) -> Sheet:
    header = [
        _("Customer"),
        _("Stage"),
        _("Likely active"),
        _("Silence ÷ own rhythm"),
        _("Last order"),
        _("Lifetime value"),
        _("At risk"),
    ]
    rows = [
        [score.customer.name, score.get_stage_display(), score.p_alive, score.silence_ratio, score.last_on, score.clv,
         _rounded(score.at_risk)]  # type: ignore[attr-defined]
        for score in queries.leaving(user, run, queries.current_analyses(user).get("leaving"), limit=10_000)
    ]  # fmt: skip
    return header, rows


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


SHEETS: dict[str, Callable[[User, Run], Sheet]] = {
    **{name: _by(name) for name in LABELS},
    "grid": _grid, "whale": _whale, "spread": _spread, "back-test": _back_test, "turning-down": _turning, "leaving": _leaving,
}  # fmt: skip
