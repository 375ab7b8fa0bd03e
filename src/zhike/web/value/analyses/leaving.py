"""Risk of leaving: beside simple ways, foretold against come true, what drives it, how long customers stay."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.leaving import KIND
from zhike.value.analyses.leaving.kind import DRIVERS, LABELS, METHODS, RIVALS, verdict
from zhike.value.analyses.leaving.stays_in_words import known, meaning, trusted
from zhike.value.models import Analysis
from zhike.web.value.analyses import foretold
from zhike.web.value.analyses.page import Page, Picture

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
    return foretold.groups(analysis, labels, title=_("Risk of leaving"), measure=_("Lifetime value"), of="clv")


def _calibration(analysis: Analysis) -> Picture:
    return foretold.calibration(analysis, came_true=_("Left"))


def _drivers(analysis: Analysis) -> Picture:
    return foretold.drivers(DRIVERS, analysis.report["drivers"][:STRONGEST])


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
