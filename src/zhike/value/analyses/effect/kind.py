"""What the analysis of an action says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.customers.queries.tags import is_a_tag, known_tags
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.choices import RfmClass
from zhike.value.models import Finding

LEAST = 10  # customers in either group
GROUPS = {
    "acted_bought": gettext_lazy("acted on, bought"), "acted_not": gettext_lazy("acted on, did not buy"),
    "held_bought": gettext_lazy("held back, bought"), "held_not": gettext_lazy("held back, did not buy"),
}  # fmt: skip
FEATURES = {
    "silence": gettext_lazy("Days since the last order"), "visits": gettext_lazy("Days with an order"),
    "revenue": gettext_lazy("Revenue so far"), "lately": gettext_lazy("Revenue in as long a time before"),
    "tenure": gettext_lazy("Days since the first order"), "kind": gettext_lazy("Kind"), "source": gettext_lazy("Source"),
}  # fmt: skip
DIMENSIONS = {
    "rfm": gettext_lazy("RFM class before"), "silence": gettext_lazy("Last order before"),
    "visits": gettext_lazy("Days with an order before"), "kind": gettext_lazy("Kind"), "region": gettext_lazy("Region"),
}  # fmt: skip
SILENCES = {
    "90": gettext_lazy("up to 90 days ago"), "180": gettext_lazy("91 to 180 days ago"), "365": gettext_lazy("181 to 365 days ago"),
    "more": gettext_lazy("more than a year ago"), "never": gettext_lazy("never bought"),
}  # fmt: skip
VISITS = ("0", "1", "2–3", "4–9", "10+")
KINDS = {"person": gettext_lazy("person"), "organisation": gettext_lazy("organisation")}


def _unknown(tag: str) -> str:
    return "" if not tag or is_a_tag(tag) else _("No customer has this tag.")


@dataclass(frozen=True)
class Options:
    treated: str = asks.ask("", asks.Word(gettext_lazy("Acted on: customers with the tag"), _unknown, known_tags))
    control: str = asks.ask("", asks.Word(gettext_lazy("Held back: customers with the tag"), _unknown, known_tags))
    day: str = asks.ask("", asks.Day(gettext_lazy("Day of the action")))
    days: int = asks.ask(
        30, asks.Number(gettext_lazy("Days to watch"), 7, 365, help=gettext_lazy("the day of the action is the first"))
    )
    cost: float = asks.ask(
        0.0, asks.Number(gettext_lazy("Cost of acting on one customer, ¥"), 0, 100_000, whole=False)
    )  # fmt: skip


def check(options: Options) -> dict[str, list[str]]:
    wrong = {name: [_("Name a tag.")] for name in ("treated", "control") if not getattr(options, name)}
    if not options.day:
        wrong["day"] = [_("Name the day.")]
    if not wrong and options.treated == options.control:
        wrong["control"] = [_("The two groups need different tags.")]
    return wrong


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in GROUPS.items()]


def headline(report: Report) -> list[Figure]:
    return [
        Figure("treated", _("Acted on"), report["sizes"]["treated"]),
        Figure("control", _("Held back"), report["sizes"]["control"]),
        Figure("bought", _("Bought, of those acted on"), report["bought"]["treated"], "percent", 1),
        Figure("alone", _("Bought, of those held back"), report["bought"]["control"], "percent", 1),
        Figure("lift", _("Brought by the action, points"), report["lift"]["value"] * 100, "", 1),
        Figure("revenue", _("Extra revenue"), report["revenue"]["all"]["value"], "money"),
        Figure("net", _("Extra margin less cost"), report["net"]["value"], "money"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    told = {"day": report["day"], "days": report["watched"], "tag": report["treated"]}
    acted, bought = (finding.group or "acted_not").split("_")
    text = (_("Was acted on (%(tag)s, %(day)s)") if acted == "acted" else _("Was held back (%(tag)s, %(day)s)")) % told
    if bought == "bought":
        told["money"] = wording.money((finding.detail or {}).get("spent", 0))
        text += _(", bought within %(days)s days for %(money)s.") % told
    else:
        text += _(", did not buy within %(days)s days.") % told
    if finding.value is not None:
        text += " " + _("Acting on customers like this one changes their chance to buy by %(n)s points.") % {
            "n": points(finding.value)
        }  # fmt: skip
    return text


def verdict(report: Report) -> tuple[str, str]:
    """How sure it is, and in words: what the action brought, or that it cannot be said."""
    lift = report["lift"]
    told = {
        "there": wording.percent(report["bought"]["treated"], 1), "alone": wording.percent(report["bought"]["control"], 1),
        "days": report["watched"], "points": points(lift["value"]), "low": points(lift["low"]), "high": points(lift["high"]),
        "visible": points(report["visible"]),
    }  # fmt: skip
    text = (
        _(
            "Within %(days)s days %(there)s of those acted on bought, and %(alone)s of those held back: %(points)s points, likely "
            "between %(low)s and %(high)s."
        )
        % told
    )
    if lift["low"] > 0:
        return "good", text + " " + _("The action brought customers who would not have come.")
    if lift["high"] < 0:
        return "bad", text + " " + _("The action kept customers away who would have come.")
    return "unsure", text + " " + _(
        "Whether the action brought anything cannot be said: chance alone explains it. Groups of this size show an effect of "
        "%(visible)s points or more; a smaller one stays hidden."
    ) % told  # fmt: skip


def doubts(report: Report) -> list[str]:
    """What speaks against trusting it."""
    found = []
    apart = [str(FEATURES[row["feature"]]) for row in report["balance"] if row["differs"]]
    if apart:
        found.append(
            _(
                "Not drawn at random: the groups differed before the action already, in %(what)s. The difference afterwards is "
                "then not what the action did."
            )
            % {"what": wording.listed(apart)}
        )
    if report["watched"] < report["days"]:
        found.append(
            _("The orders end after %(n)s of the %(days)s days to watch. Carry it out again when they are over.")
            % {"n": report["watched"], "days": report["days"]}
        )
    if report["in_both"]:
        found.append(_("%(n)s customers have both tags and were left out.") % {"n": report["in_both"]})
    return found


def points(share: float) -> str:
    return wording.number(share * 100, 1)


def label_of(dimension: str, code: str) -> str:
    """A value of a dimension in words; of the record as it stands there."""
    if dimension == "rfm":
        return str(dict(RfmClass.choices).get(code, _("never bought")))
    words: Mapping[str, Any] = {"silence": SILENCES, "kind": KINDS}.get(dimension, {})
    return str(words.get(code, code or _("not known")))


def tables(report: Report) -> Mapping[str, Sheet]:
    lift = [_("Acted on"), _("Held back"), _("Bought, acted on"), _("Bought, held back"), _("Lift"), _("from"), _("to")]
    rows = [
        [str(DIMENSIONS[name]), label_of(name, row["code"]), *(row[key] for key in ROW)]
        for name in DIMENSIONS
        for row in report["by"].get(name, [])
    ]
    balance = [
        [str(FEATURES[row["feature"]]), row["treated"], row["control"], row["difference"], row["by_chance"]]
        for row in report["balance"]
    ]
    bands: list[list[Any]] = [[row[key] for key in BAND] for row in report["model"].get("bands", [])]
    weeks = [list(row) for row in report["weeks"]]
    return {
        "by": Sheet(_("Lift by who they were"), [_("What"), _("Value"), *lift], rows),
        "weeks": Sheet(_("Who bought, week by week"), [_("Week"), _("Acted on"), _("Held back")], weeks),
        "balance": Sheet(
            _("Alike before?"),
            [_("What"), _("Acted on"), _("Held back"), _("Difference in standard deviations"), _("By chance up to")],
            balance,
        ),
        "bands": Sheet(
            _("Whom it changed most"),
            [_("Customers"), _("Foretold"), _("Bought, acted on"), _("Bought, held back"), _("Lift"), _("from"), _("to")],
            bands,
        ),
    }  # fmt: skip


ROW = ("treated", "control", "share_treated", "share_control", "lift", "low", "high")
BAND = ("customers", "expected", "treated", "control", "lift", "low", "high")
KIND = Kind(
    name="effect",
    title=gettext_lazy("What an action brought"),
    purpose=gettext_lazy(
        "What came of a reminder or an offer that would not have come without it: those acted on beside those held back."
    ),
    options=Options,
    computing="zhike.value.analyses.effect.computing",
    minimum=gettext_lazy(
        "Two groups are needed, each with a tag of its own and at least 10 customers, and orders of at least a week after the day "
        "of the action. In the customer list, choose customers and “Hold back a control group” before you act."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Last action"), choices),
    values=Values(gettext_lazy("Gain from such an action"), "percent"),
    check=check,
)
