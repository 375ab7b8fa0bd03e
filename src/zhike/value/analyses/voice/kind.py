"""What the analysis of voices says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.analyses.voice.topics import OTHER, STANDARD, label, refused
from zhike.value.models import Finding

LEAST = 30  # things said


@dataclass(frozen=True)
class Options:
    days: int = asks.ask(364, asks.Number(gettext_lazy("What was said in the last so many days"), 30, 1095))
    recent: int = asks.ask(
        60, asks.Number(gettext_lazy("“Lately” is so many days"), 7, 364, help=gettext_lazy("compared with the time before")),
    )  # fmt: skip
    topics: str = asks.ask(
        STANDARD,
        asks.Lines(
            gettext_lazy("Topics"), refused, help=gettext_lazy("one a line: a name, a colon, and words that speak of it"),
        ),
    )  # fmt: skip


def check(options: Options) -> dict[str, list[str]]:
    return {} if options.recent < options.days else {"recent": [_("Must be shorter than the whole period.")]}


def choices(report: Report) -> list[tuple[str, str]]:
    names = [row["topic"] for row in report["topics"]]
    return [(name, label(name)) for name in [*(one for one in names if one != OTHER), OTHER]]


def headline(report: Report) -> list[Figure]:
    agreed = report["corrections"]["topic"]
    return [
        Figure("n", _("Things said"), report["n"]),
        Figure("customers", _("Customers heard"), report["customers"]),
        Figure("tone", _("Tone, 0 to 100"), report["tone"], "", 1),
        Figure("bad", _("Unfavourable"), report["bad"], "percent", 1),
        Figure("covered", _("With a topic"), report["covered"], "percent"),
        Figure("accuracy", _("Tone read rightly"), report["model"].get("accuracy"), "percent", 1),
        Figure("agreed", _("Topics people agreed with"), agreed["agreed"], "percent"),
    ]


def sentence(finding: Finding, report: Report) -> str:
    known = finding.detail or {}
    topics = [label(name) for name in known.get("topics", [])]
    text = _("Said %(n)s things in the period, the last on %(day)s; tone %(tone)s of 100, %(bad)s unfavourable.") % {
        "n": known.get("n", 0), "day": known.get("last", ""), "tone": wording.number(finding.value or 0),
        "bad": known.get("bad", 0),
    }  # fmt: skip
    if topics:
        text += " " + _("About: %(topics)s.") % {"topics": wording.listed(topics)}
    return text + (" " + _("Something is urgent.") if known.get("urgency") == 2 else "")


def tables(report: Report) -> Mapping[str, Sheet]:
    figures = [_("Said"), _("Customers"), _("Tone"), _("Unfavourable"), _("Urgent")]

    def told(row: Mapping[str, Any]) -> list[Any]:
        return [row[name] for name in ("n", "customers", "tone", "bad", "urgent")]

    def words(name: str) -> list[list[Any]]:
        return [[row["word"], row["n"], row["strength"]] for row in report[name]]

    heads = [_("Word"), _("Texts"), _("Strength")]
    return {
        "topics": Sheet(
            _("Topics"), [_("Topic"), *figures, _("Lately"), _("Before that"), _("z")],
            [[label(row["topic"]), *told(row), row["now"], row["then"], row["z"]] for row in report["topics"]],
        ),
        "months": Sheet(_("By month"), [_("Month"), *figures], [[row["month"], *told(row)] for row in report["months"]]),
        "departments": Sheet(
            _("By department"), [_("Department"), *figures], [[row["name"], *told(row)] for row in report["departments"]]
        ),
        "lines": Sheet(_("By product line"), [_("Product line"), *figures], [[row["name"], *told(row)] for row in report["lines"]]),
        "bad_words": Sheet(_("Words of what is unfavourable"), heads, words("bad_words")),
        "new_words": Sheet(_("Words of lately"), heads, words("new_words")),
    }  # fmt: skip


KIND = Kind(
    name="voice",
    title=gettext_lazy("Voices"),
    purpose=gettext_lazy("What customers say: about what, in what tone, how urgent; what is new, and where it comes from."),
    options=Options,
    computing="zhike.value.analyses.voice.computing",
    minimum=gettext_lazy("At least 30 recorded contacts with a few words are needed."),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Main topic"), choices),
    values=Values(gettext_lazy("Tone")),
    check=check,
)
