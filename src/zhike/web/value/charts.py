"""The pictures of the value room as ECharts options, with their tables. Every point leads to its customers."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import queries
from zhike.value.choices import Grade, RfmClass, Stage
from zhike.value.models import Run
from zhike.web import formats
from zhike.web.people import signed_in_person
from zhike.web.rights import needs
from zhike.web.value.overview import in_order
from zhike.web.value.room import to_customers

Picture = dict[str, Any]
IMPORTANT, GENERAL = ("--accent", "--accent-ink"), ("--accent-soft", "--ink")  # ground and ink of an area


@require_GET
@needs(Permission.VALUE_VIEW)
def chart(request: HttpRequest, name: str) -> JsonResponse:
    run = queries.current_run()
    if run is None or name not in PICTURES:
        raise Http404
    return JsonResponse(PICTURES[name](signed_in_person(request), run))


def _whale(user: User, run: Run) -> Picture:
    curve = queries.whale(user, run)
    title, share = _("% of the customers, best first"), _("Share of the contribution")
    return {
        "option": {
            "tooltip": {"trigger": "axis", "valueFormatter": "@percent"},
            "xAxis": {"type": "value", "min": 0, "max": 100, "name": title, "nameLocation": "middle", "nameGap": 26},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@percent"}},
            "grid": {"bottom": 28},
            "series": [
                {"type": "line", "name": share, "data": curve, "showSymbol": False, "areaStyle": {"opacity": 0.08}},
                {"type": "line", "name": _("if all brought the same"), "data": [[0, 0], [100, 1]], "showSymbol": False,
                 "lineStyle": {"type": "dashed", "width": 1}},
            ],
        },
        "table": {"columns": [title, share], "rows": [[place, round(value, 4)] for place, value in curve]},
    }  # fmt: skip


def _grades(user: User, run: Run) -> Picture:
    """Share of the customers beside share of what they bring."""
    rows = in_order(queries.breakdown(user, run, "grade"), "grade", Grade.values)
    measures = [("customers", _("Customers")), ("revenue", _("Revenue")), ("margin", _("Margin")), ("clv", _("Lifetime value"))]
    labels = dict(Grade.choices)
    series = [
        {"type": "bar", "stack": "all", "name": str(labels[row["grade"]]), "barWidth": 22,
         "data": [
             {"value": round(row[f"{name}_share"] or 0, 4), "url": to_customers(grade=row["grade"])} for name, _label in measures
         ]}
        for row in rows
    ]  # fmt: skip
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "item", "valueFormatter": "@percent"},
            "xAxis": {"type": "value", "max": 1, "axisLabel": {"formatter": "@percent"}},
            "yAxis": {"type": "category", "inverse": True, "data": [label for _name, label in measures]},
            "series": series,
        },
        "table": {
            "columns": [_("Grade"), *(label for _name, label in measures)],
            "rows": [[str(labels[row["grade"]]), *(round(float(row[name] or 0), 2) for name, _label in measures)] for row in rows],
        },
    }  # fmt: skip


def _stages(user: User, run: Run) -> Picture:
    rows = in_order(queries.breakdown(user, run, "stage"), "stage", Stage.values)
    return _bars([(str(Stage(row["stage"]).label), row["customers"], to_customers(stage=row["stage"])) for row in rows], _("Stage"))


def _classes(user: User, run: Run) -> Picture:
    rows = in_order(queries.breakdown(user, run, "rfm_class"), "rfm_class", RfmClass.values)
    bars = [(str(RfmClass(row["rfm_class"]).label), row["customers"], to_customers(rfm_class=row["rfm_class"])) for row in rows]
    picture = _bars(bars, _("RFM class"))
    option = picture["option"]  # lying, because eight names do not fit side by side
    option["xAxis"], option["yAxis"] = option["yAxis"], option["xAxis"] | {"inverse": True}
    return picture


def _treemap(user: User, run: Run) -> Picture:
    """The eight classes as areas of their revenue; the label says how many they are and who came and went since the run before."""
    rows = in_order(queries.breakdown(user, run, "rfm_class"), "rfm_class", RfmClass.values)
    matrix = (queries.movement(user, run) or {}).get("rfm_class", {})
    labels = {str(code): str(label) for code, label in RfmClass.choices}
    points = []
    for row in rows:
        came, went = came_and_went(matrix, row["rfm_class"])
        moved = f"\n+{formats.number(came)} −{formats.number(went)}" if matrix else ""
        name = f"{labels[row['rfm_class']]}\n{formats.number(row['customers'])}{moved}\n{formats.money_short(row['revenue'])}"
        value = max(round(float(row["revenue"]), 2), 0)
        ground, ink = IMPORTANT if row["rfm_class"].startswith("important") else GENERAL
        points.append({
            "name": name, "value": value, "url": to_customers(rfm_class=row["rfm_class"]), "label": {"color": ink},
            "itemStyle": {"color": ground},
        })  # fmt: skip
    plain = {
        "breadcrumb": {"show": False},
        "roam": False,
        "nodeClick": False,
        "width": "100%",
        "height": "100%",
        "left": 0,
        "top": 0,
        "itemStyle": {"gapWidth": 2, "borderColor": "--ground"},
    }
    return {
        "option": {"tooltip": {"show": False}, "series": [{"type": "treemap", **plain, "data": points}]},
        "table": {
            "columns": [_("RFM class"), _("Customers"), _("Revenue")],
            "rows": [[labels[row["rfm_class"]], row["customers"], round(float(row["revenue"]), 2)] for row in rows],
        },
    }  # fmt: skip


def came_and_went(matrix: dict[str, dict[str, int]], code: str) -> tuple[int, int]:
    """Customers who were elsewhere before, and who are elsewhere now."""
    came = sum(line.get(code, 0) for before, line in matrix.items() if before != code)
    return came, sum(count for after, count in matrix.get(code, {}).items() if after != code)


def _at_risk(user: User, run: Run) -> Picture:
    found = queries.value_at_risk(user, run)
    rows = [
        (str(Stage(code).label), round(found[code]["risk"]), to_customers(stage=code)) for code in Stage.values if code in found
    ]
    return _bars(rows, _("Stage"), _("At risk, ¥"))


def _spread(user: User, run: Run) -> Picture:
    rows = queries.spread(user, run)
    labels = [f"{formats.short(row['from'])}–{formats.short(row['to'])}" for row in rows]
    urls = [to_customers(clv_from=row["from"], clv_to=row["to"]) for row in rows]
    counts = [int(row["customers"]) for row in rows]
    return _bars(list(zip(labels, counts, urls, strict=True)), _("Lifetime value, ¥"))


def _bars(rows: list[tuple[str, int, str]], title: str, measure: str = "") -> Picture:
    customers = measure or _("Customers")
    points = [{"value": count, "url": url} for _label, count, url in rows]
    return {
        "option": {
            "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": [label for label, _count, _url in rows]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "name": customers, "barMaxWidth": 48, "data": points}],
        },
        "table": {"columns": [title, customers], "rows": [[label, count] for label, count, _url in rows]},
    }  # fmt: skip


def _tracking(user: User, run: Run) -> Picture:
    """Cumulative repeat purchases by week: what came, and what the model expected."""
    rows = run.report["back_test"].get("by_period", [])
    points = [(row["period"], row["actual"], round(row["bgnbd"], 1)) for row in rows]
    return _lines(_("Week"), {_("Actual"): 1, _("Expected"): 2}, points, marked=False)


def _by_frequency(user: User, run: Run) -> Picture:
    """Mean purchases in the hold-out by how often customers had bought before."""
    rows = run.report["back_test"].get("by_frequency", [])
    codes = ("actual", "bgnbd", "same_rate")
    points = [
        (f"{int(row['frequency'])}{'+' if row is rows[-1] else ''}", *(round(row[code], 3) for code in codes)) for row in rows
    ]
    names = {_("Actual"): 1, _("Expected"): 2, _("everybody goes on at the own rate"): 3}
    return _lines(_("Repeat purchases before"), names, points, marked=True)


def _lines(title: str, names: dict[str, int], points: list[tuple[Any, ...]], *, marked: bool) -> Picture:
    """Lines over the first of each point; `names`: which place of the point each line draws."""
    kind = {"type": "line", "showSymbol": marked}
    series = [{**kind, "name": name, "data": [point[place] for point in points]} for name, place in names.items()]
    below = {"name": title, "nameLocation": "middle", "nameGap": 26}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"}, "grid": {"bottom": 28}, "series": series,
            "xAxis": {"type": "category", "data": [point[0] for point in points], **below},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
        },
        "table": {"columns": [title, *names], "rows": [list(point) for point in points]},
    }  # fmt: skip


PICTURES: dict[str, Callable[[User, Run], Picture]] = {
    "whale": _whale, "grades": _grades, "stages": _stages, "classes": _classes, "treemap": _treemap,
    "at-risk": _at_risk, "spread": _spread, "tracking": _tracking,
    "by-frequency": _by_frequency,
}  # fmt: skip
