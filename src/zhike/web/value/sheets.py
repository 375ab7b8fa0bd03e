"""The tables of the value room as tables that leave: always of the current run."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.teams.sheets import Export, Place, Sheet, Wanted
from zhike.value import queries
from zhike.value.choices import Grade, RfmClass, RfmSegment, Stage, Treatment
from zhike.value.models import Run, Score

FIRST = "value-"
Lines = list[list[Any]] | Iterator[list[Any]]
Table = tuple[list[str], int, Lines]  # header, how many, the lines
LABELS: dict[str, Any] = {"grade": Grade, "stage": Stage, "rfm_class": RfmClass, "segment": RfmSegment, "treatment": Treatment}


def sheet(user: User, wanted: Wanted, at: datetime.datetime) -> Sheet | None:
    stands = place(wanted.screen, wanted.query)
    if stands is None:
        return None
    access.require(user, Permission.VALUE_VIEW)
    run = queries.current_run()
    if run is None:
        raise Http404
    header, count, lines = TABLES[wanted.screen.removeprefix(FIRST)](user, run)
    export = Export(wanted.screen, wanted.kind, count)
    return Sheet(export, Permission.CUSTOMER_EXPORT, stands.title, header, lines, as_of=run.as_of)


def place(screen: str, query: str) -> Place | None:
    name = screen.removeprefix(FIRST)
    if name == screen or name not in TABLES:
        return None
    title, route = {
        "grade": (_("Grade"), "value-grades"), "stage": (_("Stage"), "value-lifecycle"), "rfm_class": (_("RFM class"), "value-rfm"),
        "segment": (_("Segment"), "value-rfm"), "treatment": (_("Treatment"), "value-matrix"),
        "grid": (_("Recency × frequency"), "value-rfm"), "whale": (_("Few bring most"), "value-grades"),
        "spread": (_("How it is spread"), "value-clv"), "back-test": (_("Forecast and actual"), "value-clv"),
        "turning-down": (_("Valued customers turning down"), "value-lifecycle"),
        "leaving": (_("Whom to keep first"), "value-leaving"),
    }[name]  # fmt: skip
    return Place(title, reverse(route))


def _by(name: str) -> Callable[[User, Run], Table]:
    def table(user: User, run: Run) -> Table:
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
        return _whole(
            header, [[str(labels.get(row[name], "–")), *(_rounded(row.get(measure, 0)) for measure in measures)] for row in rows]
        )

    return table


def _grid(user: User, run: Run) -> Table:
    header = [_("Recency score"), _("Frequency score"), _("Customers"), _("Revenue"), _("Lifetime value")]
    names = ("r_score", "f_score", "customers", "revenue", "clv")
    return _whole(header, [[_rounded(row[name]) for name in names] for row in queries.breakdown(user, run, "grid")])


def _whale(user: User, run: Run) -> Table:
    return _whole([_("% of the customers"), _("Share of the contribution")], [list(point) for point in queries.whale(user, run)])


def _spread(user: User, run: Run) -> Table:
    rows = [[row["from"], row["to"], row["customers"]] for row in queries.spread(user, run)]
    return _whole([_("Lifetime value from"), _("to"), _("Customers")], rows)


def _back_test(user: User, run: Run) -> Table:
    rows = run.report["back_test"].get("by_period", [])
    return _whole([_("Week"), _("Actual"), _("Expected")], [[row["period"], row["actual"], row["bgnbd"]] for row in rows])


def _turning(user: User, run: Run) -> Table:
    header = [
        _("Customer"),
        _("Grade"),
        _("Stage"),
        _("Last order"),
        _("Own rhythm, days"),
        _("Silence ÷ own rhythm"),
        _("Lifetime value"),
    ]
    people = queries.turning_down(user, run)
    lines = (
        [score.customer.name, score.get_grade_display(), score.get_stage_display(), score.last_on, score.rhythm_days,
         score.silence_ratio, score.clv]
        for score in _read(people)
    )  # fmt: skip
    return header, people.count(), lines


def _leaving(user: User, run: Run) -> Table:
    header = [
        _("Customer"),
        _("Stage"),
        _("Likely active"),
        _("Silence ÷ own rhythm"),
        _("Last order"),
        _("Lifetime value"),
        _("At risk"),
    ]
    people = queries.leaving(user, run, queries.current_analyses(user).get("leaving"))
    lines = (
        [score.customer.name, score.get_stage_display(), score.p_alive, score.silence_ratio, score.last_on, score.clv,
         _rounded(score.at_risk)]  # type: ignore[attr-defined]
        for score in _read(people)
    )  # fmt: skip
    return header, people.count(), lines


def _read(people: "QuerySet[Score]") -> Iterator[Score]:
    return people.iterator(chunk_size=2000)


def _whole(header: list[str], rows: list[list[Any]]) -> Table:
    return header, len(rows), rows


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


TABLES: dict[str, Callable[[User, Run], Table]] = {
    **{name: _by(name) for name in LABELS},
    "grid": _grid, "whale": _whale, "spread": _spread, "back-test": _back_test, "turning-down": _turning, "leaving": _leaving,
}  # fmt: skip
