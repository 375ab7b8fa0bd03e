"""Influence: the graph around those whose word counts, circles, how many know how many."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.value.analyses.influence.kind import GROUPS
from zhike.value.models import Analysis, Finding
from zhike.web.value.analyses.page import Page, Picture

LEADERS = 20


def context(analysis: Analysis) -> dict[str, Any]:
    rows = (
        Finding.objects.filter(analysis_id=analysis.pk, customer__deleted_at=None)
        .select_related("customer")
        .order_by(F("value").desc(nulls_last=True), "-customer_id")[:LEADERS]  # as the index has them
    )
    return {"leaders": [(row.customer, GROUPS.get(row.group or "", ""), row.value, row.detail or {}) for row in rows]}


def _graph(analysis: Analysis) -> Picture:
    """Only for people who see all customers: the page asks for it nowhere else."""
    nodes, links = analysis.report["graph"]["nodes"], analysis.report["graph"]["links"]
    names = dict(Customer.objects.filter(pk__in=[one[0] for one in nodes], deleted_at=None).values_list("pk", "name"))
    nodes = [one for one in nodes if one[0] in names]
    roles = list(GROUPS)
    most = max((one[2] for one in nodes), default=1.0)
    named = {one[0] for one in sorted(nodes, key=lambda one: -one[2])[:12]}
    points = [
        {
            "id": str(key),
            "name": names[key],
            "value": index,
            "category": roles.index(role),
            "url": reverse("customer", args=[key]),
            "symbolSize": round(6 + 22 * (index / most) ** 0.5, 1),
            "label": {"show": key in named},
        }
        for key, role, index, _circle in nodes
    ]
    return {
        "option": {
            "legend": {"data": [str(label) for label in GROUPS.values()]}, "tooltip": {"trigger": "item"},
            "series": [{
                "type": "graph", "layout": "force", "roam": True, "draggable": True, "top": 40,
                "force": {"repulsion": 60, "gravity": 0.15, "edgeLength": 60, "layoutAnimation": False}, "zoom": 0.55,
                "categories": [
                    {"name": str(label), **({"itemStyle": {"color": "--line-strong"}} if code == "linked" else {})}
                    for code, label in GROUPS.items()
                ],
                "data": points,
                "links": [{"source": str(a), "target": str(b)} for a, b in links if a in names and b in names],
                "label": {"position": "right", "fontSize": 11, "color": "--ink"}, "labelLayout": {"hideOverlap": True},
                "lineStyle": {"color": "--ink-3", "width": 1, "opacity": 0.6},
            }],
        },
        "table": {"columns": [_("Customer"), _("Role among customers"), _("Influence")],
                  "rows": [[names[key], str(GROUPS[role]), index] for key, role, index, _circle in nodes]},
    }  # fmt: skip


def _circles(analysis: Analysis) -> Picture:
    rows = analysis.report["circles"]
    money = {"type": "bar", "name": _("Lifetime value"), "barMaxWidth": 18, "yAxisIndex": 1, "data": [row["clv"] for row in rows]}
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": [_("Circle %(n)s") % {"n": row["community"] + 1} for row in rows]},
            "yAxis": [{"type": "value", "axisLabel": {"formatter": "@short"}},
                      {"type": "value", "axisLabel": {"formatter": "@money"}, "splitLine": {"show": False}}],
            "series": [
                {"type": "bar", "name": _("Customers"), "barMaxWidth": 18, "data": [row["customers"] for row in rows]},
                money,
            ],
        },
        "table": {"columns": [_("Circle"), _("Customers"), _("Lifetime value")],
                  "rows": [[row["community"] + 1, row["customers"], row["clv"]] for row in rows]},
    }  # fmt: skip


def _degrees(analysis: Analysis) -> Picture:
    rows = analysis.report["degrees"]
    return {
        "option": {
            "tooltip": {"trigger": "axis"}, "grid": {"bottom": 28},
            "xAxis": {"type": "category", "name": _("Relationships"), "nameLocation": "middle", "nameGap": 26,
                      "data": [str(degree) for degree, _count in rows]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "bar", "name": _("Customers"), "barMaxWidth": 24, "data": [count for _degree, count in rows]}],
        },
        "table": {"columns": [_("Relationships"), _("Customers")], "rows": rows},
    }  # fmt: skip


PAGE = Page("analyses/influence.html", context, {"graph": _graph, "circles": _circles, "degrees": _degrees})
