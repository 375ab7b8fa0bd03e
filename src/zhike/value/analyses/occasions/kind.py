"""What the analysis of occasions says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.models import Finding

LEAST, LEAST_PERIODS = 50, 6  # customers who bought again; occasions that are over
EVERY = {"month": gettext_lazy("month"), "quarter": gettext_lazy("quarter"), "year": gettext_lazy("year")}
GROUPS = {  # from which chance to buy on the next occasion
    "probable": (0.5, gettext_lazy("will probably buy")), "possible": (0.2, gettext_lazy("may buy")),
    "rare": (0.0, gettext_lazy("will hardly buy")),
}  # fmt: skip
WAYS = {
    "bgbb": gettext_lazy("Occasions (BG/BB)"), "bgnbd": gettext_lazy("Any time (BG/NBD)"),
    "rate": gettext_lazy("everybody goes on at the own rate"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    every: str = asks.ask(
        "quarter",
        asks.OneOf(
            gettext_lazy("An occasion to buy every"), lambda: EVERY.items(), help=gettext_lazy("a service, a season, a membership")
        ),
    )


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, (_least, label) in GROUPS.items()]


def headline(report: Report) -> list[Figure]:
    return [
        Figure("customers", _("Customers judged"), report["customers"]),
        Figure("next", _("Expected on the next occasion"), report["next"]),
        Figure("alive", _("Still active"), report["alive"]),
        Figure("bias", _("Foretold against come"), report["ways"]["bgbb"]["bias"], "percent", 1),
        Figure("gini", _("Orders them rightly (Gini)"), report["ways"]["bgbb"]["gini"], "", 3),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    told = {
        "bought": wording.number(known.get("bought", 0)), "of": wording.number(known.get("occasions", 0)),
        "chance": wording.percent(finding.value or 0), "every": EVERY[report["every"]],
    }  # fmt: skip
    return (
        _(
            "Bought on %(bought)s of %(of)s occasions (every %(every)s) since the first; buys on the next one with a chance of "
            "%(chance)s."
        )
        % told
    )


def verdict(report: Report) -> str:
    """Which way foretold better what was held back: the total by its bias, the customers by their order."""
    mine, other = report["ways"]["bgbb"], report["ways"]["bgnbd"]
    total = _("Occasions") if abs(mine["bias"]) <= abs(other["bias"]) else _("Any time")
    order = _("Occasions") if mine["gini"] >= other["gini"] else _("Any time")
    told = {
        "total": total, "order": order, "a": wording.percent(mine["bias"], 1), "b": wording.percent(other["bias"], 1),
        "c": f"{mine['gini']:.3f}", "d": f"{other['gini']:.3f}",
    }  # fmt: skip
    return (
        _(
            "On the occasions held back: nearer to the total came “%(total)s” (off by %(a)s; any time: %(b)s), better in the order "
            "of the customers “%(order)s” (Gini %(c)s; any time: %(d)s)."
        )
        % told
    )


def tables(report: Report) -> Mapping[str, Sheet]:
    return {
        "held": Sheet(
            _("Occasions held back"),
            [_("Occasion"), _("Bought"), *(str(label) for label in WAYS.values())],
            [[row["period"], row["came"], *(row[name] for name in WAYS)] for row in report["held"]],
        ),
        "frequency": Sheet(
            _("By purchases before"),
            [_("Purchases before"), _("Customers"), _("Came, each"), *(str(label) for label in WAYS.values())],
            [[row["bought"], row["customers"], row["came"], *(row[name] for name in WAYS)] for row in report["frequency"]],
        ),
        "ways": Sheet(
            _("Which way foretells better"),
            [_("Way"), _("Expected"), _("Bias"), _("Error per customer"), _("Gini"), _("Share of the best tenth")],
            [[str(label), *(report["ways"][name][key] for key in MEASURES)] for name, label in WAYS.items()],
        ),
    }  # fmt: skip


MEASURES = ("expected", "bias", "mae", "gini", "top_decile")
KIND = Kind(
    name="occasions",
    title=gettext_lazy("Occasions"),
    purpose=gettext_lazy(
        "Who buys at the next occasion, for companies whose customers buy at most once in a month, quarter or year that counts."
    ),
    options=Options,
    computing="zhike.value.analyses.occasions.computing",
    minimum=gettext_lazy(
        "At least 6 occasions that are over and 50 customers who bought again are needed. Choose shorter ones, or wait."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Next occasion"), choices),
    values=Values(gettext_lazy("Chance on the next occasion"), "percent"),
    for_everybody=True,
)
