"""What segments say, and what they must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext as _, gettext_lazy, ngettext

from zhike.customers.models import FieldDefinition
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.analyses.segments.features import FEATURES, feature_choices, field_choices
from zhike.value.models import Finding

LEAST = 50  # customers
GRID = 8  # the map has so many rows and columns
METHODS = {
    "kmeans": gettext_lazy("K-means: round segments, for any number of customers"),
    "mixture": gettext_lazy("Gaussian mixture: segments of any direction, which may overlap"),
    "map": gettext_lazy("Self-organising map: neighbours on a map are alike"),
}
TESTS = {
    "relevant": gettext_lazy("differs in value"), "described": gettext_lazy("can be described"),
    "large": gettext_lazy("large enough"), "reachable": gettext_lazy("can be reached"),
    "profitable": gettext_lazy("worth the effort"), "stable": gettext_lazy("comes again"),
}  # fmt: skip
CRITERIA = {
    "silhouette": gettext_lazy("silhouette"), "calinski_harabasz": gettext_lazy("Calinski–Harabasz"),
    "davies_bouldin": gettext_lazy("Davies–Bouldin"), "stability": gettext_lazy("stability"), "bic": gettext_lazy("BIC"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    features: tuple[str, ...] = asks.ask(
        ("recency", "frequency", "revenue", "basket", "tenure"),
        asks.SomeOf(gettext_lazy("Alike in"), feature_choices, least=2),
    )
    fields: tuple[str, ...] = asks.ask((), asks.SomeOf(gettext_lazy("and in these fields of the record"), field_choices))
    method: str = asks.ask("kmeans", asks.OneOf(gettext_lazy("Method"), lambda: METHODS.items()))
    segments: int = asks.ask(
        0, asks.Number(gettext_lazy("Number of segments"), 0, 12, help=gettext_lazy("0: as many as the criteria recommend"))
    )


def check(options: Options) -> dict[str, list[str]]:
    return {"segments": [_("At least two segments, or 0.")]} if options.segments == 1 else {}


class Words:
    """Names of columns in the reader's language; asks for the fields of the record once, and only when one is needed."""

    def __init__(self) -> None:
        self._fields: dict[str, FieldDefinition] | None = None

    def column(self, name: str) -> str:
        if name in FEATURES:
            return str(FEATURES[name].label)
        field, _equals, value = name.removeprefix("f_").partition("=")
        known = self._known().get(field)
        label = known.label(_language()) if known else field
        return f"{label}{_(': ')}{self._value(known, value)}" if "=" in name else label

    def trait(self, name: str, direction: int) -> str:
        if name in FEATURES:
            return str(FEATURES[name].more if direction > 0 else FEATURES[name].less)
        if "=" in name:
            field, _equals, value = name.removeprefix("f_").partition("=")
            return self._value(self._known().get(field), value)
        return (_("high: %(name)s") if direction > 0 else _("low: %(name)s")) % {"name": self.column(name)}

    def figure(self, name: str, value: float) -> str:
        unit = FEATURES[name].unit if name in FEATURES else ("percent" if "=" in name else "")
        if unit == "money":
            return wording.money(value)
        if unit == "percent":
            return wording.percent(value)
        if unit == "days":
            return _("%(n)s days") % {"n": wording.number(value)}
        return wording.number(value, 0 if value == int(value) else 1)

    def condition(self, name: str, sign: str, cut: float) -> str:
        if "=" in name:
            return self.column(name) if sign == ">" else _("not %(name)s") % {"name": self.column(name)}
        return f"{self.column(name)} {sign} {self.figure(name, cut)}"

    def _value(self, field: FieldDefinition | None, value: str) -> str:
        if value in ("", "…"):
            return _("not known") if not value else _("other")
        if value in ("true", "false"):
            return f"{field.label(_language()) if field else ''} {_('yes') if value == 'true' else _('no')}".strip()
        key = "zh" if _language().startswith("zh") else "en"
        return next((one[key] for one in (field.choices if field else []) if one["code"] == value), value)

    def _known(self) -> dict[str, FieldDefinition]:
        if self._fields is None:
            self._fields = {one.code: one for one in FieldDefinition.objects.all()}
        return self._fields


def choices(report: Report) -> list[tuple[str, str]]:
    """Named after the two or three things in which they differ most from everybody."""
    words, used, found = Words(), set[str](), []
    for segment in report.get("segments", []):
        traits = [words.trait(name, direction) for name, direction in segment["traits"]]
        label = " · ".join(traits[:2]) or _("like most")
        if label in used and len(traits) > 2:
            label = " · ".join(traits[:3])
        if label in used:
            label = f"{label} {segment['code']}"
        used.add(label)
        found.append((segment["code"], label))
    return found


def headline(report: Report) -> list[Figure]:
    segments = report["segments"]
    passed = sum(all(test["passed"] for test in one["tests"]) for one in segments)
    return [
        Figure("segments", _("Segments"), report["k"]),
        Figure("customers", _("Customers"), sum(one["customers"] for one in segments)),
        Figure("largest", _("Largest segment"), segments[0]["share"], "percent"),
        Figure("stability", _("Stability"), report["stability"], "", 2),
        Figure("passed", _("Pass all tests"), passed),
    ]


def sentence(finding: Finding, report: Report) -> str:
    segment = next((one for one in report["segments"] if one["code"] == finding.group), None)
    if segment is None:
        return ""
    words, labels = Words(), KIND.labels(report)
    told = {
        "n": wording.number(segment["customers"]), "share": wording.percent(segment["share"]),
        "traits": wording.listed([words.trait(name, direction) for name, direction in segment["traits"]]),
    }  # fmt: skip
    if told["traits"]:
        text = _("One of %(n)s customers (%(share)s) of this segment: %(traits)s.") % told
    else:
        text = _("One of %(n)s customers (%(share)s) of this segment.") % told
    nearest = labels.get((finding.detail or {}).get("next", ""))
    if nearest and finding.value is not None and finding.value < 0.15:
        text += " " + _("Nearly one of “%(name)s”.") % {"name": nearest}
    return text


def reason(report: Report) -> str:
    """Why so many segments."""
    if report["asked"]:
        return _("The number was asked for.")
    names = wording.listed([str(CRITERIA[name]) for name in report["first_in"]])
    tried = ngettext("%(n)s number was tried", "%(n)s numbers were tried", len(report["criteria"])) % {"n": len(report["criteria"])}
    if not names:
        return _("%(tried)s; %(k)s has the best mean place over all criteria, though it is first in none.") % {
            "tried": tried, "k": report["k"]
        }  # fmt: skip
    return _("%(tried)s; %(k)s has the best mean place over all criteria and is first in: %(names)s.") % {
        "tried": tried, "k": report["k"], "names": names
    }  # fmt: skip


def tables(report: Report) -> Mapping[str, Sheet]:
    labels, words = KIND.labels(report), Words()
    sums = {row["group"]: row for row in report.get("sums", [])}
    segments: list[Any] = report["segments"]
    size = [
        [labels[one["code"]], one["customers"], one["share"],
         *(round(sums.get(one["code"], {}).get(name, 0), 2) for name in ("revenue", "margin", "clv")), one["clearness"]]
        for one in segments
    ]  # fmt: skip
    profile = [[labels[one["code"]], *(one["mean"][name] for name in report["features"])] for one in segments]
    rules = [[labels[one["code"]], rule_in_words(one, words), one["rule"]["precision"], one["rule"]["recall"]]
             for one in segments if one["rule"]]  # fmt: skip
    tests = [[labels[one["code"]], str(TESTS[test["test"]]), test["figure"], test["least"], _("yes") if test["passed"] else _("no")]
             for one in segments for test in one["tests"]]  # fmt: skip
    criteria = [[row["k"], *(row.get(name) for name in CRITERIA)] for row in report["criteria"]]
    money = [_("Revenue"), _("Margin"), _("Lifetime value")]
    return {
        "segments": Sheet(_("Size and value"), [_("Customer segment"), _("Customers"), _("Share"), *money, _("Clearness")], size),
        "profile": Sheet(
            _("Typical figures"), [_("Customer segment"), *(words.column(name) for name in report["features"])], profile
        ),
        "rules": Sheet(_("Rules"), [_("Customer segment"), _("Rule"), _("Precision"), _("Recall")], rules),
        "tests": Sheet(_("Tests"), [_("Customer segment"), _("Test"), _("Figure"), _("At least"), _("Passed")], tests),
        "criteria": Sheet(_("Criteria"), [_("Number of segments"), *(str(label) for label in CRITERIA.values())], criteria),
    }


def rule_in_words(segment: dict[str, Any], words: Words) -> str:
    conditions = [words.condition(*one) for one in (segment["rule"] or {}).get("conditions", [])]
    return _(" and ").join(conditions)


def _language() -> str:
    return get_language() or "zh-hans"


KIND = Kind(
    name="segments",
    title=gettext_lazy("Segments"),
    purpose=gettext_lazy("Customers who are alike, found by what they do: whom to treat alike, and by what to recognise them."),
    options=Options,
    computing="zhike.value.analyses.segments.computing",
    minimum=gettext_lazy("At least 50 customers with orders are needed, and they must differ in what was chosen."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Customer segment"), choices, are_named=True),
    values=Values(gettext_lazy("Clearness"), "percent"),
    check=check,
)
