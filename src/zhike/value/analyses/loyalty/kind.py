"""What the analysis of loyalty says, and what it must be told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, gettext as _, gettext_lazy

from zhike.customers.choices import FieldType
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Label, Report, Sheet, Values
from zhike.value.analyses.loyalty.evidence import EVIDENCE, STAGES
from zhike.value.analyses.segments.features import FIGURES, open_fields
from zhike.value.models import Finding

LEAST = 20  # customers
STEP = 5  # points of attitude and behaviour that the picture takes together
STAGE_LABELS = {
    "cognitive": (gettext_lazy("Cognitive"), gettext_lazy("thinks of us first and accepts the price")),
    "affective": (gettext_lazy("Affective"), gettext_lazy("is content and likes to come")),
    "conative": (gettext_lazy("Conative"), gettext_lazy("means to buy again and tells others")),
    "behavioural": (gettext_lazy("Behavioural"), gettext_lazy("buys much, often, for long, and still")),
    "": (gettext_lazy("none yet"), ""),
}
CELLS = {
    "true": (gettext_lazy("true loyalty"), gettext_lazy("Thank them, ask for referrals and advice; never take them for granted.")),
    "latent": (
        gettext_lazy("latent loyalty"),
        gettext_lazy("Ask what hinders: distance, hours, price, supply; remove that first."),
    ),
    "spurious": (
        gettext_lazy("spurious loyalty"),
        gettext_lazy("They buy and do not like it: call before a competitor does, put right what is wrong."),
    ),
    "none": (gettext_lazy("no loyalty"), gettext_lazy("No special effort: win back only who used to bring much.")),
    "unheard": (
        gettext_lazy("buys, attitude not known"),
        gettext_lazy("Ask at the next visit how content they are, and write it down."),
    ),
    "unknown": (
        gettext_lazy("buys little, attitude not known"),
        gettext_lazy("One friendly question; more only if an answer comes."),
    ),
}
PARTS = {
    "base": gettext_lazy("Base profit of the first year"), "growth": gettext_lazy("More bought"),
    "premium": gettext_lazy("Higher price"), "goods": gettext_lazy("Cheaper goods"), "serving": gettext_lazy("Cheaper to serve"),
    "referrals": gettext_lazy("Referrals"),
}  # fmt: skip


def _fields(*types: str) -> Iterator[tuple[str, Label]]:
    yield "", gettext_lazy("not recorded")
    for one in open_fields(types):
        yield one.code, one.label(get_language() or "zh-hans")


@dataclass(frozen=True)
class Options:
    attitude: int = asks.ask(
        65, asks.Number(gettext_lazy("Attitude is high from"), 20, 95, help=gettext_lazy("0 to 100; a neutral mood is 60")),
    )  # fmt: skip
    behaviour: int = asks.ask(
        50, asks.Number(gettext_lazy("Behaviour is high from"), 20, 95, help=gettext_lazy("0 to 100; a typical buyer is 50")),
    )  # fmt: skip
    window: int = asks.ask(364, asks.Number(gettext_lazy("Contacts of the last so many days"), 90, 1095))
    half_life: int = asks.ask(180, asks.Number(gettext_lazy("Days after which a contact counts half"), 30, 720))
    texts: bool = asks.ask(True, asks.Switch(gettext_lazy("Read the notes where no mood is recorded")))
    wallet: str = asks.ask(
        "",
        asks.OneOf(
            gettext_lazy("Field that tells the share of wallet"), lambda: _fields(*FIGURES),
            help=gettext_lazy("a figure in % is our share; money is what they spend in a year with everybody"),
        ),
    )  # fmt: skip
    competitor: str = asks.ask(
        "",
        asks.OneOf(
            gettext_lazy("Field that names a competitor"), lambda: _fields(FieldType.TEXT, FieldType.CHOICE, FieldType.YES_NO)
        ),
    )


def headline(report: Report) -> list[Figure]:
    years = report["earned"]["years"]
    return [
        Figure("loyalty", _("Loyalty, mean"), report["loyalty"], "", 1),
        *(Figure(name, stage_name(name), report["stages"][name]["mean"], "", 1) for name in STAGES),
        Figure("true", _("Truly loyal"), report["shares"].get("true", 0.0), "percent"),
        Figure("known", _("Attitude known of"), report["known"], "percent"),
        Figure("first", _("Profit, first year"), years[0]["profit"] if years else None, "money"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    cell, play = CELLS[finding.group or "unknown"]
    scores = {name: known[name] for name in STAGES if known.get(name) is not None}
    told = [f"{stage_name(name)} {wording.number(value)}" for name, value in scores.items()]
    text = _("%(cell)s; highest stage held: %(stage)s. %(scores)s (confidence %(sure)s).") % {
        "cell": cell, "stage": stage_name(known.get("stage", "")), "scores": wording.listed(told),
        "sure": wording.percent(known.get("sure", 0)),
    }  # fmt: skip
    unknown = [stage_name(name) for name in STAGES if name not in scores]
    if unknown:
        text += " " + _("Not known: %(names)s.") % {"names": wording.listed(unknown)}
    if known.get("was"):
        text += " " + _("Before: %(cell)s.") % {"cell": CELLS[known["was"]][0]}
    return f"{text} {play}"


def stage_name(code: str) -> str:
    return str(STAGE_LABELS[code][0])


def tables(report: Report) -> Mapping[str, Sheet]:
    stages = [
        [stage_name(name), one["mean"], one["low"], one["high"], one["known"], one["sure"], one["held"]]
        for name in STAGES
        for one in [report["stages"][name]]
    ]
    evidence = [
        [stage_name(one.stage), str(one.label), one.weight, *report["evidence"][one.column]]
        for one in EVIDENCE if one.column in report["evidence"]
    ]  # fmt: skip
    moves = [[str(CELLS[a][0]), str(CELLS[b][0]), count] for a, b, count in report["moves"] or []]
    parts = list(PARTS)
    return {
        "stages": Sheet(
            _("Four stages"),
            [_("Stage"), _("Mean"), _("from"), _("to"), _("Known of"), _("Confidence"), _("Highest stage of")], stages,
        ),
        "evidence": Sheet(_("Evidence"), [_("Stage"), _("Evidence"), _("Weight"), _("Known of"), _("Mean")], evidence),
        "moves": Sheet(_("Moved since the analysis before"), [_("from"), _("to"), _("Customers")], moves),
        "earned": Sheet(
            _("What loyalty earns"),
            [_("Year of the relationship"), _("Customers"), *(str(PARTS[one]) for one in parts), _("Profit"), _("from"), _("to")],
            [[row["year"], row["customers"], *(row[one] for one in parts), row["profit"], row["low"], row["high"]]
             for row in report["earned"]["years"]],
        ),
    }  # fmt: skip


KIND = Kind(
    name="loyalty",
    title=gettext_lazy("Loyalty"),
    purpose=gettext_lazy(
        "How far customers have come from preferring us to buying for years, who only seems loyal, and what loyal years earn."
    ),
    options=Options,
    computing="zhike.value.analyses.loyalty.computing",
    minimum=gettext_lazy("At least 20 customers with orders are needed."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(
        gettext_lazy("Loyalty: attitude and behaviour"), lambda report: [(code, str(one[0])) for code, one in CELLS.items()]
    ),
    values=Values(gettext_lazy("Loyalty")),
)
