"""Answers to surveys: satisfaction and recommendation by month and by where, what drives them, expectations, Kano classes; the
answer sheets behind each figure."""

import datetime
import math
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.value.analyses.survey.kind import DIMENSIONS, GROUPS, KANO, PLACES
from zhike.value.choices import Grade, RfmSegment, Stage
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture
from zhike.web.value.room import to_customers

OF_SCORES = {"grade": Grade, "segment": RfmSegment, "stage": Stage}


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    tables = [
        (label, report["by"][code], [{**row, **_named(analysis, code, row["name"])} for row in report["by"][code]["rows"]])
        for code, label in DIMENSIONS.items()
    ]  # fmt: skip
    return {
        "dimensions": [one for one in tables if one[2] and len(one[2]) + one[1]["few"] > 1],
        "to_answers": lambda **more: to_answers(analysis, **more),
        "to_month": lambda month: to_answers(analysis, **_days(month)),
        "kano_classes": KANO, "place_of": PLACES,
        "votes": [(code, label, report["shares"][code]) for code, label in GROUPS.items() if code in report["shares"]],
        "doubt": (report["drivers"].get("vif") or 0) > 5,
    }  # fmt: skip


def to_answers(analysis: Analysis, **filters: Any) -> str:
    """The answer sheets that a figure was counted from."""
    asked = {"survey": analysis.options.get("survey"), "date_from": analysis.report.get("since")}
    known = {name: value for name, value in (asked | filters).items() if value not in (None, "")}
    return f"{reverse('answers')}?{urlencode(known)}"


def _days(month: str) -> dict[str, str]:
    first = datetime.date.fromisoformat(f"{month}-01")
    return {"date_from": str(first), "date_to": str((first + datetime.timedelta(31)).replace(day=1) - datetime.timedelta(1))}


def _named(analysis: Analysis, code: str, name: str) -> dict[str, str]:
    """How it is called, and where it leads: to the sheets, or for what is known of customers only to these."""
    if code in OF_SCORES:
        return {"label": str(OF_SCORES[code](name).label), "url": to_customers(**{code: name, "a_survey": list(GROUPS)})}
    if code == "survey":
        return {"label": name, "url": ""}
    return {"label": name, "url": to_answers(analysis, **{code: name})}


def _months(analysis: Analysis) -> Picture:
    """The index month by month with its interval as a band."""
    rows = analysis.report["months"]
    band = {
        "type": "line",
        "stack": "interval",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
    }
    width = [None if row["low"] is None else round(row["high"] - row["low"], 2) for row in rows]
    return {
        "option": {
            "legend": {"data": [_("Answers"), _("Satisfaction"), _("95% interval")]},
            "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": [row["month"] for row in rows]},
            "yAxis": [{"type": "value", "min": 0, "max": 100},
                      {"type": "value", "axisLabel": {"formatter": "@short"}, "splitLine": {"show": False}}],
            "series": [
                {"type": "bar", "name": _("Answers"), "yAxisIndex": 1, "barMaxWidth": 20, "itemStyle": {"opacity": 0.25},
                 "data": [{"value": row["n"], "url": to_answers(analysis, **_days(row["month"]))} for row in rows]},
                {**band, "name": "low", "data": [row["low"] for row in rows]},
                {**band, "name": _("95% interval"), "areaStyle": {"opacity": 0.18}, "data": width},
                {"type": "line", "name": _("Satisfaction"), "data": [
                    {"value": row["index"], "url": to_answers(analysis, **_days(row["month"]))} for row in rows]},
            ],
        },
        "table": {
            "columns": [_("Month"), _("Answers"), _("Satisfaction"), _("from"), _("to"), _("NPS"), _("from"), _("to")],
            "rows": [[row["month"], row["n"], row["index"], row["low"], row["high"], row["nps"], row["nps_low"], row["nps_high"]]
                     for row in rows],
        },
    }  # fmt: skip


def _votes(analysis: Analysis) -> Picture:
    """How many gave each of 0 to 10."""
    given = analysis.report["given"]
    kinds = [("detractor", range(7)), ("passive", (7, 8)), ("promoter", (9, 10))]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28},
            "xAxis": {"type": "category", "data": list(range(11)), "name": _("would recommend us"), "nameLocation": "middle",
                      "nameGap": 26},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [
                {"type": "bar", "stack": "votes", "name": str(GROUPS[code]), "barMaxWidth": 32, "data": [
                    {"value": given[vote], "url": to_answers(analysis, votes=code)} if vote in votes else None for vote in range(11)
                ]}
                for code, votes in kinds
            ],
        },
        "table": {"columns": [_("Vote"), _("Answers")], "rows": [[vote, count] for vote, count in enumerate(given)]},
    }  # fmt: skip


def _map(analysis: Analysis) -> Picture:
    """Importance against performance; the lines are the means."""
    found = analysis.report["drivers"]
    at_x, at_y = found["middle"][0], 100 * found["middle"][1]
    told = [row["performance"]["index"] for row in found["rows"]]
    low = [max(math.floor(min(told) / 5) * 5 - 5, 0), 0]
    high = [min(math.ceil(max(told) / 5) * 5 + 5, 100), math.ceil(20 * max(row["importance"] for row in found["rows"])) * 5 + 5]
    points: dict[str, list[dict[str, Any]]] = {code: [] for code in PLACES}
    for row in found["rows"]:
        points[row["place"]].append({
            "name": row["title"], "value": [row["performance"]["index"], round(100 * row["importance"], 1)],
            "symbolSize": 11 if row["sure"] else 7, "url": to_answers(analysis, low=row["title"]),
        })  # fmt: skip
    axis = {"type": "value", "nameLocation": "middle"}
    line = {"type": "line", "symbol": "none", "silent": True, "lineStyle": {"color": "--ink-3", "type": "dashed", "width": 1}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 30, "left": 34},
            "xAxis": {**axis, "name": _("Satisfaction with it, 0 to 100"), "nameGap": 26, "min": low[0], "max": high[0]},
            "yAxis": {**axis, "name": _("Importance, % of the variance"), "nameGap": 34, "min": low[1], "max": high[1]},
            "series": [
                {"type": "scatter", "name": str(PLACES[code][0]), "data": data,
                 "label": {"show": True, "position": "top", "formatter": "{b}", "color": "--ink-2", "fontSize": 11}}
                for code, data in points.items() if data
            ] + [{**line, "data": [[at_x, low[1]], [at_x, high[1]]]}, {**line, "data": [[low[0], at_y], [high[0], at_y]]}],
        },
        "table": {
            "columns": [_("Thing"), _("Importance"), _("from"), _("to"), _("Satisfaction"), _("from"), _("to")],
            "rows": [[row["title"], row["importance"], row["low"], row["high"], row["performance"]["index"],
                      row["performance"]["low"], row["performance"]["high"]] for row in found["rows"]],
        },
    }  # fmt: skip


def _gaps(analysis: Analysis) -> Picture:
    rows = analysis.report["gaps"]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "value", "min": 0, "max": 100},
            "yAxis": {"type": "category", "inverse": True, "data": [row["title"] for row in rows], "axisLabel": {"interval": 0}},
            "series": [
                {"type": "bar", "name": name, "barMaxWidth": 12, "data": [
                    {"value": round(row[code], 1), "url": to_answers(analysis, about=row["title"])} for row in rows]}
                for code, name in (("expected", _("Expected")), ("perceived", _("Received")))
            ],
        },
        "table": {
            "columns": [_("Thing"), _("Expected"), _("Received"), _("Gap"), _("from"), _("to"), _("Answers")],
            "rows": [[row[name] for name in ("title", "expected", "perceived", "gap", "low", "high", "n")] for row in rows],
        },
    }  # fmt: skip


def _kano(analysis: Analysis) -> Picture:
    """How much better with it, how much worse without it."""
    rows = analysis.report["kano"]
    kinds = [code for code in KANO if any(row["kind"] == code for row in rows)]
    axis = {"type": "value", "min": 0, "max": 100, "nameLocation": "middle"}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 30, "left": 34},
            "xAxis": {**axis, "name": _("worse without it, %"), "nameGap": 26},
            "yAxis": {**axis, "name": _("better with it, %"), "nameGap": 34},
            "series": [
                {"type": "scatter", "name": str(KANO[code][0]), "symbolSize": 10,
                 "label": {"show": True, "position": "top", "formatter": "{b}", "color": "--ink-2", "fontSize": 11},
                 "data": [{"name": row["title"], "value": [round(-100 * row["worse"], 1), round(100 * row["better"], 1)],
                           "url": to_answers(analysis, about=row["title"])} for row in rows if row["kind"] == code]}
                for code in kinds
            ],
        },
        "table": {
            "columns": [_("Thing"), _("Class"), *(str(label) for label, _meaning in KANO.values()), _("Answers")],
            "rows": [[row["title"], str(KANO[row["kind"]][0]), *(row["counts"][code] for code in KANO), row["n"]] for row in rows],
        },
    }  # fmt: skip


PAGE = Page("analyses/survey.html", context, {"months": _months, "votes": _votes, "map": _map, "gaps": _gaps, "kano": _kano})
