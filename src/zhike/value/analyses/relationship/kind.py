"""What the analysis of relationships says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.models import Finding

LEAST = 20  # customers with something said or done
GOOD = 50.0
CLASSES = {
    "partner": (gettext_lazy("partners"), gettext_lazy("a good relationship that brings much: keep it so")),
    "repair": (gettext_lazy("to repair"), gettext_lazy("bring much, and the relationship is poor: call first")),
    "friend": (gettext_lazy("friends"), gettext_lazy("a good relationship that brings little: offer more, ask for referrals")),
    "distant": (gettext_lazy("distant"), gettext_lazy("neither: no cost beyond the ordinary")),
}
PARTS = {
    "satisfaction": gettext_lazy("Satisfaction"), "trust": gettext_lazy("Trust"), "commitment": gettext_lazy("Commitment"),
}  # fmt: skip
DRIVERS = {
    "contacts": gettext_lazy("contacts in the period"), "caring": gettext_lazy("share of contacts that sell nothing"),
    "reached": gettext_lazy("share of our contacts that reached them"), "in_person": gettext_lazy("share of contacts in person"),
    "came": gettext_lazy("contacts from their side, last 52 weeks"), "returned": gettext_lazy("share of orders sent back"),
    "tenure": gettext_lazy("days since the first order"), "bought": gettext_lazy("orders of the last 52 weeks"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    window: int = asks.ask(364, asks.Number(gettext_lazy("Contacts of the last so many days"), 90, 1095))
    half_life: int = asks.ask(
        180, asks.Number(gettext_lazy("Days after which a contact counts half"), 30, 720),
    )  # fmt: skip
    texts: bool = asks.ask(True, asks.Switch(gettext_lazy("Read the notes where no mood is recorded")))


def headline(report: Report) -> list[Figure]:
    index = report["index"]
    return [
        Figure("index", _("Satisfaction index"), index["value"], "", 1),
        Figure("low", _("Index, from"), index["low"], "", 1),
        Figure("high", _("Index, to"), index["high"], "", 1),
        Figure("covered", _("Customers heard of"), report["covered"], "percent"),
        Figure("quality", _("Quality of the relationship"), report["quality"], "", 1),
        Figure("net", _("Brought after cost"), report["net"], "money"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    parts = [f"{label} {wording.number(known[name])}" for name, label in PARTS.items() if known.get(name) is not None]
    text = _("Quality %(quality)s of 100 (confidence %(sure)s): %(parts)s.") % {
        "quality": wording.number(finding.value or 0), "sure": wording.percent(known.get("sure", 0)),
        "parts": wording.listed(parts),
    }  # fmt: skip
    if known.get("satisfaction") is None:
        text += " " + _("Nothing heard in the period.")
    return text + " " + _("Brought %(received)s in 52 weeks at a cost of %(cost)s.") % {
        "received": wording.money(known.get("received", 0)), "cost": wording.money(known.get("cost", 0)),
    }  # fmt: skip


def tables(report: Report) -> Mapping[str, Sheet]:
    bands = [[f"{one['from']}–{one['from'] + 20}", one["customers"], one["received"], one["cost"], one["net"]]
             for one in report["bands"]]  # fmt: skip
    drivers = [[str(DRIVERS[one["name"]]), one["share"], one["low"], one["high"], one["correlation"]] for one in report["drivers"]]
    months = [[one["month"], one["contacts"], one["index"]] for one in report["months"]]
    return {
        "profit": Sheet(
            _("What relationships bring"),
            [_("Quality"), _("Customers"), _("Margin"), _("Cost of 52 weeks"), _("After cost")],
            bands,
        ),
        "drivers": Sheet(_("Drivers"), [_("Driver"), _("Share"), _("from"), _("to"), _("Correlation")], drivers),
        "months": Sheet(_("By month"), [_("Month"), _("Contacts"), _("Satisfaction index")], months),
    }


KIND = Kind(
    name="relationship",
    title=gettext_lazy("Relationships"),
    purpose=gettext_lazy(
        "How satisfied customers are, how good the relationship is, what drives it and what it brings after its cost."
    ),
    options=Options,
    computing="zhike.value.analyses.relationship.computing",
    minimum=gettext_lazy("At least 20 customers with orders and recorded contacts are needed."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Relationship"), lambda report: [(code, str(one[0])) for code, one in CLASSES.items()]),
    values=Values(gettext_lazy("Quality")),
)
