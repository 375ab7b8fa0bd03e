"""What the credit rating says, and what it must be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from zhike.teams.choices import Confidentiality
from zhike.value.analyses import asks, wording
from zhike.value.analyses.kind import Figure, Groups, Kind, Report, Sheet, Values
from zhike.value.analyses.segments.features import field_choices
from zhike.value.analyses.segments.kind import Words
from zhike.value.credit import GRADES
from zhike.value.models import Finding

LEAST = 5  # customers to rate
FEW_BAD, FEW_GOOD = 25, 50  # of those learned from; with fewer a card would be guesswork
STABLE, ALARM = 0.1, 0.25  # PSI
CARDS = {
    "auto": gettext_lazy("Learned from payments, where there are enough of them"),
    "expert": gettext_lazy("Expert card: the weights below"),
}
HOW = {"learned": gettext_lazy("Learned from payments"), "expert": gettext_lazy("Expert card")}
CHARACTERISTICS = {
    "late_share": gettext_lazy("Share of orders paid late, one year"), "late_days": gettext_lazy("Mean days late, one year"),
    "worst": gettext_lazy("Longest delay, days, one year"), "overdue": gettext_lazy("Overdue now over revenue of a year"),
    "used": gettext_lazy("Open on account over revenue of a year"), "tenure": gettext_lazy("Days since the first order"),
    "orders": gettext_lazy("Orders of a year"), "unsteady": gettext_lazy("How uneven the intervals between orders are"),
    "volume": gettext_lazy("Revenue of a year"), "trend": gettext_lazy("Revenue of half a year against the half before"),
    "returned": gettext_lazy("Share of orders sent back"), "trouble": gettext_lazy("Problems and unhappy contacts, one year"),
    "kind": gettext_lazy("Person or organisation"),
}  # fmt: skip
WEIGHTS = {  # of the expert card
    "payment": (gettext_lazy("Payment so far"), 40), "tenure": (gettext_lazy("How long a customer"), 15),
    "volume": (gettext_lazy("How much bought in a year"), 15), "rhythm": (gettext_lazy("Even rhythm of orders"), 15),
    "returned": (gettext_lazy("Few returns"), 5), "trouble": (gettext_lazy("No trouble"), 10),
}  # fmt: skip
DROPPED = {
    "": gettext_lazy("in the card"), "iv": gettext_lazy("tells too little"), "psi": gettext_lazy("not stable over time"),
    "sign": gettext_lazy("contradicts its own evidence beside the others"), "p": gettext_lazy("not significant beside the others"),
}  # fmt: skip
STEPS = {
    "overdue": gettext_lazy("overdue for %(n)s days"), "long_overdue": gettext_lazy("overdue for %(n)s days"),
    "dispute": gettext_lazy("problems not put right: %(n)s"), "guarantee": gettext_lazy("guaranteed: %(n)s"),
}  # fmt: skip


def _cut(grade: str, score: int) -> int:
    cut: int = asks.ask(score, asks.Number(format_lazy(gettext_lazy("Score from which on it is {grade}"), grade=grade), 0, 1500))
    return cut


def _weight(name: str) -> float:
    label, weight = WEIGHTS[name]
    found: float = asks.ask(
        float(weight), asks.Number(format_lazy(gettext_lazy("Expert weight: {name}"), name=label), 0, 100, whole=False)
    )
    return found


@dataclass(frozen=True)
class Options:
    late: int = asks.ask(30, asks.Number(gettext_lazy("Bad is who pays later than so many days after the due date"), 1, 180))
    window: int = asks.ask(180, asks.Number(gettext_lazy("within so many days"), 60, 720))
    card: str = asks.ask("auto", asks.OneOf(gettext_lazy("Card"), lambda: CARDS.items()))
    fields: tuple[str, ...] = asks.ask((), asks.SomeOf(gettext_lazy("Also learn from these fields of the record"), field_choices))
    base: int = asks.ask(600, asks.Number(gettext_lazy("Base score"), 100, 1000))
    odds: float = asks.ask(20.0, asks.Number(gettext_lazy("Good for each bad at the base score"), 1, 1000, whole=False))
    pdo: int = asks.ask(50, asks.Number(gettext_lazy("Points that double the odds"), 5, 200))
    cut_a: int = _cut("A", 620)
    cut_b: int = _cut("B", 560)
    cut_c: int = _cut("C", 500)
    cut_d: int = _cut("D", 440)
    w_payment: float = _weight("payment")
    w_tenure: float = _weight("tenure")
    w_volume: float = _weight("volume")
    w_rhythm: float = _weight("rhythm")
    w_returned: float = _weight("returned")
    w_trouble: float = _weight("trouble")


def cuts_of(options: Options) -> list[int]:
    return [options.cut_a, options.cut_b, options.cut_c, options.cut_d]


def check(options: Options) -> dict[str, list[str]]:
    wrong = {}
    if sorted(set(cuts_of(options)), reverse=True) != cuts_of(options):
        wrong["cut_a"] = [_("Each grade must begin below the one before.")]
    if not any(getattr(options, f"w_{name}") for name in WEIGHTS):
        wrong["w_payment"] = [_("One weight must be above 0.")]
    return wrong


def choices(report: Report) -> list[tuple[str, str]]:
    return [(grade, _("Credit %(grade)s") % {"grade": grade}) for grade in GRADES]


def headline(report: Report) -> list[Figure]:
    found = [
        Figure("customers", _("Customers rated"), report["customers"]),
        Figure("good", _("A and B"), sum(row["after"] for row in report["grades"][:2])),
        Figure("limit", _("Limits together"), sum(row["limit"] for row in report["grades"]), "money"),
        Figure("overdue", _("Overdue now"), sum(row["overdue"] for row in report["grades"]), "money"),
    ]
    if "test" in report:
        found.append(Figure("auc", _("Orders them rightly (AUC)"), report["test"]["auc"], "", 3))
    if report["watch"]:
        found.append(Figure("psi", _("Moved since the one before (PSI)"), report["watch"]["score"], "", 3))
    return found


def characteristic(name: str, words: Words) -> str:
    """Also those of the expert card."""
    if name in CHARACTERISTICS:
        return str(CHARACTERISTICS[name])
    return str(WEIGHTS[name][0]) if name in WEIGHTS else words.column(name)


def bins_of(part: Mapping[str, Any]) -> list[str]:
    """The bins of a characteristic in words; the last holds what is not known."""
    if part["cuts"] is None:
        return [", ".join(group) for group in part["groups"]] + [_("not known")]
    ends = [wording.number(cut, 0 if cut == int(cut) else 2) for cut in part["cuts"]]
    if not ends:
        return [_("all"), _("not known")]
    between = [f"{low} – {high}" for low, high in pairwise(ends)]
    return [f"≤ {ends[0]}", *between, f"> {ends[-1]}", _("not known")]


def psi_tone(value: float | None) -> str:
    if value is None or value < STABLE:
        return ""
    return "bad" if value >= ALARM else "warn"


def psi_said(value: float) -> str:
    return {"": _("stable"), "warn": _("has moved"), "bad": _("other people than before")}[psi_tone(value)]


def steps_in_words(steps: list[Any]) -> list[str]:
    return [
        str(STEPS[code]) % {"n": wording.money(n) if code == "guarantee" else wording.number(n)}
        for code, n in steps
        if code in STEPS
    ]


def paid_in_words(detail: Mapping[str, Any]) -> str:
    """How the orders of the last year that were due were paid."""
    due, late = int(detail.get("due", 0)), int(detail.get("late", 0))
    told = {"due": wording.number(due), "late": wording.number(late), "worst": wording.number(detail.get("worst", 0))}
    if not due:
        return _("nothing on account was due in the last year")
    if not late:
        return (
            ngettext(
                "the one order due in the last year was paid in time",
                "all %(due)s orders due in the last year were paid in time",
                due,
            )
            % told
        )
    return _("of %(due)s orders due in the last year %(late)s were paid late, at worst by %(worst)s days") % told


def sentence(finding: Finding, report: Report) -> str:
    detail = finding.detail or {}
    text = _("Credit %(grade)s: %(paid)s; limit by rule %(limit)s, %(terms)s days.") % {
        "grade": finding.group, "paid": paid_in_words(detail), "limit": wording.number(detail.get("limit", 0)),
        "terms": detail.get("terms", 0),
    }  # fmt: skip
    if detail.get("steps"):
        text += " " + _("By score %(initial)s, then: %(steps)s.") % {
            "initial": detail["initial"], "steps": wording.listed(steps_in_words(detail["steps"])),
        }  # fmt: skip
    return text


def _card_rows(report: Report, words: Words) -> list[list[Any]]:
    """The bins of the learned card, or the weights of the expert card."""
    card = report["card"]
    columns = ("points", "good", "bad", "woe", "now")
    learned = [
        [characteristic(name, words), *row]
        for name, part in card.get("parts", {}).items()
        for row in zip(bins_of(part), *(part[column] for column in columns), strict=True)
    ]
    return learned or [
        [characteristic(name, words), "", weight, "", "", "", ""] for name, weight in card.get("weights", {}).items()
    ]


def _grade_row(row: Mapping[str, Any]) -> list[Any]:
    tested, bad = (row["tested"] or [None, None])[:2]
    return [row["grade"], row["customers"], row["after"], tested, bad, row["limit"], row["open"], row["overdue"]]


def tables(report: Report) -> Mapping[str, Sheet]:
    words, moved = Words(), (report["watch"] or {}).get("characteristics", {})
    heads = [
        _("Grade"),
        _("By score"),
        _("After the facts"),
        _("In the test"),
        _("of them bad"),
        _("Limits"),
        _("Open on account"),
        _("Overdue"),
    ]
    parts = [_("Characteristic"), _("Where it lies"), _("Points"), _("Good"), _("Bad"), _("WOE"), _("Rated now")]
    chosen = [
        [characteristic(row["name"], words), row["iv"], row["psi"], str(DROPPED[row["why"]])]
        for row in report.get("characteristics", [])
    ]
    stable = [[characteristic(name, words), value, psi_said(value)] for name, value in moved.items()]
    return {
        "grades": Sheet(_("Grades"), heads, [_grade_row(row) for row in report["grades"]]),
        "card": Sheet(_("Scorecard"), parts, _card_rows(report, words)),
        "characteristics": Sheet(_("Choice of characteristics"), [_("Characteristic"), _("IV"), _("PSI"), _("Choice")], chosen),
        "moved": Sheet(_("Stability since the one before"), [_("Characteristic"), _("PSI"), _("Meaning")], stable),
    }


KIND = Kind(
    name="credit",
    title=gettext_lazy("Credit rating"),
    purpose=gettext_lazy(
        "Who will pay late: points and grades A to E for customers on account, with a limit and days to pay for each."
    ),
    options=Options,
    computing="zhike.value.analyses.credit.computing",
    minimum=gettext_lazy(
        "At least five customers who buy on account, or are organisations, with orders in the last year are needed."
    ),
    headline=headline,
    sentence=sentence,
    tables=tables,
    groups=Groups(gettext_lazy("Credit"), choices),
    values=Values(gettext_lazy("Credit score")),
    confidentiality=Confidentiality.CONFIDENTIAL,
    check=check,
)
