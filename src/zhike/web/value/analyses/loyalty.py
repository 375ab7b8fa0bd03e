"""Loyalty: attitude beside behaviour, the four stages, what loyal years earn; one customer's stages on the record."""

from typing import Any

from django.utils.translation import gettext as _

from zhike.value.analyses.loyalty.evidence import EVIDENCE, STAGES
from zhike.value.analyses.loyalty.kind import CELLS, PARTS, STAGE_LABELS, STEP, stage_name
from zhike.value.models import Analysis, Finding
from zhike.web.value.analyses.page import Page, Picture, figures, to_group

ROWS = (("true", "latent"), ("spurious", "none"), ("unheard", "unknown"))  # columns: buys much, buys little


def context(analysis: Analysis) -> dict[str, Any]:
    report = analysis.report
    known = {row["group"]: row for row in report.get("sums", [])}
    names = (_("attitude high"), _("attitude low"), _("attitude not known"))
    grid = [
        (name, [(code, *CELLS[code], known.get(code), report["shares"][code]) for code in codes])
        for name, codes in zip(names, ROWS, strict=True)
    ]
    stages = [(*STAGE_LABELS[name], report["stages"][name]) for name in STAGES]
    evidence = [
        (stage_name(one.stage), one, *report["evidence"].get(one.column, [0.0, None])) for one in EVIDENCE
    ]  # fmt: skip
    moves = [(CELLS[a][0], CELLS[b][0], b, count) for a, b, count in report["moves"] or []]
    return {
        "grid": grid, "stages": stages, "evidence": evidence, "moves": moves, "parts": PARTS.items(),
        "part_heads": figures(PARTS), "earned": report["earned"],
    }  # fmt: skip


def _map(analysis: Analysis) -> Picture:
    """Customers by attitude and behaviour, each field in the colour of its cell."""
    report = analysis.report
    attitude, behaviour = report["cuts"]
    most = max((count for _x, _y, count in report["map"]), default=1)
    points: dict[str, list[dict[str, Any]]] = {code: [] for code in ("true", "latent", "spurious", "none")}
    for x, y, count in report["map"]:
        a, b = (x + 0.5) * STEP, (y + 0.5) * STEP
        code = {(True, True): "true", (True, False): "latent", (False, True): "spurious", (False, False): "none"}[
            a >= attitude, b >= behaviour
        ]
        points[code].append(
            {"value": [a, b, count], "symbolSize": round(4 + 20 * (count / most) ** 0.5, 1), "url": to_group("loyalty", code)}
        )
    axis = {"type": "value", "min": 0, "max": 100, "nameLocation": "middle"}
    return {
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "item"}, "grid": {"bottom": 28, "left": 28},
            "xAxis": {**axis, "name": _("Attitude"), "nameGap": 26}, "yAxis": {**axis, "name": _("Behaviour"), "nameGap": 32},
            "series": [{"type": "scatter", "name": str(CELLS[code][0]), "data": data} for code, data in points.items()],
        },
        "table": {
            "columns": [_("Attitude"), _("Behaviour"), _("Customers")],
            "rows": [[f"{x * STEP}–{(x + 1) * STEP}", f"{y * STEP}–{(y + 1) * STEP}", count] for x, y, count in report["map"]],
        },
    }  # fmt: skip


def _stages(analysis: Analysis) -> Picture:
    found = analysis.report["stages"]
    names = [stage_name(name) for name in STAGES]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value", "min": 0, "max": 100},
            "series": [
                {"type": "bar", "name": _("Mean"), "barMaxWidth": 36, "data": [found[name]["mean"] for name in STAGES]},
                {"type": "bar", "name": _("Confidence, %"), "barMaxWidth": 36,
                 "data": [round(100 * found[name]["sure"], 1) for name in STAGES]},
            ],
        },
        "table": {
            "columns": [_("Stage"), _("Mean"), _("from"), _("to"), _("Confidence, %"), _("Highest stage of")],
            "rows": [[label, one["mean"], one["low"], one["high"], round(100 * one["sure"], 1), one["held"]]
                     for label, one in zip(names, (found[name] for name in STAGES), strict=True)],
        },
    }  # fmt: skip


def _earned(analysis: Analysis) -> Picture:
    """Profit of a customer by year of the relationship, in parts."""
    rows = analysis.report["earned"]["years"]
    series: list[dict[str, Any]] = [
        {"type": "bar", "stack": "profit", "name": str(label), "barMaxWidth": 48, "data": [row[code] or 0 for row in rows]}
        for code, label in PARTS.items() if any(row[code] for row in rows)
    ]  # fmt: skip
    series.append({"type": "line", "name": _("Profit"), "itemStyle": {"color": "--ink"}, "data": [row["profit"] for row in rows]})
    return {
        "option": {
            "legend": {"type": "scroll"}, "tooltip": {"trigger": "axis", "valueFormatter": "@money"}, "grid": {"bottom": 28},
            "xAxis": {"type": "category", "data": [row["year"] for row in rows], "name": _("Year of the relationship"),
                      "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}}, "series": series,
        },
        "table": {
            "columns": [_("Year"), _("Customers"), *(str(label) for label in PARTS.values()), _("Profit"), _("from"), _("to")],
            "rows": [[row["year"], row["customers"], *(row[code] for code in PARTS), row["profit"], row["low"], row["high"]]
                     for row in rows],
        },
    }  # fmt: skip


def portrait(analysis: Analysis, finding: Finding, before: Finding | None) -> Picture:
    """One customer's stages beside the mean of all, and as of the analysis before; what is not known has no bar."""
    means = {name: one["mean"] for name, one in analysis.report["stages"].items()}
    rows = [(_("this customer"), finding.detail or {}), (_("mean of all"), means)]
    if before and before.detail:
        rows.append((_("the analysis before"), before.detail))
    names = [stage_name(name) for name in STAGES]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value", "min": 0, "max": 100},
            "series": [{"type": "bar", "name": name, "barMaxWidth": 24, "data": [values.get(one) for one in STAGES]}
                       for name, values in rows],
        },
        "table": {
            "columns": [_("Stage"), *(name for name, _values in rows)],
            "rows": [[label, *(values.get(one) for _name, values in rows)] for label, one in zip(names, STAGES, strict=True)],
        },
    }  # fmt: skip


PAGE = Page("analyses/loyalty.html", context, {"map": _map, "stages": _stages, "earned": _earned}, portrait=portrait)
