"""What winning back says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.models import Finding

LEAST = 30  # who came back after such a silence, in each of two periods
GROUPS = {"first": gettext_lazy("try first"), "pays": gettext_lazy("pays to try"), "leave": gettext_lazy("does not pay")}
BANDS = {"once": gettext_lazy("one purchase"), "few": gettext_lazy("2 to 4 purchases"), "many": gettext_lazy("5 purchases or more")}
DRIVERS = {
    "silence": gettext_lazy("Days since the last order"), "lived": gettext_lazy("Days from the first to the last order"),
    "visits": gettext_lazy("Days with an order"), "spend": gettext_lazy("Revenue per visit"),
    "ratio": gettext_lazy("Silence over the own rhythm"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    silence: int = asks.ask(
        365, asks.Number(gettext_lazy("Gone after so many days without an order"), 60, 1460, help=gettext_lazy("within five years"))
    )
    days: int = asks.ask(180, asks.Number(gettext_lazy("Chance to come back within so many days"), 30, 365))
    cost: float = asks.ask(20.0, asks.Number(gettext_lazy("Cost of trying once, ¥"), 0, 100_000, whole=False))


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in GROUPS.items()]


def headline(report: Report) -> list[Figure]:
    return [
        Figure("gone", _("Customers who have gone"), report["gone"]),
        Figure("back", _("Come back on their own"), report["expected"]),
        Figure("worth", _("Worth, if all came back"), report["worth"], "money"),
        Figure("pays", _("Pays to try"), report["pays"]),
        Figure("gain", _("Expected of those, less cost"), report["gain"], "money"),
        Figure("auc", _("Orders them rightly (AUC)"), report["auc"], "", 3),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    told = {
        "silence": wording.number(known.get("silence", 0)), "days": report["days"],
        "chance": wording.percent(known.get("chance", 0), 1), "worth": wording.money(known.get("worth", 0)),
    }  # fmt: skip
    text = (
        _(
            "Has not bought for %(silence)s days; of such customers %(chance)s come back within %(days)s days, and this one would "
            "then be worth %(worth)s."
        )
        % told
    )
    if finding.group == "leave":
        return text + " " + _("An attempt costs more than it brings.")
    return text


def verdict(report: Report) -> str:
    """Is it better than to call those who left last?"""
    better = report["auc"] - report["silence_auc"]
    if better > 0.005:
        text = _(
            "On a period it had not seen it orders those who came back better (%(auc)s) than the length of the silence "
            "(%(simple)s)."
        )
    elif better < -0.005:
        text = _(
            "On a period it had not seen the length of the silence orders those who came back better (%(simple)s) than it "
            "(%(auc)s)."
        )
    else:
        text = _(
            "On a period it had not seen it orders those who came back as well (%(auc)s) as the length of the silence (%(simple)s)."
        )
    return text % {"auc": f"{report['auc']:.3f}", "simple": f"{report['silence_auc']:.3f}"}


def tables(report: Report) -> Mapping[str, Sheet]:
    return {
        "lives": Sheet(
            _("Second lives so far"),
            [_("First life"), _("Came back"), _("Margin of the first year"), _("as the first life lets expect"), _("Ratio")],
            [[str(BANDS[row["band"]]), row["n"], row["actual"], row["expected"], row["ratio"]] for row in report["lives"]],
        ),
        "calibration": Sheet(
            _("Foretold and come true"),
            [_("Customers"), _("Foretold"), _("Came back")],
            [[row["customers"], row["expected"], row["actual"]] for row in report["calibration"]],
        ),
        "drivers": Sheet(
            _("Drivers"),
            [_("Driver"), _("Strength")],
            [[str(DRIVERS.get(name, name)), strength] for name, strength in report["drivers"]],
        ),
    }  # fmt: skip


KIND = Kind(
    name="winback",
    title=gettext_lazy("Winning back"),
    purpose=gettext_lazy(
        "What customers who have gone would be worth if they came back, how likely that is, and whom to try first."
    ),
    options=Options,
    computing="zhike.value.analyses.winback.computing",
    minimum=gettext_lazy(
        "A value run with lifetime values is needed, and a history in which at least 30 customers came back after such a silence, "
        "in each of the last two periods. With fewer, choose a shorter silence or a longer period; or nothing can be learned yet."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Winning back"), choices),
    values=Values(gettext_lazy("Gain of winning back"), "money"),
)
