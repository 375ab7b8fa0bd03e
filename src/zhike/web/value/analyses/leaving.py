"""Risk of leaving: beside simple ways, foretold against come true, what drives it, how long customers stay."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.leaving import KIND
from zhike.value.analyses.leaving.kind import DRIVERS, LABELS, METHODS, RIVALS, verdict
from zhike.value.analyses.leaving.stays_in_words import known, meaning, trusted
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_group

STRONGEST = 8


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    return {
        "verdict": verdict(report), "rivals": [(RIVALS[one["name"]], one["auc"], one["top"]) for one in report["rivals"]],
        "stays": _stays(report.get("stays") or {}),
        "gone_is": LABELS[report["label"]], "method": METHODS.get(report["kind"], _("Boosted trees")),
    }  # fmt: skip


def _stays(told: dict[str, Any]) -> dict[str, Any]:
    """What makes customers leave sooner, line by line in words."""
    if not told:
        return {}
    rows = [(known(one, told["usual"]), one, meaning(one)) for one in told["factors"]]
    return {"rows": rows, "n": told["n"], "gone": told["gone"], "trusted": trusted(told["concordance"])}


def _bands(analysis: Analysis) -> Picture:
    labels = KIND.labels(analysis.report)
    sums = {row["group"]: row for row in analysis.report.get("sums", [])}
    codes = [code for code in labels if code in sums]
    return {
        "option": {
            "tooltip": {"trigger": "item"}, "xAxis": {"type": "category", "data": [labels[code] for code in codes]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "barMaxWidth": 48, "label": {"show": True, "position": "top"},
                        "data": [{"value": sums[code]["customers"], "url": to_group("leaving", code)} for code in codes]}],
        },
        "table": {"columns": [_("Risk of leaving"), _("Customers"), _("Lifetime value")],
                  "rows": [[labels[code], sums[code]["customers"], round(sums[code]["clv"], 2)] for code in codes]},
    }  # fmt: skip


def _calibration(analysis: Analysis) -> Picture:
    rows = analysis.report["calibration"]
    points = [[row["expected"], row["actual"]] for row in rows]
    axis = {"type": "value", "min": 0, "max": 1, "nameLocation": "middle", "axisLabel": {"formatter": "@percent"}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28, "left": 28},
            "xAxis": {**axis, "name": _("Foretold"), "nameGap": 26}, "yAxis": {**axis, "name": _("Left"), "nameGap": 44},
            "series": [
                {"type": "line", "name": _("Come true"), "data": points, "symbolSize": 7},
                {"type": "line", "name": _("As foretold"), "data": [[0, 0], [1, 1]], "symbol": "none",
                 "lineStyle": {"type": "dashed", "width": 1}},
            ],
        },
        "table": {"columns": [_("Customers"), _("Foretold"), _("Left")],
                  "rows": [[row["customers"], row["expected"], row["actual"]] for row in rows]},
    }  # fmt: skip


def _drivers(analysis: Analysis) -> Picture:
    rows = [(str(DRIVERS.get(name, name)), strength) for name, strength in analysis.report["drivers"][:STRONGEST]]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@number"}},
            "yAxis": {"type": "category", "inverse": True, "data": [name for name, _strength in rows]},
            "series": [{"type": "bar", "barMaxWidth": 18, "data": [round(strength, 3) for _name, strength in rows]}],
        },
        "table": {"columns": [_("Driver"), _("Strength")], "rows": [list(row) for row in rows]},
    }


def _survival(analysis: Analysis) -> Picture:
    rows = analysis.report["survival"]
    return {
        "option": {
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent"}, "grid": {"bottom": 28},
            "xAxis": {"type": "value", "name": _("Months since the first order"), "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "series": [{"type": "line", "step": "end", "symbol": "none", "name": _("Still buying"),
                        "data": [[0, 1], *([row[0], round(row[1], 4)] for row in rows)]}],
        },
        "table": {"columns": [_("Months"), _("Share"), _("Low"), _("High")], "rows": rows},
    }  # fmt: skip


def _curves(analysis: Analysis) -> Picture:
    """By month: who by what was known at the first order stays longest, in the middle, shortest."""
    rows = (analysis.report.get("stays") or {}).get("curves", [])
    names = [_("stays longest (a tenth stays longer)"), _("in the middle"), _("leaves soonest (a tenth leaves sooner)")]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@percent"}, "grid": {"bottom": 28, "top": 76},
            "xAxis": {"type": "value", "name": _("Months since the first order"), "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "series": [{"type": "line", "symbol": "none", "name": name, "data": [[row[0], row[at]] for row in rows]}
                       for at, name in enumerate(names, 1)],
        },
        "table": {"columns": [_("Months"), *names], "rows": rows},
    }  # fmt: skip


PAGE = Page(
    "analyses/leaving.html", context,
    {"bands": _bands, "calibration": _calibration, "drivers": _drivers, "survival": _survival, "stays": _curves},
)  # fmt: skip
