"""Voices: topics and their tone, months, words that come up, what is urgent; the words themselves behind each topic."""

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.customers.choices import Tone, Urgency
from zhike.customers.models import Interaction
from zhike.value.analyses.voice.reading_names import LEVELS, tone_name
from zhike.value.analyses.voice.topics import OTHER, label
from zhike.value.models import Analysis
from zhike.web.value.analyses.page import Page, Picture, to_group
from zhike.web.value.room import to_customers


def context(analysis: Analysis, params: QueryDict) -> dict[str, Any]:
    report = analysis.report
    main = {row["group"]: row["customers"] for row in report.get("sums", [])}
    rows = [
        {**row, "label": label(row["topic"]), "url": to_group("voice", row["topic"]), "main": main.get(row["topic"], 0)}
        for row in report["topics"]
    ]
    chosen = next((row for row in rows if row["topic"] == params.get("topic")), None)
    urgent = {row[0]: row[1:] for row in report["urgent"]}
    trees = [one for one in report.get("trees", []) if one["before"] or one["after"]]
    first = trees[0]["word"] if trees else ""
    return {
        "topics": sorted(rows, key=lambda row: row["topic"] == OTHER),
        "departments": [{**row, "url": to_customers(a_voice=row["worst"], department=row["key"])} for row in report["departments"]],
        "name_of": label, "chosen": chosen, "examples": _told(chosen["examples"]) if chosen else [],
        "tree": next((one for one in trees if one["word"] == params.get("word")), trees[0] if trees else None),
        "tree_tabs": [(one["word"], f"?{urlencode({'word': one['word']})}#tree", one["word"] == params.get("word", first))
                      for one in trees],
        "urgent": [(one, label(topic), str(Tone(tone_name(tone)).label), Urgency(LEVELS[level]))
                   for one in _told(urgent) for topic, tone, level in [urgent[one.pk]]],
        "corrected": [(name, report["corrections"][code]) for code, name in labels().items()],
        "learned": [(label(name), words) for name, words in report["learned"]["topic"].items()],
        "learned_urgency": [(Urgency(name).label, words) for name, words in report["learned"]["urgency"].items() if name != "calm"],
    }  # fmt: skip


def labels() -> dict[str, str]:
    return {"topic": _("Topic"), "tone": _("Tone"), "urgency": _("Urgency")}


def _told(keys: Any) -> list[Interaction]:
    """In the order asked for; only of living customers. The page is for people who see all of them."""
    known = Interaction.objects.filter(customer__deleted_at=None).select_related("customer").in_bulk(list(keys))
    return [known[key] for key in keys if key in known]


def _topics(analysis: Analysis) -> Picture:
    rows = [row for row in analysis.report["topics"] if row["topic"] != OTHER]
    rows.sort(key=lambda row: -row["n"])
    bad = [round(row["n"] * row["bad"]) for row in rows]

    def bars(name: str, counts: list[int]) -> dict[str, Any]:
        points = [{"value": count, "url": to_group("voice", row["topic"])} for count, row in zip(counts, rows, strict=True)]
        return {"type": "bar", "stack": "all", "name": name, "barMaxWidth": 18, "data": points}

    rest = [row["n"] - worse for row, worse in zip(rows, bad, strict=True)]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis"}, "xAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "yAxis": {"type": "category", "inverse": True, "data": [label(row["topic"]) for row in rows],
                      "axisLabel": {"interval": 0}},
            "series": [bars(_("others"), rest), bars(_("unfavourable"), bad)],
        },
        "table": {"columns": [_("Topic"), _("Said"), _("Unfavourable"), _("Customers")],
                  "rows": [[label(row["topic"]), row["n"], worse, row["customers"]] for row, worse in zip(rows, bad, strict=True)]},
    }  # fmt: skip


def _months(analysis: Analysis) -> Picture:
    rows = analysis.report["months"]
    return {
        "option": {
            "legend": {}, "tooltip": {"trigger": "axis", "valueFormatter": "@number"},
            "xAxis": {"type": "category", "data": [row["month"] for row in rows]},
            "yAxis": [{"type": "value", "min": 0, "max": 100}, {"type": "value", "axisLabel": {"formatter": "@short"}}],
            "series": [
                {"type": "bar", "name": _("Said"), "yAxisIndex": 1, "barMaxWidth": 24, "itemStyle": {"opacity": 0.35},
                 "data": [row["n"] for row in rows]},
                {"type": "line", "name": _("Tone"), "data": [round(row["tone"], 1) for row in rows]},
                {"type": "line", "name": _("Unfavourable, %"), "data": [round(100 * row["bad"], 1) for row in rows]},
            ],
        },
        "table": {"columns": [_("Month"), _("Said"), _("Tone"), _("Unfavourable, %")],
                  "rows": [[row["month"], row["n"], round(row["tone"], 1), round(100 * row["bad"], 1)] for row in rows]},
    }  # fmt: skip


def _words(analysis: Analysis) -> Picture:
    """Words that stand out, month by month."""
    months = [row["month"] for row in analysis.report["months"]]
    rows = analysis.report["trends"]
    return {
        "option": {
            "legend": {"type": "scroll"},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": months},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "@short"}},
            "series": [{"type": "line", "name": row["word"], "showSymbol": False, "data": row["months"]} for row in rows],
        },
        "table": {"columns": [_("Word"), *months], "rows": [[row["word"], *row["months"]] for row in rows]},
    }


PAGE = Page("analyses/voice.html", asked=context, pictures={"topics": _topics, "months": _months, "words": _words})
