"""What an action brought: those acted on beside those held back, week by week; whether they were alike; whom it changed most."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.effect.kind import DIMENSIONS, FEATURES, doubts, label_of, points, verdict
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture
from zhike.web.value.room import to_customers

AMOUNTS = ("revenue", "lately")


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    tone, said = verdict(report)
    dimensions = [
        (label, [row | {"label": label_of(name, row["code"])} for row in report["by"][name]])
        for name, label in DIMENSIONS.items()
        if name in report["by"]
    ]
    balance = [row | {"label": FEATURES[row["feature"]], "is_money": row["feature"] in AMOUNTS} for row in report["balance"]]
    return {
        "tone": tone, "said": said, "doubts": doubts(report), "dimensions": dimensions, "balance": balance, "points": points,
        "learned": _learned(report["model"]), "visible": points(report["visible"]),
        "arms": [(report[name], report["sizes"][name], to_customers(tags=report[name])) for name in ("treated", "control")],
    }  # fmt: skip


def _learned(told: dict[str, Any]) -> str:
    """Is anything known of whom the action changes?"""
    if "problem" in told:
        return _(
            "Whom it changed most cannot be learned: in either group at least %(n)s must have bought, and as many not."
        ) % {"n": told["least"]}  # fmt: skip
    figures = {"qini": f"{told['qini'] * 100:.2f}", "low": f"{told['low'] * 100:.2f}", "high": f"{told['high'] * 100:.2f}"}
    if told["sure"]:
        text = _(
            "On customers it had not seen, the model finds those who gain most better than a lot does (Qini %(qini)s, likely "
            "between %(low)s and %(high)s). What each would gain stands in the customer list."
        )
    else:
        text = _(
            "On customers it had not seen, the model does not find those who gain most better than a lot does (Qini %(qini)s, "
            "likely between %(low)s and %(high)s): nothing is said of single customers."
        )
    return text % figures


def _weeks(analysis: Analysis) -> Picture:
    """Before the action the lines should run together; what they part afterwards is what it brought."""
    rows, names = analysis.report["weeks"], [_("Acted on"), _("Held back")]
    labels = [_("week %(n)s") % {"n": f"{row[0] + 1 if row[0] >= 0 else row[0]:+d}"} for row in rows]
    mark = {"silent": True, "symbol": "none", "label": {"formatter": _("action")}, "data": [{"xAxis": labels[_zero(rows)]}]}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@percent"},
            "xAxis": {"type": "category", "data": labels}, "yAxis": {"type": "value", "axisLabel": {"formatter": "@percent"}},
            "series": [
                {"type": "line", "name": name, "symbolSize": 5, "data": [row[at] for row in rows],
                 "markLine": mark if at == 1 else None}
                for at, name in enumerate(names, 1)
            ],
        },
        "table": {"columns": [_("Week"), *names], "rows": rows},
    }  # fmt: skip


def _zero(rows: list[list[float]]) -> int:
    return next(at for at, row in enumerate(rows) if row[0] == 0)


def _balance(analysis: Analysis) -> Picture:
    """Differences before, in standard deviations: what is beyond the marks of its row was not drawn by lot."""
    rows = analysis.report["balance"]
    names = [str(FEATURES[row["feature"]]) for row in rows]
    bound = max((row["by_chance"] for row in rows), default=0.1)
    reach = max(bound * 1.5, 0.3)
    axis = {"type": "value", "min": -reach, "max": reach, "axisLabel": {"formatter": "@number"}}
    found = [round(row["difference"], 3) for row in rows]
    marks = {"silent": True, "symbol": "none", "label": {"show": False}, "data": [{"xAxis": -bound}, {"xAxis": bound}]}
    return {
        "option": {
            "tooltip": {"trigger": "item", "valueFormatter": "@number"},
            "xAxis": axis,
            "yAxis": {"type": "category", "inverse": True, "data": names},
            "series": [{"type": "bar", "barMaxWidth": 18, "data": found, "markLine": marks}],
        },
        "table": {"columns": [_("What"), _("Difference in standard deviations"), _("By chance up to")],
                  "rows": [[name, row["difference"], row["by_chance"]] for name, row in zip(names, rows, strict=True)]},
    }  # fmt: skip


def _curve(analysis: Analysis) -> Picture:
    """What acting on the first part gains, those first whom the model foretells to gain most."""
    rows = analysis.report["model"].get("curve", [])
    names, last = [_("by the model"), _("by lot")], rows[-1] if rows else [1, 0]
    axis = {"type": "value", "nameLocation": "middle", "axisLabel": {"formatter": "@percent"}}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@percent"}, "grid": {"bottom": 28},
            "xAxis": {**axis, "min": 0, "max": 1, "name": _("Share of the customers acted on"), "nameGap": 26}, "yAxis": axis,
            "series": [{"type": "line", "name": names[0], "symbol": "none", "data": rows},
                       {"type": "line", "name": names[1], "symbol": "none", "data": [[0, 0], last],
                        "lineStyle": {"type": "dashed", "width": 1}}],
        },
        "table": {"columns": [_("Share of the customers acted on"), _("More who buy, share of all")], "rows": rows},
    }  # fmt: skip


PAGE = Page("analyses/effect.html", context, {"weeks": _weeks, "balance": _balance, "curve": _curve})
