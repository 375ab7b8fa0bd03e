"""What influence says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _, gettext_lazy

from zhike.customers.choices import RelationshipKind
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.models import Finding

LEAST = 10  # customers with a relationship
GROUPS = {
    "hub": gettext_lazy("Hub: known by many"), "bridge": gettext_lazy("Bridge: connects others"),
    "recommender": gettext_lazy("Recommender: brings customers"), "linked": gettext_lazy("Linked"),
}  # fmt: skip
NOT_FRIENDS = (RelationshipKind.COMPETES_WITH,)  # who competes passes nothing on
DEFAULT = tuple(str(one.value) for one in RelationshipKind if one not in NOT_FRIENDS)


@dataclass(frozen=True)
class Options:
    kinds: tuple[str, ...] = asks.ask(
        DEFAULT, asks.SomeOf(gettext_lazy("Relationships that count"), lambda: RelationshipKind.choices, least=1)
    )
    decay: float = asks.ask(
        0.5,
        asks.Number(
            gettext_lazy("Credit passed on"), 0, 0.9, whole=False,
            help=gettext_lazy("so much of the value of a referred customer goes on to who referred the referrer"),
        ),
    )  # fmt: skip


def choices(report: Report) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in GROUPS.items()]


def headline(report: Report) -> list[Figure]:
    return [
        Figure("people", _("Customers with relationships"), report["people"]),
        Figure("edges", _("Relationships"), report["edges"]),
        Figure("communities", _("Circles"), report["communities"]),
        Figure("referred", _("Customers who were referred"), report["referred"]),
        Figure("credit", _("Lifetime value that was referred"), report["referred_value"], "money"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    told = {
        "degree": detail.get("degree", 0), "size": detail.get("circle", 0), "referred": detail.get("referred", 0),
        "credit": wording.money(detail.get("credit", 0.0)), "between": wording.number(detail.get("between", 0)),
    }  # fmt: skip
    parts = [_("Linked with %(degree)s customers, in a circle of %(size)s.") % told]
    if detail.get("between", 0) >= 1:
        parts.append(_("%(between)s pairs of others know each other by way of this customer.") % told)
    if detail.get("referred"):
        parts.append(_("Referred %(referred)s customers; with those whom they referred: %(credit)s of lifetime value.") % told)
    return " ".join(parts)


def tables(report: Report) -> Mapping[str, Sheet]:
    return {
        "circles": Sheet(
            _("Circles"), [_("Circle"), _("Customers"), _("Lifetime value")],
            [[row["community"] + 1, row["customers"], row["clv"]] for row in report["circles"]],
        ),
        "degrees": Sheet(_("How many know how many"), [_("Relationships"), _("Customers")], [*map(list, report["degrees"])]),
    }  # fmt: skip


KIND = Kind(
    name="influence",
    title=gettext_lazy("Influence"),
    purpose=gettext_lazy(
        "Whose word counts: who is known by many, who connects others, who brings customers, and what they bring."
    ),
    options=Options,
    computing="zhike.value.analyses.influence.computing",
    minimum=gettext_lazy("At least 10 customers with relationships are needed: who refers, knows, is family of, works at whom."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Role among customers"), choices),
    values=Values(gettext_lazy("Influence"), "", 1),
)
