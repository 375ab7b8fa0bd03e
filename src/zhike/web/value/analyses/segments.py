"""Segments: sizes beside value, profiles as a heat map, customers by the two figures that tell most."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.segments import KIND
from zhike.value.analyses.segments.kind import CRITERIA, METHODS, TESTS, Words, reason, rule_in_words
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, figures, to_group

STRONGEST = 2.0  # standard units from everybody's mean that are drawn in full colour


def context(analysis: Analysis) -> dict[str, Any]:
    report, words = analysis.report, Words()
    typical = [
        (words.column(name), words.figure(name, report["overall"][name]), [_cell(words, one, name) for one in report["segments"]])
        for name in report["features"]
    ]
    return {
        "reason": reason(report), "method": METHODS.get(report["method"], ""), "tests": TESTS, "criteria": CRITERIA,
        "label_heads": figures(KIND.labels(report)), "test_heads": figures(TESTS), "criteria_heads": figures(CRITERIA),
        "typical": typical, "left_out": [words.column(name) for name in report["left_out"]],
        "rules": {one["code"]: rule_in_words(one, words) for one in report["segments"]},
    }  # fmt: skip


def _cell(words: Words, segment: dict[str, Any], name: str) -> tuple[str, str]:
    """The typical figure, and how far it is from everybody's: "more-3" to "less-3", or "" for near."""
    z = segment["z"][name]
    depth = min(3, int(abs(z) / STRONGEST * 3 + 0.5))
    return words.figure(name, segment["mean"][name]), (f"{'more' if z > 0 else 'less'}-{depth}" if depth else "")


def _sizes(analysis: Analysis) -> Picture:
    """Share of the customers beside share of the revenue and of the lifetime value."""
    labels, report = KIND.labels(analysis.report), analysis.report
    sums = {row["group"]: row for row in report.get("sums", [])}
    measures = [("customers", _("Customers")), ("revenue", _("Revenue")), ("margin", _("Margin")), ("clv", _("Lifetime value"))]
    totals = {name: sum(max(float(row[name]), 0) for row in sums.values()) for name, _label in measures}
    measures = [(name, label) for name, label in measures if totals[name]]
    codes = [code for code in labels if code in sums]

    def points(code: str) -> list[dict[str, Any]]:
        shares = [max(float(sums[code][name]), 0) / totals[name] for name, _label in measures]
        return [{"value": round(share, 4), "url": to_group("segments", code)} for share in shares]

    return {
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "item", "valueFormatter": "@percent"},
            "xAxis": {"type": "value", "max": 1, "axisLabel": {"formatter": "@percent"}},
            "yAxis": {"type": "category", "inverse": True, "data": [label for _name, label in measures]},
            "series": [
                {"type": "bar", "stack": "all", "name": labels[code], "barWidth": 22, "data": points(code)} for code in codes
            ],
        },
        "table": {
            "columns": [_("Customer segment"), *(label for _name, label in measures)],
            "rows": [[labels[code], *(round(float(sums[code][name]), 2) for name, _label in measures)] for code in codes],
        },
    }  # fmt: skip


def _scatter(analysis: Analysis) -> Picture:
    labels, words = KIND.labels(analysis.report), Words()
    found = analysis.report["scatter"] or {"x": "", "y": "", "points": []}
    x, y = (words.column(found[name]) for name in ("x", "y"))
    by_code: dict[str, list[list[float]]] = {code: [] for code in labels}
    for a, b, code in found["points"]:
        by_code[code].append([a, b])
    series = [
        {"type": "scatter", "name": labels[code], "symbolSize": 6, "itemStyle": {"opacity": 0.55}, "data": points}
        for code, points in by_code.items()
    ]
    axis = {"type": "value", "nameLocation": "middle", "axisLabel": {"formatter": "@short"}, "scale": True}
    return {
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28, "left": 28}, "series": series,
            "xAxis": {**axis, "name": x, "nameGap": 26}, "yAxis": {**axis, "name": y, "nameGap": 44},
        },
        "table": {"columns": [x, y, _("Customer segment")], "rows": [[a, b, labels[code]] for a, b, code in found["points"][:200]]},
    }  # fmt: skip


def _map(analysis: Analysis) -> Picture:
    """The self-organising map: each cell with its customers, in the colour of its segment."""
    labels, cells = KIND.labels(analysis.report), analysis.report["map"]
    side = int(len(cells) ** 0.5)
    series = [
        {"type": "scatter", "name": label, "data": [
            {"value": [at % side, at // side, count], "symbolSize": 6 + 22 * (count / max(c for c, _one in cells)) ** 0.5,
             "url": to_group("segments", code)}
            for at, (count, of) in enumerate(cells) if of == code and count
        ]}
        for code, label in labels.items()
    ]  # fmt: skip
    axis = {"type": "value", "min": -1, "max": side, "show": False}
    rows = [[at // side + 1, at % side + 1, count, labels.get(code or "", "–")] for at, (count, code) in enumerate(cells)]
    return {
        "option": {"legend": {}, "tooltip": {"trigger": "item"}, "xAxis": axis, "yAxis": axis, "series": series},
        "table": {"columns": [_("Row"), _("Column"), _("Customers"), _("Customer segment")], "rows": rows},
    }


PAGE = Page("analyses/segments.html", context, {"sizes": _sizes, "scatter": _scatter, "map": _map})
