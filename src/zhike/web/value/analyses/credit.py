"""Credit rating: grades and their default rates, foretold against come true, how well the score tells good from bad, what moved."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.credit import KIND
from zhike.value.analyses.credit.kind import DROPPED, FEW_BAD, FEW_GOOD, HOW, bins_of, characteristic, psi_said, psi_tone
from zhike.value.analyses.segments.kind import Words
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_group, to_values

BAD, GOOD = "#b3402e", "#5b7f95"


def context(analysis: Analysis) -> dict[str, Any]:
    report, words = analysis.report, Words()
    watch = report["watch"]
    parts = [
        (characteristic(name, words), list(zip(bins_of(part), part["points"], part["good"], part["bad"], part["now"], strict=True)))
        for name, part in report["card"].get("parts", {}).items()
    ]
    moved = [
        (characteristic(name, words), value, psi_said(value), psi_tone(value))
        for name, value in (watch or {"characteristics": {}})["characteristics"].items()
    ]
    return {
        "how": HOW[report["card"]["how"]],
        "card_parts": parts,
        "test": report.get("test"),
        "watch": watch,
        "moved": moved,
        "score_moved": (psi_said(watch["score"]), psi_tone(watch["score"])) if watch else None,
        "weights": [(characteristic(name, words), weight) for name, weight in report["card"].get("weights", {}).items()],
        "chosen": [
            (characteristic(row["name"], words), row["iv"], row["psi"], DROPPED[row["why"]])
            for row in report.get("characteristics", [])
        ],
        "grade_rows": report["grades"],
        "few_bad": FEW_BAD,
        "few_good": FEW_GOOD,
    }


def _grades(analysis: Analysis) -> Picture:
    rows, labels = analysis.report["grades"], KIND.labels(analysis.report)
    rates = [round(row["tested"][1] / row["tested"][0], 4) if row["tested"] and row["tested"][0] else None for row in rows]
    bar = {"type": "bar", "barMaxWidth": 28}
    series: list[dict[str, Any]] = [
        {**bar, "name": _("By score"), "data": [row["customers"] for row in rows]},
        {**bar, "name": _("After the facts"),
         "data": [{"value": row["after"], "url": to_group("credit", row["grade"])} for row in rows]},
    ]  # fmt: skip
    if any(rate is not None for rate in rates):
        red = {"itemStyle": {"color": BAD}, "lineStyle": {"color": BAD}}
        series.append(
            {"type": "line", "name": _("Defaulted in the test"), "yAxisIndex": 1, "data": rates, "connectNulls": True, **red}
        )
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis"}, "grid": {"top": 36},
            "xAxis": {"type": "category", "data": [labels[row["grade"]] for row in rows]},
            "yAxis": [{"type": "value", "axisLabel": {"formatter": "@short"}},
                      {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}, "splitLine": {"show": False}}],
            "series": series,
        },
        "table": {"columns": [_("Grade"), _("By score"), _("After the facts"), _("Defaulted in the test")],
                  "rows": [[row["grade"], row["customers"], row["after"], rate] for row, rate in zip(rows, rates, strict=True)]},
    }  # fmt: skip


def _scores(analysis: Analysis) -> Picture:
    rows = analysis.report["scores"]
    return {
        "option": {
            "tooltip": {"trigger": "item"},
            "xAxis": {"type": "category", "data": [str(int(low)) for low, _n in rows]},
            "yAxis": {"type": "value"},
            "series": [
                {
                    "type": "bar",
                    "name": _("Customers"),
                    "barCategoryGap": "8%",
                    "data": [{"value": n, "url": to_values("credit", low, low + 19.9)} for low, n in rows],
                }
            ],
        },
        "table": {"columns": [_("Score from"), _("Customers")], "rows": rows},
    }


def _calibration(analysis: Analysis) -> Picture:
    rows = analysis.report.get("test", {}).get("calibration", [])
    most = max([0.1, *(max(row["expected"], row["actual"]) for row in rows)]) * 1.1
    axis = {
        "type": "value",
        "min": 0,
        "max": round(min(most, 1.0), 2),
        "nameLocation": "middle",
        "axisLabel": {"formatter": "@percent"},
    }
    return {
        "option": {
            "legend": {},
            "tooltip": {"trigger": "item"},
            "grid": {"bottom": 28, "left": 28},
            "xAxis": {**axis, "name": _("Foretold"), "nameGap": 26},
            "yAxis": {**axis, "name": _("Defaulted"), "nameGap": 44},
            "series": [
                {
                    "type": "line",
                    "name": _("Come true"),
                    "data": [[row["expected"], row["actual"]] for row in rows],
                    "symbolSize": 7,
                },
                {
                    "type": "line",
                    "name": _("As foretold"),
                    "data": [[0, 0], [most, most]],
                    "symbol": "none",
                    "lineStyle": {"type": "dashed", "width": 1},
                },
            ],
        },
        "table": {
            "columns": [_("Customers"), _("Foretold"), _("Defaulted")],
            "rows": [[row["customers"], row["expected"], row["actual"]] for row in rows],
        },
    }


def _separation(analysis: Analysis) -> Picture:
    """Which part of the good and of the bad lies at or below a score: the widest gap is KS, the area between them half of Gini."""
    rows = analysis.report.get("test", {}).get("curve", [])
    thin = {"type": "line", "showSymbol": False}
    return {
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent"},
            "grid": {"bottom": 28},
            "xAxis": {"type": "value", "scale": True, "name": _("Score"), "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "@percent"}},
            "series": [
                {
                    **thin,
                    "name": _("Bad so far"),
                    "data": [[score, bad] for score, _good, bad in rows],
                    "itemStyle": {"color": BAD},
                },
                {
                    **thin,
                    "name": _("Good so far"),
                    "data": [[score, good] for score, good, _bad in rows],
                    "itemStyle": {"color": GOOD},
                },
            ],
        },
        "table": {"columns": [_("Score"), _("Good so far"), _("Bad so far")], "rows": rows},
    }


PAGE = Page(
    "analyses/credit.html", context, {"grades": _grades, "scores": _scores, "calibration": _calibration, "separation": _separation}
)
