"""Patterns: who stays, when people buy, the months to come with their interval, and who comes in which week."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.patterns.kind import MEASURES, TECHNIQUES, WINDOWS, segment_label
from zhike.value.models import Analysis
from zhike.web import formats
from zhike.web.value.analyses.page import Page, Picture, to_values

COLOUR = "#2f8f9d"  # between the accents of both grounds; deeper where more came again
SPARSE = 0.05  # a share of customers below which the deepest colour is not used


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    best = {row["measure"]: row for row in report["tests"] if row["chosen"]}
    sums: dict[str | None, dict[str, float]] = {}
    for row in report["forecast"]:
        one = sums.setdefault(row["segment"], dict.fromkeys(MEASURES, 0.0))
        one[row["measure"]] += row["expected"]
    return {
        "measures": MEASURES, "techniques": TECHNIQUES, "verdict": _verdict(report, best),
        "segments": [(segment_label(report, code), one) for code, one in sums.items() if code is not None],
        "weekday": _weekday, "windows": WINDOWS,
    }  # fmt: skip


def _verdict(report: dict[str, Any], best: dict[str, Any]) -> str:
    """Which technique won at the earlier days, and by how much; honest where it is the last period again."""
    if not best or not report["origins"]:
        return _("The history is too short to judge a forecast by earlier ones.")
    row = best["revenue"]
    told = {
        "technique": TECHNIQUES[row["technique"]], "error": formats.percent(row["error"], 1), "n": report["origins"],
        "held": formats.percent(report["coverage"]["revenue"] or 0),
    }  # fmt: skip
    text = _("Of %(n)s forecasts made at earlier days, “%(technique)s” missed the revenue least: by %(error)s.") % told
    return text + " " + _("The interval of four in five held %(held)s of what came.") % told


def _weekday(number: int) -> str:
    names = _("Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split(" ")
    return names[number - 1]


def _cohorts(analysis: Analysis) -> Picture:
    """Each month of first purchases, and which share came again in each month after it."""
    rows = analysis.report["cohorts"]
    most = max((len(row["retention"]) for row in rows), default=1)
    cells = [[age, at, share] for at, row in enumerate(rows) for age, share in enumerate(row["retention"]) if age]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@percent"}, "grid": {"bottom": 28},
            "xAxis": {"type": "category", "data": list(range(most)), "name": _("months after the first purchase"),
                      "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "category", "inverse": True, "data": [row["cohort"] for row in rows]},
            "visualMap": {"min": 0, "max": max([SPARSE, *(cell[2] for cell in cells)]), "show": False,
                          "inRange": {"color": [COLOUR], "colorAlpha": [0.04, 1]}},
            "series": [{"type": "heatmap", "name": _("came again"), "data": cells}],
        },
        "table": {
            "columns": [_("First purchase in"), _("Customers"), *map(str, range(1, most))],
            "rows": [[row["cohort"], row["customers"], *(formats.percent(share) for share in row["retention"][1:]),
                      *[""] * (most - len(row["retention"]))] for row in rows],
        },
    }  # fmt: skip


def _season(analysis: Analysis) -> Picture:
    """How busy months, weekdays and the days around festivals are, 1 being an average day."""
    season = analysis.report["season"]
    rows = [(_weekday(row["weekday"]), row) for row in season["weekdays"]]
    rows += [(_("month %(n)s") % {"n": row["month"]}, row) for row in season["months"]]
    rows += [(str(WINDOWS[row["window"]]), row) for row in season["festivals"]]
    names = [name for name, _row in rows]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@number"}, "splitNumber": 4},
            "yAxis": {"type": "category", "inverse": True, "data": names, "axisLabel": {"interval": 0}},
            "series": [
                {"type": "bar", "name": _("Factor"), "data": [row["factor"] for _name, row in rows]},
                {"type": "line", "symbol": "none", "silent": True, "lineStyle": {"type": "dashed", "width": 1},
                 "data": [[1, names[0]], [1, names[-1]]]},
            ],
        },
        "table": {
            "columns": ["", _("Factor"), _("Low end"), _("High end")],
            "rows": [[name, row["factor"], row["low"], row["high"]] for name, row in rows],
        },
    }  # fmt: skip


def _forecast(analysis: Analysis, measure: str) -> Picture:
    report = analysis.report
    past = [row for row in report["history"] if row["measure"] == measure]
    ahead = [row for row in report["forecast"] if row["measure"] == measure and row["segment"] is None]
    whole = report["options"]["period"] == "month"
    starts = [row["start"][:7] if whole else row["start"] for row in (*past, *ahead)]
    gap: list[float | None] = [None] * max(len(past) - 1, 0)
    joint = [past[-1]["actual"]] if past else []

    def line(name: str) -> list[float | None]:
        return [*gap, *joint, *(row[name] for row in ahead)]

    thin = {"type": "line", "showSymbol": False, "lineStyle": {"width": 1, "type": "dotted", "color": COLOUR}}
    thin = {**thin, "itemStyle": {"color": COLOUR}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@money" if measure == "revenue" else "@short"},
            "grid": {"top": 36}, "xAxis": {"type": "category", "data": starts},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@money" if measure == "revenue" else "@short"}},
            "series": [
                {"type": "line", "name": _("Actual"), "showSymbol": False, "data": [row["actual"] for row in past]},
                {"type": "line", "name": _("Expected"), "showSymbol": False, "data": line("expected")},
                {**thin, "name": _("Low end"), "data": line("low")}, {**thin, "name": _("High end"), "data": line("high")},
            ],
        },
        "table": {
            "columns": [_("Period from"), _("Actual"), _("Expected"), _("Low end"), _("High end")],
            "rows": [[row["start"], row["actual"], "", "", ""] for row in past]
            + [[row["start"], "", row["expected"], row["low"], row["high"]] for row in ahead],
        },
    }  # fmt: skip


def _due(analysis: Analysis) -> Picture:
    """In which week the next purchases are expected; a bar leads to the customers whose most likely day lies in it."""
    rows = analysis.report["due"]
    data = [{"value": row["expected"], "url": to_values("patterns", row["from"], row["to"])} for row in rows]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": [row["start"][5:] for row in rows]},
            "yAxis": {"type": "value"}, "series": [{"type": "bar", "name": _("Expected customers"), "data": data}],
        },
        "table": {"columns": [_("Week from"), _("Expected customers")], "rows": [[row["start"], row["expected"]] for row in rows]},
    }  # fmt: skip


PAGE = Page(
    "analyses/patterns.html", context,
    {"cohorts": _cohorts, "season": _season, "due": _due, "orders": lambda analysis: _forecast(analysis, "orders"),
     "revenue": lambda analysis: _forecast(analysis, "revenue")},
)  # fmt: skip
