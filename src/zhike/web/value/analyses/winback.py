"""Winning back: whom to try first, how likely they come, what second lives were worth so far."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.winback import KIND
from zhike.value.analyses.winback.kind import BANDS, DRIVERS, verdict
from zhike.value.models import Analysis
from zhike.web.value.analyses import foretold
from zhike.web.value.analyses.page import Page, Picture
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
    return foretold.groups(analysis, labels, title=_("Winning back"), measure=_("Mean gain"), of="value")


def _calibration(analysis: Analysis) -> Picture:
    """Few come back, so the axes end a little beyond the largest share."""
    largest = max((max(row["expected"], row["actual"]) for row in analysis.report["calibration"]), default=0.1)
    return foretold.calibration(analysis, came_true=_("Came back"), end=round(largest * 1.1, 2) or 0.1)


def _drivers(analysis: Analysis) -> Picture:
    return foretold.drivers(DRIVERS, analysis.report["drivers"])


PAGE = Page("analyses/winback.html", context, {"groups": _groups, "calibration": _calibration, "drivers": _drivers})
