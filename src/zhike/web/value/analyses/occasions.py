"""Occasions: foretold and come, occasion by occasion and by purchases before."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.occasions.kind import EVERY, MEASURES, WAYS, verdict
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    ways = [(label, report["ways"][name]) for name, label in WAYS.items()]
    best = {key: min(ways, key=lambda way: abs(way[1][key]))[1][key] for key in ("bias", "mae")}
    best |= {key: max(way[1][key] for way in ways) for key in ("gini", "top_decile")}
    return {"verdict": verdict(report), "ways": ways, "best": best, "measures": MEASURES, "every": EVERY[report["every"]]}


def _picture(rows: list[dict[str, Any]], key: str, head: str, came: str) -> Picture:
    labels, names = [str(row[key]) for row in rows], {"came": came, **{name: str(label) for name, label in WAYS.items()}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"}, "grid": {"top": 76},
            "xAxis": {"type": "category", "data": labels}, "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "line", "name": label, "symbolSize": 5, "data": [row[name] for row in rows],
                        "lineStyle": {"type": "solid" if name == "came" else "dashed", "width": 2 if name == "came" else 1}}
                       for name, label in names.items()],
        },
        "table": {"columns": [head, *names.values()], "rows": [[row[key], *(row[name] for name in names)] for row in rows]},
    }  # fmt: skip


def _held(analysis: Analysis) -> Picture:
    return _picture(analysis.report["held"], "period", _("Occasion"), _("Bought"))


def _frequency(analysis: Analysis) -> Picture:
    return _picture(analysis.report["frequency"], "bought", _("Purchases before"), _("Came, each"))


PAGE = Page("analyses/occasions.html", context, {"held": _held, "frequency": _frequency})
