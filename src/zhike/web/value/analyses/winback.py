"""Winning back: whom to try first, how likely they come, what second lives were worth so far."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.winback import KIND
from zhike.value.analyses.winback.kind import BANDS, DRIVERS, verdict
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_group
from zhike.web.value.room import to_customers

RANKED = {"columns": "name,owner,a_winback,a_winback_value", "sort": "-a_winback_value"}


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    return {
        "verdict": verdict(report), "lives": [row | {"label": BANDS[row["band"]]} for row in report["lives"]],
        "measured": any(row["ratio"] for row in report["lives"]), "ranked": to_customers(a_winback=["first", "pays"], **RANKED),
    }  # fmt: skip


def _groups(analysis: Analysis) -> Picture:
    labels = KIND.labels(analysis.report)
    sums = {row["group"]: row for row in analysis.report.get("sums", [])}
    codes = [code for code in labels if code in sums]
    return {
        "option": {
            "tooltip": {"trigger": "item"}, "xAxis": {"type": "category", "data": [labels[code] for code in codes]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "barMaxWidth": 48, "label": {"show": True, "position": "top"},
                        "data": [{"value": sums[code]["customers"], "url": to_group("winback", code)} for code in codes]}],
        },
        "table": {"columns": [_("Winning back"), _("Customers"), _("Mean gain")],
                  "rows": [[labels[code], sums[code]["customers"], round(sums[code]["value"] or 0, 2)] for code in codes]},
    }  # fmt: skip


def _calibration(analysis: Analysis) -> Picture:
    rows = analysis.report["calibration"]
    points = [[row["expected"], row["actual"]] for row in rows]
    end = max((max(row["expected"], row["actual"]) for row in rows), default=0.1) * 1.1
    axis = {"type": "value", "min": 0, "max": round(end, 3), "nameLocation": "middle", "axisLabel": {"formatter": "@percent"}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28, "left": 28},
            "xAxis": {**axis, "name": _("Foretold"), "nameGap": 26}, "yAxis": {**axis, "name": _("Came back"), "nameGap": 44},
            "series": [
                {"type": "line", "name": _("Come true"), "data": points, "symbolSize": 7},
                {"type": "line", "name": _("As foretold"), "data": [[0, 0], [round(end, 3)] * 2], "symbol": "none",
                 "lineStyle": {"type": "dashed", "width": 1}},
            ],
        },
        "table": {"columns": [_("Customers"), _("Foretold"), _("Came back")],
                  "rows": [[row["customers"], row["expected"], row["actual"]] for row in rows]},
    }  # fmt: skip


def _drivers(analysis: Analysis) -> Picture:
    rows = [(str(DRIVERS.get(name, name)), strength) for name, strength in analysis.report["drivers"]]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@number"}},
            "yAxis": {"type": "category", "inverse": True, "data": [name for name, _strength in rows]},
            "series": [{"type": "bar", "barMaxWidth": 18, "data": [round(strength, 3) for _name, strength in rows]}],
        },
        "table": {"columns": [_("Driver"), _("Strength")], "rows": [list(row) for row in rows]},
    }


PAGE = Page("analyses/winback.html", context, {"groups": _groups, "calibration": _calibration, "drivers": _drivers})
