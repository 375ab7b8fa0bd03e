"""What is said about products that go together, and what must be told."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.models import Finding

TECHNIQUES = {
    "popular": gettext_lazy("what most buy"), "own": gettext_lazy("what the customer bought most often"),
    "rules": gettext_lazy("rules of one order"), "neighbours": gettext_lazy("products with the same buyers"),
    "regression": gettext_lazy("products explained by each other"), "sequence": gettext_lazy("what follows what"),
    "propensity": gettext_lazy("all of these, learned"),
}  # fmt: skip
LEVELS = {"product": gettext_lazy("product by product"), "line": gettext_lazy("line by line")}


@dataclass(frozen=True)
class Options:
    level: str = asks.ask("product", asks.OneOf(gettext_lazy("What goes together"), lambda: LEVELS.items()))
    days: int = asks.ask(90, asks.Number(gettext_lazy("Foretell so many days"), 14, 365))
    support: float = asks.ask(
        0.5, asks.Number(gettext_lazy("Rules from so many of a hundred orders"), 0.01, 50, whole=False,
                         help=gettext_lazy("orders that hold all products of the rule")),
    )  # fmt: skip
    confidence: float = asks.ask(
        20, asks.Number(gettext_lazy("Rules that hold for at least so many per cent"), 1, 100, whole=False)
    )


def name_of(report: Report, code: str | None) -> str:
    return str(report["names"].get(code or "", code or "–")) if "names" in report else str(code)


def choices(report: Report) -> list[tuple[str, str]]:
    """The products that are next for somebody, the most frequent first."""
    return [(code, name_of(report, code)) for code in report.get("next", [])]


def headline(report: Report) -> list[Figure]:
    best = {row["technique"]: row for row in report["techniques"]}.get("propensity", {})
    return [
        Figure("rules", _("Rules"), report["rule_count"]),
        Figure("expected", _("Purchases expected in %(n)s days") % {"n": report["days"]}, report["expected"]),
        Figure("hit_rate", _("Named among five of what was bought"), best.get("hit_rate"), "percent", 1),
        Figure("new_hit_rate", _("Named among five of what was new"), best.get("new_hit_rate"), "percent", 1),
        Figure("orders", _("Orders with lines"), report["baskets"]),
    ]


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    if finding.group is None:
        return _("Will probably buy nothing within %(days)s days.") % {"days": report["days"]}
    told = {
        "product": name_of(report, finding.group), "chance": wording.percent(finding.value or 0), "days": report["days"],
        "because": name_of(report, detail.get("because")), "n": detail.get("bought", 0),
    }  # fmt: skip
    if detail.get("bought"):
        day = datetime.date.fromisoformat(detail["last_on"]).isoformat()
        text = ngettext(
            "%(product)s next (%(chance)s within %(days)s days): bought on %(n)s day, last on %(day)s.",
            "%(product)s next (%(chance)s within %(days)s days): bought on %(n)s days, last on %(day)s.", told["n"],
        ) % {**told, "day": day}  # fmt: skip
    elif detail.get("because"):
        text = _("%(product)s next (%(chance)s within %(days)s days): goes with %(because)s, which it has.") % told
    else:
        text = _("%(product)s next (%(chance)s within %(days)s days): many buy it.") % told
    new = detail.get("new")
    if detail.get("bought") and new:
        words = {"product": name_of(report, new["product"]), "chance": wording.percent(new["chance"], 1)}
        if new.get("because"):
            text += " " + _("Something new: %(product)s (%(chance)s), goes with %(because)s.") % {
                **words, "because": name_of(report, new["because"])
            }  # fmt: skip
        else:
            text += " " + _("Something new: %(product)s (%(chance)s).") % words
    return text


def tables(report: Report) -> Mapping[str, Sheet]:
    def name(code: str) -> str:
        return name_of(report, code)

    rules = [
        [" + ".join(map(name, row["left"])), name(row["right"]), row["both"], row["support"], row["confidence"], row["lift"]]
        for row in report["rules"]
    ]
    products = [[name(row["product"]), row["buyers"], row["recent"], row["expected"], row["first"]] for row in report["products"]]
    steps = [
        [name(row["product"]), row["price"], name(row["dearer"]), row["dearer_price"], row["customers"], row["moved"], row["share"],
         row["lift"], row["days"]] for row in report["steps"]
    ]  # fmt: skip
    techniques = [
        [str(TECHNIQUES[row["technique"]]), row["hit_rate"], row["ndcg"], row["new_hit_rate"], row["new_ndcg"]]
        for row in report["techniques"]
    ]
    calibration = [[row["expected"], row["actual"], row["pairs"]] for row in report["calibration"]]
    days = {"n": report["days"]}
    return {
        "rules": Sheet(_("Rules"), [_("Who buys"), _("also buys"), _("Orders"), _("Support"), _("Confidence"), _("Lift")], rules),
        "products": Sheet(
            _("Next purchases by product"),
            [_("Product"), _("Buyers ever"), _("Buyers of the last %(n)s days") % days, _("Expected buyers"), _("Next for")],
            products,
        ),
        "steps": Sheet(
            _("Steps up in price"),
            [_("Product"), _("Price"), _("Dearer product"), _("Price"), _("Customers"), _("went on"), _("Share"), _("Lift"),
             _("Days")],
            steps,
        ),
        "techniques": Sheet(
            _("Who names what is bought"),
            [_("Technique"), _("Hit rate"), _("NDCG"), _("New: hit rate"), _("New: NDCG")], techniques,
        ),
        "calibration": Sheet(_("Chances foretold and seen"), [_("Foretold"), _("Came true"), _("Pairs")], calibration),
    }  # fmt: skip


KIND = Kind(
    name="together",
    title=gettext_lazy("What goes together"),
    purpose=gettext_lazy(
        "Which products are bought together, which lead to dearer ones, and what each customer will probably buy next."
    ),
    options=Options,
    computing="zhike.value.analyses.together.computing",
    minimum=gettext_lazy(
        "Orders with lines are needed, of two products at least, and fifty purchases in the last days by customers known before."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Next product"), choices),
    values=Values(gettext_lazy("Chance of it"), "percent"),
)
