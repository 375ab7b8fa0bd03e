"""The nine indicators: radars by group and of one customer, the spread of the totals, other weights tried."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.value.analyses import asks
from zhike.value.analyses.indicators.evidence import EVIDENCE
from zhike.value.analyses.indicators.kind import INDICATORS, NAMES, PILLARS, Options, of_segments, tried
from zhike.value.choices import Grade, Stage
from zhike.value.models import Analysis, Finding
from zhike.web.value.analyses.page import Page, Picture, to_group, to_values

FAR = 30.0  # points from the mean of all: the deepest colour
GROUPS: dict[str, Any] = {"grade": Grade, "stage": Stage}


def context(analysis: Analysis, params: QueryDict) -> dict[str, Any]:
    report = analysis.report
    weights = _weights(params, report["weights"])
    changed = weights != report["weights"]
    rows = [
        {"name": name, "label": label, "meaning": meaning, "mean": report["overall"][name], "sure": report["sure"][name],
         "weight": weights[name],
         "evidence": [(one.label, one.weight, one.more_is_better, report["known"][one.column])
                      for one in EVIDENCE if one.indicator == name]}
        for name, (label, meaning) in INDICATORS.items()
    ]  # fmt: skip
    pillars = [(label, [row for row in rows if row["name"] in names]) for label, names in PILLARS.values()]
    return {
        "pillars": pillars, "rows": rows, **_segments(report), "changed": changed,
        "trial": tried(report, weights) if changed else None,
    }  # fmt: skip


def _segments(report: dict[str, Any]) -> dict[str, Any]:
    """The means of each segment, deeper coloured the farther from the mean of all, and how well each indicator tells them apart.
    A row leads to its customers while its segmentation is the current one."""
    analysis, names = of_segments(report)
    shown, means = ("total", *NAMES), report["by"].get("segment", {})
    rows = [
        {"label": label, "url": to_group("segments", code) if analysis and analysis.is_current else "",
         "cells": [(means[code][name], _depth(means[code][name], report["overall"][name])) for name in shown]}
        for code, label in names
    ]  # fmt: skip
    apart = [report.get("apart", {}).get(name) for name in shown]
    heads = [(_("Total"), "num"), *((str(label), "num") for label, _meaning in INDICATORS.values())]
    return {"segment_rows": rows, "apart": apart, "segmentation": analysis, "shown": heads}


def _depth(mean: float | None, overall: float | None) -> str:
    if mean is None or overall is None:
        return ""
    depth = min(3, int(abs(mean - overall) / FAR * 3 + 0.5))
    return f"{'more' if mean > overall else 'less'}-{depth}" if depth else ""


def _weights(params: QueryDict, kept: dict[str, float]) -> dict[str, float]:
    """What the address asks for, where it makes sense."""
    known, found = asks.asks_of(Options), dict(kept)
    for name in NAMES:
        try:
            found[name] = float(str(known[name].read(params[f"w_{name}"])))
        except (KeyError, ValueError):
            continue
    return found if any(found.values()) else dict(kept)


def _radar(series: list[tuple[str, dict[str, float | None]]]) -> Picture:
    labels = [str(label) for label, _meaning in INDICATORS.values()]
    data = [{"name": name, "value": [values.get(one) or 0 for one in NAMES]} for name, values in series]
    shape = {"type": "radar", "symbolSize": 4, "lineStyle": {"width": 1.5}, "areaStyle": {"opacity": 0.06}, "data": data}
    around = [{"name": label, "max": 100} for label in labels]
    return {
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "item"}, "series": [shape],
            "radar": {"indicator": around, "radius": "66%", "center": ["50%", "55%"], "splitArea": {"show": False}},
        },
        "table": {
            "columns": [_("Indicator"), *(name for name, _values in series)],
            "rows": [[label, *(values.get(name) for _name, values in series)] for label, name in zip(labels, NAMES, strict=True)],
        },
    }  # fmt: skip


def _by(group: str) -> Any:
    def picture(analysis: Analysis) -> Picture:
        found = analysis.report["by"][group]
        return _radar([(str(label), found[code]) for code, label in GROUPS[group].choices if code in found])

    return picture


def _spread(analysis: Analysis) -> Picture:
    rows = [(f"{low}–{low + 10}", count, to_values("indicators", low, low + 10))
            for low, count in zip(range(0, 100, 10), analysis.report["spread"], strict=True)]  # fmt: skip
    points = [{"value": count, "url": url} for _label, count, url in rows]
    return {
        "option": {
            "tooltip": {"trigger": "axis"}, "xAxis": {"type": "category", "data": [label for label, _count, _url in rows]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "name": _("Customers"), "barMaxWidth": 48, "data": points}],
        },
        "table": {"columns": [_("Total"), _("Customers")], "rows": [[label, count] for label, count, _url in rows]},
    }  # fmt: skip


def portrait(analysis: Analysis, finding: Finding, before: Finding | None) -> Picture:
    """One customer beside the mean of all, and as of the analysis before."""
    series = [(_("this customer"), (finding.detail or {}).get("scores", {})), (_("mean of all"), analysis.report["overall"])]
    if before and before.detail and "scores" in before.detail:
        series.append((_("the analysis before"), before.detail["scores"]))
    return _radar(series)


PAGE = Page(
    "analyses/indicators.html", pictures={"by-grade": _by("grade"), "by-stage": _by("stage"), "spread": _spread}, portrait=portrait,
    asked=context,
)  # fmt: skip
