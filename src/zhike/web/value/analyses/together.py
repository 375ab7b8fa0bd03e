"""What goes together: a matrix of the products whose orders attract each other, who names what is bought, and the chances."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.together import KIND
from zhike.value.analyses.together.kind import TECHNIQUES, name_of
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_group

MOST_IN_MATRIX = 16
COLOUR = "#2f8f9d"  # between the accents of both grounds; deeper where the lift is higher
LEAST_COLOUR = 4.0  # lift that is drawn in full colour at least


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    techniques = {row["technique"]: row for row in report["techniques"]}
    best = (
        {name: max(techniques.values(), key=lambda row: row[name] or 0)["technique"] for name in ("ndcg", "new_ndcg")}
        if (techniques)
        else {}
    )
    known = {code for code, _label in KIND.groups.choices(report)} if KIND.groups else set()
    return {
        "name": lambda code: name_of(report, code), "techniques": TECHNIQUES, "verdict": _verdict(best),
        "is_next": known, "gain": 1 - report["log_loss"] / report["base_log_loss"] if report["base_log_loss"] else None,
    }  # fmt: skip


def _verdict(best: dict[str, str]) -> str:
    """Who won on the days held back; honest where it is a simple one."""
    if not best:
        return _("The history is too short to hold some days back and judge.")
    told = {"all": TECHNIQUES[best["ndcg"]], "new": TECHNIQUES[best["new_ndcg"]]}
    if best["ndcg"] == best["new_ndcg"] == "propensity":
        return _("On the days held back, all techniques learned together name best what is bought, also what is new.")
    return _("On the days held back, best of all: “%(all)s”; for what is new to the customer: “%(new)s”.") % told


def _matrix(analysis: Analysis) -> Picture:
    """Rules of two products as cells: left, right, lift."""
    report = analysis.report
    pairs = {(row["left"][0], row["right"]): row for row in report["rules"] if len(row["left"]) == 1}
    codes = list(dict.fromkeys(code for pair in pairs for code in pair))[:MOST_IN_MATRIX]
    names = [name_of(report, code) for code in codes]
    cells = [
        {"value": [codes.index(left), codes.index(right), row["lift"]], "url": to_group("together", right)}
        for (left, right), row in pairs.items()
        if left in codes and right in codes
    ]
    label: dict[str, Any] = {"type": "category", "data": names, "axisLabel": {"interval": 0, "width": 110, "overflow": "truncate"}}
    high = max([LEAST_COLOUR, *(cell["value"][2] for cell in cells)])
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"}, "grid": {"bottom": 8, "left": 4},
            "xAxis": {**label, "axisLabel": {**label["axisLabel"], "rotate": 40}}, "yAxis": {**label, "inverse": True},
            "visualMap": {"min": 1, "max": high, "show": False, "inRange": {"color": [COLOUR], "colorAlpha": [0.25, 1]}},
            "series": [{"type": "heatmap", "name": _("Lift"), "data": cells}],
        },
        "table": {
            "columns": [_("Who buys"), _("also buys"), _("Orders"), _("Confidence"), _("Lift")],
            "rows": [[name_of(report, left), name_of(report, right), row["both"], row["confidence"], row["lift"]]
                     for (left, right), row in pairs.items()],
        },
    }  # fmt: skip


def _techniques(analysis: Analysis) -> Picture:
    rows = analysis.report["techniques"]
    measures = [("hit_rate", _("everything bought")), ("new_hit_rate", _("only what is new to the customer"))]
    names = [str(TECHNIQUES[row["technique"]]) for row in rows]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@percent"}, "grid": {"top": 36},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@percent"}},
            "yAxis": {"type": "category", "inverse": True, "data": names},
            "series": [{"type": "bar", "name": label, "data": [row[key] for row in rows]} for key, label in measures],
        },
        "table": {
            "columns": [_("Technique"), *(label for _key, label in measures)],
            "rows": [[name, *(row[key] for key, _label in measures)] for name, row in zip(names, rows, strict=True)],
        },
    }  # fmt: skip


def _calibration(analysis: Analysis) -> Picture:
    rows = analysis.report["calibration"]
    foretold, seen = _("Foretold"), _("Came true")
    share = {"type": "value", "nameLocation": "middle", "axisLabel": {"formatter": "@percent"}}
    most = max([0.01, *(max(row["expected"], row["actual"]) for row in rows)])
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item", "valueFormatter": "@percent"},
            "grid": {"bottom": 28, "left": 28, "top": 36}, "xAxis": {**share, "name": foretold, "nameGap": 26},
            "yAxis": {**share, "name": seen, "nameGap": 44},
            "series": [
                {"type": "line", "name": seen, "symbolSize": 7, "data": [[row["expected"], row["actual"]] for row in rows]},
                {"type": "line", "name": _("if exactly right"), "showSymbol": False, "data": [[0, 0], [most, most]],
                 "lineStyle": {"type": "dashed", "width": 1}},
            ],
        },
        "table": {
            "columns": [foretold, seen, _("Pairs")], "rows": [[row["expected"], row["actual"], row["pairs"]] for row in rows],
        },
    }  # fmt: skip


PAGE = Page("analyses/together.html", context, {"matrix": _matrix, "techniques": _techniques, "calibration": _calibration})
