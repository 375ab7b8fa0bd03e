"""How a run or an analysis ended, in words: on its page and in the message center."""

from typing import Any

from django.utils.translation import gettext as _, ngettext

from zhike.value.analyses.kind import Kind
from zhike.value.analyses.kinds import KINDS


def problem_in_words(problem: str, kind: Kind | None = None) -> str:
    known = {"killed": _("The process that worked on it was stopped.")} | ({"too_little": str(kind.minimum)} if kind else {})
    return known.get(problem, problem)


def _run_done(params: dict[str, Any]) -> str:
    said = _("Value run #%(number)s is done: %(customers)s customers scored.") % (
        params | {"customers": f"{params['customers']:,}"}
    )
    alarms = params["alarms"]
    more = ngettext("%(n)d alarm was raised.", "%(n)d alarms were raised.", alarms) % {"n": alarms}
    return f"{said} {more}" if alarms else said


def _analysis(words: str, params: dict[str, Any]) -> str:
    kind = KINDS.get(params["kind"])
    title = str(kind.title) if kind else params["kind"]
    told = {"title": title, "customers": f"{params['customers']:,}", "problem": problem_in_words(params["problem"], kind)}
    return words % told


WORDS = {
    "run.done": _run_done,
    "run.failed": lambda params: (
        _("Value run #%(number)s failed: %(problem)s") % (params | {"problem": problem_in_words(params["problem"])})
    ),
    "run.cancelled": lambda params: _("Value run #%(number)s was stopped before its end.") % params,
    "analysis.done": lambda params: _analysis(_("“%(title)s” is analysed: %(customers)s customers."), params),
    "analysis.failed": lambda params: _analysis(_("“%(title)s” could not be analysed: %(problem)s"), params),
    "analysis.cancelled": lambda params: _analysis(_("The analysis “%(title)s” was stopped before its end."), params),
}
