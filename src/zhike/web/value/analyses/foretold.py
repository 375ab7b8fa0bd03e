"""Pictures that analyses share which learn a chance: their groups, foretold against come true, what drives it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Picture, to_group


def groups(analysis: Analysis, labels: Mapping[str, str], *, title: str, measure: str, of: str) -> Picture:
    """Customers of each group; in the table also `measure`, by its name `of` in the sums."""
    sums = {row["group"]: row for row in analysis.report.get("sums", [])}
    codes = [code for code in labels if code in sums]
    bars = [{"value": sums[code]["customers"], "url": to_group(analysis.kind, code)} for code in codes]
    return {
        "option": {
            "tooltip": {"trigger": "item"}, "xAxis": {"type": "category", "data": [labels[code] for code in codes]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "barMaxWidth": 48, "label": {"show": True, "position": "top"}, "data": bars}],
        },
        "table": {"columns": [title, _("Customers"), measure],
                  "rows": [[labels[code], sums[code]["customers"], round(sums[code][of] or 0, 2)] for code in codes]},
    }  # fmt: skip


def calibration(analysis: Analysis, *, came_true: str, end: float = 1) -> Picture:
    """`came_true`: what the share of those is called of whom it did; `end` of both axes."""
    rows = analysis.report["calibration"]
    points = [[row["expected"], row["actual"]] for row in rows]
    axis = {"type": "value", "min": 0, "max": end, "nameLocation": "middle", "axisLabel": {"formatter": "@percent"}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28, "left": 28},
            "xAxis": {**axis, "name": _("Foretold"), "nameGap": 26}, "yAxis": {**axis, "name": came_true, "nameGap": 44},
            "series": [
                {"type": "line", "name": _("Come true"), "data": points, "symbolSize": 7},
                {"type": "line", "name": _("As foretold"), "data": [[0, 0], [end, end]], "symbol": "none",
                 "lineStyle": {"type": "dashed", "width": 1}},
            ],
        },
        "table": {"columns": [_("Customers"), _("Foretold"), came_true],
                  "rows": [[row["customers"], row["expected"], row["actual"]] for row in rows]},
    }  # fmt: skip


def drivers(names: Mapping[str, Any], found: Sequence[Sequence[Any]]) -> Picture:
    rows = [[str(names.get(name, name)), strength] for name, strength in found]
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": {"type": "value", "axisLabel": {"formatter": "@number"}},
            "yAxis": {"type": "category", "inverse": True, "data": [name for name, _strength in rows]},
            "series": [{"type": "bar", "barMaxWidth": 18, "data": [round(strength, 3) for _name, strength in rows]}],
        },
        "table": {"columns": [_("Driver"), _("Strength")], "rows": rows},
    }
