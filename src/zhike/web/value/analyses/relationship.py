"""Relationships: satisfaction by month, what drives it, what relationships bring by their quality."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.relationship.kind import CLASSES, DRIVERS, PARTS
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_values


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    drivers = [
        {**one, "label": DRIVERS[one["name"]], "way": _("more is better") if one["correlation"] > 0 else _("less is better")}
        for one in report["drivers"]
    ]
    parts = [(label, report["parts"][name]) for name, label in PARTS.items() if name in report["parts"]]
    return {"drivers": drivers, "parts": parts, "meaning": {code: one[1] for code, one in CLASSES.items()}}


def _months(analysis: Analysis) -> Picture:
    rows = analysis.report["months"]
    return {
        "option": {
            "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": [row["month"] for row in rows]},
            "yAxis": {"type": "value", "min": 0, "max": 100},
            "series": [{"type": "line", "name": _("Satisfaction index"), "data": [row["index"] for row in rows]}],
        },
        "table": {
            "columns": [_("Month"), _("Satisfaction index"), _("Contacts")],
            "rows": [[row["month"], row["index"], row["contacts"]] for row in rows],
        },
    }  # fmt: skip


def _profit(analysis: Analysis) -> Picture:
    """Margin and cost of a customer, mean, by the quality of the relationship."""
    rows = analysis.report["bands"]
    names = [f"{row['from']}–{row['from'] + 20}" for row in rows]
    urls = [to_values("relationship", row["from"], row["from"] + 20) for row in rows]
    series = [
        {"type": "bar", "name": label, "barMaxWidth": 32,
         "data": [{"value": row[code], "url": url} for row, url in zip(rows, urls, strict=True)]}
        for code, label in (("received", _("Margin")), ("cost", _("Cost of 52 weeks")), ("net", _("After cost")))
    ]  # fmt: skip
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@money"}, "series": series, "grid": {"bottom": 28},
            "xAxis": {"type": "category", "data": names, "name": _("Quality"), "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
        },
        "table": {
            "columns": [_("Quality"), _("Customers"), _("Margin"), _("Cost of 52 weeks"), _("After cost")],
            "rows": [[name, row["customers"], row["received"], row["cost"], row["net"]]
                     for name, row in zip(names, rows, strict=True)],
        },
    }  # fmt: skip


PAGE = Page("analyses/relationship.html", context, {"months": _months, "profit": _profit})
