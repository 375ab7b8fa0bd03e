"""What the analysis of answers to surveys says, and what it must be told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.customers.models import Survey
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Label, Report, Sheet, Values
from zhike.value.models import Finding

LEAST = 10  # sheets that say how satisfied, or would they recommend
MOST_SURVEYS = 50
CONTENT, DISCONTENT = 75, 50  # of 100, where nobody was asked whether they would recommend
GROUPS = {
    "promoter": gettext_lazy("promoter"), "passive": gettext_lazy("passive"), "detractor": gettext_lazy("detractor"),
    "content": gettext_lazy("satisfied"), "between": gettext_lazy("neither satisfied nor dissatisfied"),
    "discontent": gettext_lazy("dissatisfied"),
}  # fmt: skip
UNHAPPY = ("detractor", "discontent")
DIMENSIONS = {
    "shop": gettext_lazy("Shop or place"), "person": gettext_lazy("Member of staff"), "product": gettext_lazy("Product"),
    "grade": gettext_lazy("Value grade"), "segment": gettext_lazy("RFM segment"), "stage": gettext_lazy("Lifecycle stage"),
    "survey": gettext_lazy("Survey"),
}  # fmt: skip
PLACES = {
    "improve": (gettext_lazy("improve first"), gettext_lazy("weighs much, done less well than the rest")),
    "keep": (gettext_lazy("keep it up"), gettext_lazy("weighs much, done well")),
    "later": (gettext_lazy("can wait"), gettext_lazy("weighs little, done less well")),
    "enough": (gettext_lazy("good enough"), gettext_lazy("weighs little, done well")),
}
KANO = {
    "M": (gettext_lazy("must-be"), gettext_lazy("taken for granted: its absence angers, its presence is not noticed")),
    "O": (gettext_lazy("one-dimensional"), gettext_lazy("the more, the better")),
    "A": (gettext_lazy("attractive"), gettext_lazy("not expected: delights")),
    "I": (gettext_lazy("indifferent"), gettext_lazy("nobody minds either way")),
    "R": (gettext_lazy("reverse"), gettext_lazy("they would rather not have it")),
    "Q": (gettext_lazy("questionable"), gettext_lazy("the answers contradict each other")),
}


def _surveys() -> Iterator[tuple[str, Label]]:
    yield "", gettext_lazy("all surveys")
    for key, name in Survey.objects.values_list("pk", "name")[:MOST_SURVEYS]:
        yield str(key), name


@dataclass(frozen=True)
class Options:
    survey: str = asks.ask("", asks.OneOf(gettext_lazy("Survey"), _surveys))
    days: int = asks.ask(730, asks.Number(gettext_lazy("Answers of the last so many days"), 30, 3650))
    least: int = asks.ask(
        15,
        asks.Number(gettext_lazy("Say nothing of fewer answers than"), 5, 200, help=gettext_lazy("of one shop, person, product")),
    )


def group_of(satisfaction: float | None, recommend: float | None) -> str:
    """By whether they would recommend us; where that was not asked, by how satisfied they are."""
    if recommend is not None:
        return "promoter" if recommend >= 9 else "passive" if recommend >= 7 else "detractor"
    assert satisfaction is not None
    return "content" if satisfaction >= CONTENT else "discontent" if satisfaction < DISCONTENT else "between"


def choices(report: Report) -> list[tuple[str, str]]:
    there = {row["group"] for row in report.get("sums", [])}
    return [(code, str(label)) for code, label in GROUPS.items() if not there or code in there]


def headline(report: Report) -> list[Figure]:
    return [
        Figure("sheets", _("Answer sheets"), report["sheets"]),
        Figure("customers", _("Customers heard"), report["customers"]),
        Figure("index", _("Satisfaction, 0 to 100"), report["index"], "", 1),
        Figure("nps", _("Net promoter score"), report["nps"], "", 1),
        Figure("promoters", _("Promoters"), report["shares"]["promoter"] if report["votes"] else None, "percent"),
        Figure("detractors", _("Detractors"), report["shares"]["detractor"] if report["votes"] else None, "percent"),
        Figure("explained", _("Explained by its drivers"), report["drivers"].get("r_squared"), "percent"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    parts = []
    if finding.value is not None:
        parts.append(_("satisfaction %(n)s of 100") % {"n": wording.number(finding.value)})
    if known.get("recommend") is not None:
        parts.append(_("would recommend us: %(n)s of 10") % {"n": wording.number(known["recommend"])})
    when = _("Last answered on %(day)s") % {"day": known["last"]} if known.get("last") else _("Answered, the day is not known")
    text = _("%(when)s: %(what)s (%(group)s).") % {
        "when": when, "what": wording.listed(parts), "group": GROUPS[finding.group or "between"],
    }  # fmt: skip
    if known.get("worst"):
        text += " " + _("Worst: %(thing)s.") % {"thing": known["worst"]}
    if known.get("before") is not None:
        text += " " + _("The time before: %(n)s.") % {"n": wording.number(known["before"])}
    if finding.group in UNHAPPY:
        text += " " + _("Call: ask what went wrong, and say what will be done and by when.")
    return text


def tables(report: Report) -> Mapping[str, Sheet]:
    figures = [_("Answers"), _("Satisfaction"), _("from"), _("to"), _("Would recommend: answers"), _("NPS"), _("from"), _("to")]
    drivers, found = report["drivers"], {}
    found["months"] = Sheet(
        _("By month"), [_("Month"), *figures], [[row["month"], *_told(row)] for row in report["months"]]
    )  # fmt: skip
    for code, label in DIMENSIONS.items():
        rows = report["by"][code]["rows"]
        found[code] = Sheet(str(label), [str(label), *figures], [[row["name"], *_told(row)] for row in rows])
    found["drivers"] = Sheet(
        _("What drives satisfaction"),
        [_("Thing"), _("Importance"), _("from"), _("to"), _("Share"), _("Satisfaction"), _("from"), _("to"), _("Correlation"),
         _("Coefficient"), _("Place")],
        [[row["title"], row["importance"], row["low"], row["high"], row["share"], row["performance"]["index"],
          row["performance"]["low"], row["performance"]["high"], row["correlation"], row["beta"], str(PLACES[row["place"]][0])]
         for row in drivers["rows"]],
    )  # fmt: skip
    found["gaps"] = Sheet(
        _("Expected and received"), [_("Thing"), _("Received"), _("Expected"), _("Gap"), _("from"), _("to"), _("Answers")],
        [[row[name] for name in ("title", "perceived", "expected", "gap", "low", "high", "n")] for row in report["gaps"]],
    )  # fmt: skip
    found["kano"] = Sheet(
        _("Kano classes"), [_("Thing"), _("Class"), *KANO, _("Answers"), _("Better with it"), _("Worse without")],
        [[row["title"], str(KANO[row["kind"]][0]), *(row["counts"][code] for code in KANO), row["n"], row["better"], row["worse"]]
         for row in report["kano"]],
    )  # fmt: skip
    return found


def _told(row: Mapping[str, Any]) -> list[Any]:
    return [row.get(name) for name in ("n", "index", "low", "high", "votes", "nps", "nps_low", "nps_high")]


KIND = Kind(
    name="survey",
    title=gettext_lazy("Surveys"),
    purpose=gettext_lazy(
        "How satisfied customers say they are and whether they would recommend us, where and since when, and what it depends on."
    ),
    options=Options,
    computing="zhike.value.analyses.survey.computing",
    minimum=gettext_lazy("At least 10 answers to a survey are needed: import a file of them."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Last answer to a survey"), choices),
    values=Values(gettext_lazy("Satisfaction by survey")),
)
