"""What is said about rhythm, season and the months to come, and what must be told."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.choices import Grade
from zhike.value.models import Finding

STATES = {
    "overdue": gettext_lazy("beyond its rhythm"), "soon": gettext_lazy("due within 30 days"), "later": gettext_lazy("due later"),
    "once": gettext_lazy("came once so far"), "unlikely": gettext_lazy("hardly to come again"),
}  # fmt: skip
SEGMENTS = {
    "none": gettext_lazy("not divided"), "grade": gettext_lazy("Grade"), "region": gettext_lazy("Region"),
    "channel": gettext_lazy("Channel"),
}  # fmt: skip
PERIODS = {"month": gettext_lazy("months"), "week": gettext_lazy("weeks")}
TECHNIQUES = {
    "naive": gettext_lazy("as in the last period"), "seasonal_naive": gettext_lazy("as a year ago"),
    "level": gettext_lazy("level and calendar"), "trend": gettext_lazy("trend and calendar"),
}  # fmt: skip
MEASURES = {"orders": gettext_lazy("Orders"), "revenue": gettext_lazy("Revenue")}
WINDOWS = {
    "before_spring_festival": gettext_lazy("three weeks before the Spring Festival"),
    "spring_festival": gettext_lazy("Spring Festival"), "after_spring_festival": gettext_lazy("after the Spring Festival"),
    "qingming": gettext_lazy("Qingming"), "labour_day": gettext_lazy("Labour Day"),
    "dragon_boat": gettext_lazy("Dragon Boat Festival"),
    "before_mid_autumn": gettext_lazy("two weeks before Mid-Autumn"), "mid_autumn": gettext_lazy("Mid-Autumn"),
    "national_day": gettext_lazy("National Day"), "new_year": gettext_lazy("New Year"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    segments: str = asks.ask("grade", asks.OneOf(gettext_lazy("Forecast by"), lambda: SEGMENTS.items()))
    period: str = asks.ask("month", asks.OneOf(gettext_lazy("in"), lambda: PERIODS.items()))
    periods: int = asks.ask(6, asks.Number(gettext_lazy("How many of them"), 1, 24))


def segment_label(report: Report, code: str | None) -> str:
    if code is None:
        return _("All customers")
    if report["options"]["segments"] == "grade" and code in Grade.values:
        return str(Grade(code).label)
    return code or _("not known")


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in STATES.items() if code in report.get("states", {})]


def headline(report: Report) -> list[Figure]:
    ahead = [row for row in report["forecast"] if row["segment"] is None]
    sums = {measure: sum(row["expected"] for row in ahead if row["measure"] == measure) for measure in MEASURES}
    span = {"n": report["options"]["periods"], "unit": PERIODS[report["options"]["period"]]}
    states = report["states"]
    found = [
        Figure("overdue", _("Beyond their rhythm"), states.get("overdue", 0)),
        Figure("soon", _("Due within 30 days"), states.get("soon", 0)),
        Figure("interval", _("Days between two purchases, middle"), report["rhythm"]["middle"]),
    ]
    if ahead:
        found += [
            Figure("orders", _("Orders expected in %(n)s %(unit)s") % span, round(sums["orders"])),
            Figure("revenue", _("Revenue expected in %(n)s %(unit)s") % span, round(sums["revenue"]), "money"),
        ]
    return found


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    told = {
        "last": detail.get("last", ""), "silent": detail.get("silent", 0), "rhythm": detail.get("rhythm") or "–",
        "chance": wording.percent(detail.get("coming", 0)),
        **{name: _day(report, detail.get(name)) for name in ("low", "middle", "high")},
    }  # fmt: skip
    if finding.group == "unlikely":
        return _("Silent for %(silent)s days against a rhythm of %(rhythm)s: comes again with %(chance)s only.") % told
    if detail.get("middle") is None:
        return (
            _(
                "Last on %(last)s, silent for %(silent)s days. Comes again with %(chance)s; "
                "a day cannot be told from so few purchases."
            )
            % told
        )
    if finding.group == "once":
        return (
            _("Came once, on %(last)s. Comes again with %(chance)s; then probably by %(high)s, most likely about %(middle)s.")
            % told
        )
    if finding.group == "overdue":
        return (
            _(
                "Beyond its rhythm: silent for %(silent)s days, longer than nine in ten of its intervals (middle %(rhythm)s days). "
                "Comes again with %(chance)s, then probably by %(high)s."
            )
            % told
        )
    return (
        _(
            "Next purchase about %(middle)s, four times in five between %(low)s and %(high)s: comes every %(rhythm)s days, "
            "last on %(last)s."
        )
        % told
    )


def _day(report: Report, days: float | None) -> str:
    if days is None:
        return "–"
    return (datetime.date.fromisoformat(report["as_of"]) + datetime.timedelta(days=round(days))).isoformat()


def tables(report: Report) -> Mapping[str, Sheet]:
    cohorts = [[row["cohort"], row["customers"], *(round(share, 4) for share in row["retention"])] for row in report["cohorts"]]
    ages = [str(age) for age in range(max((len(row["retention"]) for row in report["cohorts"]), default=0))]
    season = [
        [label, row["factor"], row["low"], row["high"]]
        for label, row in [*((str(WINDOWS[row["window"]]), row) for row in report["season"]["festivals"]),
                           *((_("month %(n)s") % {"n": row["month"]}, row) for row in report["season"]["months"]),
                           *((_("weekday %(n)s") % {"n": row["weekday"]}, row) for row in report["season"]["weekdays"])]
    ]  # fmt: skip
    ahead = [
        [
            segment_label(report, row["segment"]),
            str(MEASURES[row["measure"]]),
            row["start"],
            row["expected"],
            row["low"],
            row["high"],
        ]
        for row in report["forecast"]
    ]
    tests = [
        [str(MEASURES[row["measure"]]), str(TECHNIQUES[row["technique"]]), row["error"], row["bias"]] for row in report["tests"]
    ]
    due = [[row["start"], row["expected"]] for row in report["due"]]
    judged = [[row["days"], row["expected"], row["came"]] for row in report["judged"]]
    return {
        "cohorts": Sheet(_("Cohorts"), [_("First purchase in"), _("Customers"), *ages], cohorts),
        "season": Sheet(_("Season"), ["", _("Factor"), _("Low end"), _("High end")], season),
        "forecast": Sheet(
            _("Months to come"), [_("Segment"), _("Measure"), _("Period from"), _("Expected"), _("Low end"), _("High end")], ahead
        ),
        "tests": Sheet(_("Forecasts made earlier"), [_("Measure"), _("Technique"), _("Error"), _("Bias")], tests),
        "due": Sheet(_("Next purchases by week"), [_("Week from"), _("Expected customers")], due),
        "judged": Sheet(_("Rhythm foretold and seen"), [_("Within days"), _("Expected"), _("Came")], judged),
    }


KIND = Kind(
    name="patterns",
    title=gettext_lazy("Patterns"),
    purpose=gettext_lazy("Who stays, when people buy, when each customer will come next, and what the months to come will bring."),
    options=Options,
    computing="zhike.value.analyses.patterns.computing",
    minimum=gettext_lazy("At least thirty customers who bought again and eight weeks of orders are needed."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Next purchase"), choices),
    values=Values(gettext_lazy("Days until the next purchase"), "days"),
)
