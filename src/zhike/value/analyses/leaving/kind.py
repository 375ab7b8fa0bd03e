"""What the risk of leaving says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.analyses.leaving import stays_in_words
from zhike.value.models import Finding

LEAST = 50  # customers who could leave, on each of the three days
BANDS = {  # from which chance on
    "high": (0.7, gettext_lazy("High risk")), "raised": (0.4, gettext_lazy("Raised risk")), "low": (0.0, gettext_lazy("Low risk")),
}  # fmt: skip
LABELS = {
    "period": gettext_lazy("no order within the period"),
    "rhythm": gettext_lazy("no order within three times the own rhythm, at most the period"),
}
METHODS = {
    "logistic": gettext_lazy("Logistic regression: quick, every reason can be read"),
    "auto": gettext_lazy("Logistic regression or boosted trees, whichever foretells better"),
}
RIVALS = {
    "model": gettext_lazy("This model"), "p_alive": gettext_lazy("Chance to be active (BG/NBD)"),
    "expected": gettext_lazy("Expected orders (BG/NBD)"), "silence": gettext_lazy("Days of silence alone"),
    "ratio": gettext_lazy("Silence over the own rhythm alone"),
}  # fmt: skip
DRIVERS = {
    "silence": gettext_lazy("Days since the last order"), "ratio": gettext_lazy("Silence over the own rhythm"),
    "tenure": gettext_lazy("Days since the first order"), "visits": gettext_lazy("Visits"),
    "lately": gettext_lazy("Visits in the last period"), "spend": gettext_lazy("Revenue per visit"),
    "trend": gettext_lazy("Revenue against the period before"), "channels": gettext_lazy("Channels bought in"),
    "returns": gettext_lazy("Returns"), "contacts": gettext_lazy("Contacts in the last period"),
    "unhappy": gettext_lazy("Unhappy contacts in the last period"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    days: int = asks.ask(
        180,
        asks.Number(
            gettext_lazy("Period in days"), 30, 730, help=gettext_lazy("so far ahead is foretold; so long back is learned")
        ),
    )
    label: str = asks.ask("period", asks.OneOf(gettext_lazy("Who counts as gone"), lambda: LABELS.items()))
    method: str = asks.ask("logistic", asks.OneOf(gettext_lazy("Method"), lambda: METHODS.items()))


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, (_least, label) in BANDS.items()]


def headline(report: Report) -> list[Figure]:
    mine = report["rivals"][0]
    return [
        Figure("customers", _("Customers judged"), report["customers"]),
        Figure("expected", _("Will probably leave"), report["expected"]),
        Figure("lost", _("Value at risk"), report["lost"], "money"),
        Figure("auc", _("Orders them rightly (AUC)"), mine["auc"], "", 3),
        Figure("top", _("Left, of the riskiest tenth"), mine["top"], "percent"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    reasons = [text for one in detail.get("reasons", []) if (text := reason(*one))]
    told = {"chance": wording.percent(finding.value or 0), "days": report["days"], "reasons": wording.listed(reasons)}
    if reasons:
        text = _("Will stay away for the next %(days)s days with a chance of %(chance)s: %(reasons)s.") % told
    else:
        text = _("Will stay away for the next %(days)s days with a chance of %(chance)s.") % told
    if detail.get("lost") and (finding.value or 0) >= BANDS["raised"][0]:
        text += " " + _("At risk: %(lost)s.") % {"lost": wording.money(detail["lost"])}
    return text


def reason(name: str, value: float, part: float) -> str:
    """A feature of one customer in words, and which way it points; what hardly counts is not said."""
    if name not in DRIVERS or abs(part) < 0.1:
        return ""
    shown = _figure(name, value)
    return (_("%(what)s %(figure)s (raises it)") if part > 0 else _("%(what)s %(figure)s (lowers it)")) % {
        "what": DRIVERS[name], "figure": shown
    }  # fmt: skip


def _figure(name: str, value: float) -> str:
    if name == "spend":
        return wording.money(value)
    if name == "trend":
        return wording.percent(value)
    return wording.number(value, 1 if name == "ratio" else 0)


def verdict(report: Report) -> str:
    """Does the model earn its keep? Said as it is."""
    mine, *others = report["rivals"]
    best = max(others, key=lambda one: one["auc"])
    told = {"other": RIVALS[best["name"]], "mine": f"{mine['auc']:.3f}", "theirs": f"{best['auc']:.3f}"}
    if mine["auc"] > best["auc"] + 0.005:
        text = _(
            "On a period it had not seen it orders customers better (%(mine)s) than the best simple way: %(other)s (%(theirs)s)."
        )
    elif mine["auc"] < best["auc"] - 0.005:
        text = _(
            "On a period it had not seen a simple way orders customers better (%(theirs)s) than it does (%(mine)s): %(other)s."
        )
    else:
        text = _(
            "On a period it had not seen it orders customers as well (%(mine)s) as the best simple way: %(other)s (%(theirs)s)."
        )
    return text % told + _top_tenth(mine, max(others, key=lambda one: one["top"]))


def _top_tenth(mine: Mapping[str, Any], best: Mapping[str, Any]) -> str:
    """Whom to call first is taken from the top: a simple way that finds more there is named too."""
    if mine["top"] >= best["top"] - 0.005:
        return ""
    told = {"other": RIVALS[best["name"]], "mine": f"{mine['top']:.0%}", "theirs": f"{best['top']:.0%}"}
    return " " + _("In the riskiest tenth a simple way finds more who left (%(theirs)s) than it does (%(mine)s): %(other)s.") % told


def tables(report: Report) -> Mapping[str, Sheet]:
    rivals: list[Any] = [[str(RIVALS[one["name"]]), one["auc"], one["top"]] for one in report["rivals"]]
    drivers = [[str(DRIVERS.get(name, name)), strength] for name, strength in report["drivers"]]
    groups = [[row["customers"], row["expected"], row["actual"]] for row in report["calibration"]]
    stays = report.get("stays") or {}
    factors: list[Any] = [
        [stays_in_words.known(one, stays["usual"]), one["factor"], one["low"], one["high"], one["p"], stays_in_words.meaning(one)]
        for one in stays.get("factors", [])
    ]
    return {
        "stays": Sheet(
            _("What makes customers leave sooner"),
            [_("Known at the first order"), _("Factor"), _("Low"), _("High"), _("p"), _("In words")],
            factors,
        ),
        "rivals": Sheet(_("Beside simple ways"), [_("Way"), _("AUC"), _("Left, of the riskiest tenth")], rivals),
        "drivers": Sheet(_("Drivers"), [_("Driver"), _("Strength")], drivers),
        "calibration": Sheet(_("Foretold and come true"), [_("Customers"), _("Foretold"), _("Left")], groups),
        "survival": Sheet(
            _("Still buying"), [_("Months"), _("Share"), _("Low"), _("High")], [list(row) for row in report["survival"]]
        ),
    }


KIND = Kind(
    name="leaving",
    title=gettext_lazy("Risk of leaving"),
    purpose=gettext_lazy(
        "Who will probably not buy again, learned from those who did not: whom to keep first, and what speaks for it."
    ),
    options=Options,
    computing="zhike.value.analyses.leaving.computing",
    minimum=gettext_lazy(
        "Three periods of orders are needed, with at least 50 customers in each, some of whom left and some stayed."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Risk of leaving"), choices),
    values=Values(gettext_lazy("Chance to leave"), "percent"),
)
