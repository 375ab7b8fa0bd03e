"""What the nine indicators say, and how they are weighed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.indicators.evidence import EVIDENCE
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.analyses.segments.kind import KIND as SEGMENTS
from zhike.value.models import Analysis, Finding

LEAST = 10  # customers: ranks among fewer say nothing
PILLARS = {
    "present": (gettext_lazy("Present"), ("profit", "volume", "cost")),
    "future": (gettext_lazy("Future"), ("credit", "loyalty", "trust")),
    "social": (gettext_lazy("Social"), ("innovation", "network", "interaction")),
}
INDICATORS = {
    "profit": (gettext_lazy("Profit"), gettext_lazy("what they bring after cost of goods")),
    "volume": (gettext_lazy("Volume"), gettext_lazy("how much and how often they buy")),
    "cost": (gettext_lazy("Low cost"), gettext_lazy("how little it costs to win and keep them")),
    "credit": (gettext_lazy("Credit"), gettext_lazy("whether they keep to what was agreed")),
    "loyalty": (gettext_lazy("Loyalty"), gettext_lazy("whether they come again")),
    "trust": (gettext_lazy("Trust"), gettext_lazy("whether they tell us and let us")),
    "innovation": (gettext_lazy("Innovation"), gettext_lazy("whether they take up what is new")),
    "network": (gettext_lazy("Network"), gettext_lazy("whom they bring and know")),
    "interaction": (gettext_lazy("Interaction"), gettext_lazy("whether they talk with us, and how")),
}
NAMES = tuple(INDICATORS)
STRONG, WEAK = 70.0, 30.0


def _weight(name: str) -> float:
    weight: float = asks.ask(1.0, asks.Number(INDICATORS[name][0], 0, 10, whole=False))
    return weight


@dataclass(frozen=True)
class Options:
    """A weight for each indicator."""

    profit: float = _weight("profit")
    volume: float = _weight("volume")
    cost: float = _weight("cost")
    credit: float = _weight("credit")
    loyalty: float = _weight("loyalty")
    trust: float = _weight("trust")
    innovation: float = _weight("innovation")
    network: float = _weight("network")
    interaction: float = _weight("interaction")


def weights_of(options: Options) -> dict[str, float]:
    return {one.name: float(getattr(options, one.name)) for one in fields(options)}


def check(options: Options) -> dict[str, list[str]]:
    return {} if any(weights_of(options).values()) else {"profit": [_("One weight must be above 0.")]}


def headline(report: Report) -> list[Figure]:
    overall = report["overall"]
    return [
        Figure("total", _("Total, mean"), overall["total"], "", 1),
        *(Figure(name, str(label), overall[name], "", 1) for name, (label, _names) in PILLARS.items()),
        Figure("sure", _("Certainty"), report["sure"]["total"], "percent"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    scores = {name: value for name, value in detail.get("scores", {}).items() if name in NAMES}
    if finding.value is None:
        return _("Nothing is known that would speak for an indicator.")
    text = _("%(total)s of 100, confidence %(sure)s.") % {
        "total": wording.number(finding.value), "sure": wording.percent(detail["sure"]["total"]),
    }  # fmt: skip
    known = sorted(((value, name) for name, value in scores.items() if value is not None), reverse=True)
    for words, found in (
        (_("Strong: %(names)s."), [one for one in known if one[0] >= STRONG][:3]),
        (_("Weak: %(names)s."), [one for one in known[::-1] if one[0] <= WEAK][:3]),
    ):
        if found:
            named = [f"{INDICATORS[name][0]} {wording.number(value)}" for value, name in found]
            text += " " + words % {"names": wording.listed(named)}
    unknown = [str(INDICATORS[name][0]) for name, value in scores.items() if value is None]
    return text + (" " + _("Not known: %(names)s.") % {"names": wording.listed(unknown)} if unknown else "")


def of_segments(report: Report) -> tuple[Analysis | None, list[tuple[str, str]]]:
    """The segmentation that the means are of, where it is kept, and the code and name of each of its segments."""
    found = Analysis.objects.filter(pk=report.get("segmentation") or 0).first()
    names = SEGMENTS.labels(found.report) if found else {}
    return found, [(code, names.get(code, code)) for code in report["by"].get("segment", {})]


def _by_segment(report: Report) -> Sheet:
    header = [_("Customer segment"), _("Total"), *(str(label) for label, _meaning in INDICATORS.values())]
    shown = ("total", *NAMES)
    rows: list[list[Any]] = [
        [name, *(report["by"]["segment"][code][one] for one in shown)] for code, name in of_segments(report)[1]
    ]
    apart = report.get("apart", {})
    last: list[list[Any]] = [[_("Told apart by it"), *(apart.get(one) for one in shown)]] if rows else []
    return Sheet(_("Means by segment"), header, rows + last)


def tables(report: Report) -> Mapping[str, Sheet]:
    means = [
        [str(label), report["weights"][name], report["overall"][name], report["sure"][name]]
        for name, (label, _meaning) in INDICATORS.items()
    ]
    evidence = [
        [str(INDICATORS[one.indicator][0]), str(one.label), one.weight, _("more") if one.more_is_better else _("less"),
         report["known"][one.column]]
        for one in EVIDENCE
    ]  # fmt: skip
    header = [_("Indicator"), _("Weight"), _("Mean"), _("Certainty")]
    return {
        "means": Sheet(_("Mean scores"), header, means),
        "segments": _by_segment(report),
        "evidence": Sheet(_("Evidence"), [_("Indicator"), _("Evidence"), _("Weight"), _("Better is"), _("Known of")], evidence),
    }


def tried(report: Report, weights: Mapping[str, float]) -> dict[str, float | None]:
    """On a sample: the mean total now and under these weights, how alike the two orders are, and who of the best tenth stay."""
    before, after = (_totals(report["sample"], [given[name] for name in NAMES]) for given in (report["weights"], weights))
    both = [(a, b) for a, b in zip(before, after, strict=True) if a is not None and b is not None]
    if not both:
        return {"before": None, "after": None, "alike": None, "stay": None}
    old, new = ([pair[at] for pair in both] for at in (0, 1))
    tenth = max(1, len(both) // 10)
    best = [set(sorted(range(len(both)), key=lambda at, side=side: (-side[at], at))[:tenth]) for side in (old, new)]  # type: ignore[misc]
    return {
        "before": sum(old) / len(old), "after": sum(new) / len(new), "alike": _alike(old, new),
        "stay": len(best[0] & best[1]) / tenth,
    }  # fmt: skip


def _totals(rows: list[list[float | None]], weights: list[float]) -> list[float | None]:
    found: list[float | None] = []
    for row in rows:
        known = [(value, weight) for value, weight in zip(row, weights, strict=True) if value is not None and weight > 0]
        of = sum(weight for _value, weight in known)
        found.append(sum(value * weight for value, weight in known) / of if of else None)
    return found


def _alike(old: list[float], new: list[float]) -> float | None:
    """Rank correlation; nothing where all are alike."""
    a, b = _ranks(old), _ranks(new)
    mean = (len(a) - 1) / 2
    below = (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5
    return sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True)) / below if below else None


def _ranks(values: list[float]) -> list[float]:
    """Equal ones share the mean of their ranks."""
    places: dict[float, list[int]] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(place)
    return [(places[value][0] + places[value][-1]) / 2 for value in values]


KIND = Kind(
    name="indicators",
    title=gettext_lazy("Nine indicators"),
    purpose=gettext_lazy("What a customer is worth beyond money: present, future and social value, three indicators each."),
    options=Options,
    computing="zhike.value.analyses.indicators.computing",
    minimum=gettext_lazy("At least 10 customers with orders are needed."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Strongest pillar"), lambda report: [(code, str(one[0])) for code, one in PILLARS.items()]),
    values=Values(gettext_lazy("Total")),
    check=check,
)
