"""The pages of the analyses: look, run, watch, cancel, schedule, keep, name, compare, export."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.customers.models import Customer
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.value import actions, queries
from zhike.value.analyses.kind import Kind
from zhike.value.analyses.kinds import KINDS
from zhike.value.choices import AnalysisStep, Rhythm, RunState
from zhike.value.models import Analysis
from zhike.value.queries.analyses import rhythm_of
from zhike.web.pages import say, wanted_part
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs
from zhike.web.value.analyses import PAGES
from zhike.web.value.analyses.forms import form_of, given
from zhike.web.value.analyses.page import figure, to_group, written
from zhike.web.value.ended import problem_in_words
from zhike.web.value.room import room

SHOWN = 12
MOST_PEOPLE = 20


@require_GET
@needs(Permission.VALUE_VIEW)
def analyses(request: HttpRequest) -> HttpResponse:
    """All kinds with what they are good for and how the current one stands."""
    user = signed_in_person(request)
    known = queries.current_analyses(user)
    rows = [
        (kind, known.get(name), queries.analysis_under_way(name), Rhythm(rhythm_of(name)).label)
        for name, kind in queries.known_kinds(user).items()
    ]
    return room(request, "analyses.html", {"rows": rows, "kinds": _kind_tabs(user, "")}, queries.current_run())


@require_http_methods(["GET", "POST"])
@needs(Permission.VALUE_VIEW)
def analysis(request: HttpRequest, kind: str) -> HttpResponse:
    """The current analysis of a kind, or another of its history (`?of=`). A POST starts a new one."""
    one, user = _kind(request, kind), signed_in_person(request)
    if request.method == "POST":
        access.require(user, Permission.VALUE_RUN)
    current = _shown(request, kind)
    form = form_of(one, current.options if current else {}, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_analysis(actor=user, kind=kind, options=given(form))
        except ValidationError as problem:
            _show(form, problem)
        else:
            return HttpResponseRedirect(reverse("value-analysis", args=[kind]))
    template = "analysis.html" if wanted_part(request) else PAGES[kind].template  # the parts stand in the frame
    return room(
        request, template, _context(one, user, current, form, request.GET), queries.current_run(), 422 if form.errors else 200
    )


def _context(kind: Kind, user: User, current: Analysis | None, form: forms.Form, params: QueryDict) -> dict[str, Any]:
    last = queries.history(kind.name).first()
    rights = access.rights_of(user)
    whole = queries.sees_all(user) or kind.for_everybody
    context = {
        "kind": kind, "kinds": _kind_tabs(user, kind.name), "analysis": current, "form": form, "last": last, "open": whole,
        "problem": _problem(kind, last), "step": AnalysisStep(last.step).label if last and last.step else "",
        "busy": last is not None and last.state in (RunState.WAITING, RunState.RUNNING),
        "may_import": rights.allows(Permission.CUSTOMER_IMPORT),
        "rhythm": rhythm_of(kind.name), "rhythms": Rhythm.choices,
        "history": queries.history(kind.name)[:5], "written": written, "to_group": lambda code: to_group(kind.name, code),
    }  # fmt: skip
    if current is None:
        return context
    report = current.report
    context |= {
        "report": report, "labels": kind.labels(report), "groups": _groups(kind, user, current),
        "people": [] if whole else _people(kind, user, current),
    }  # fmt: skip
    if whole:
        context |= {"headline": [(one.label, figure(one)) for one in kind.headline(report)], "sheets": kind.tables(report)}
        context |= PAGES[kind.name].context(current) | PAGES[kind.name].asked(current, params)
    return context


def _groups(kind: Kind, user: User, current: Analysis) -> list[dict[str, Any]]:
    """In the order of the kind, with shares of the customers and of what they bring."""
    sums = {row["group"]: row for row in queries.group_sums(user, current)}
    rows = [{"label": label, **sums[code]} for code, label in kind.labels(current.report).items() if code in sums]
    for name in ("customers", "revenue"):
        total = sum(row[name] for row in rows)
        for row in rows:
            row[f"{name}_share"] = row[name] / total if total else 0.0
    return rows


def _people(kind: Kind, user: User, current: Analysis) -> list[tuple[Any, str, str]]:
    """Some of the own customers, with what is said about them."""
    first = (F("value").desc(nulls_last=True), "-customer_id")  # as the index has them
    rows = queries.findings(user, current).select_related("customer").order_by(*first)[:MOST_PEOPLE]
    labels = kind.labels(current.report)
    return [(row.customer, labels.get(row.group or "", ""), kind.sentence(row, current.report)) for row in rows]


def _problem(kind: Kind, last: Analysis | None) -> str:
    if last is None or last.state != RunState.FAILED:
        return ""
    return problem_in_words(last.problem, kind)


@require_GET
@needs(Permission.VALUE_VIEW)
def history(request: HttpRequest, kind: str) -> HttpResponse:
    """What was carried out, and two of them side by side."""
    one, user = _kind(request, kind), signed_in_person(request)
    rows = list(queries.history(kind)[: SHOWN * 3])
    done = [row for row in rows if row.state == RunState.DONE]
    first, second = (_chosen(done, request.GET.get(name, ""), place) for name, place in (("a", 1), ("b", 0)))
    whole = queries.sees_all(user) or one.for_everybody
    lines = _lines(one, first, second) if whole and first and second else []
    context = {
        "kind": one, "kinds": _kind_tabs(user, kind), "rows": rows, "lines": lines, "first": first, "second": second,
        "done": [(row.pk, f"#{row.pk} · {row.as_of}") for row in done],
    }  # fmt: skip
    return room(request, "analysis_history.html", context, queries.current_run())


def _chosen(done: list[Analysis], text: str, place: int) -> Analysis | None:
    known = {str(one.pk): one for one in done}
    return known.get(text) or (done[place] if len(done) > place else None)


def _lines(kind: Kind, first: Analysis, second: Analysis) -> list[tuple[str, str, str, float | None]]:
    """Label, in the first, in the second, by how much it changed; a figure that only one has stands alone."""
    before, now = ({one.code: one for one in kind.headline(row.report)} for row in (first, second))
    lines = []
    for code in dict.fromkeys([*now, *before]):
        old, new = before.get(code), now.get(code)
        change = new.value / old.value - 1 if old and new and old.value and new.value is not None else None
        known = new or old
        assert known is not None
        lines.append((known.label, figure(old) if old else "–", figure(new) if new else "–", change))
    return lines


@require_POST
@needs(Permission.VALUE_RUN)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Analysis, pk=pk)
    return _done(
        request, one.kind, lambda user: actions.request_cancel_analysis(actor=user, analysis_id=pk), _("The analysis stops.")
    )


@require_POST
@needs(Permission.VALUE_RUN)
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    one, kept = get_object_or_404(Analysis, pk=pk), request.POST.get("kept") == "1"
    said = _("It is kept.") if kept else _("It goes when it is old.")
    return _done(request, one.kind, lambda user: actions.keep_analysis(actor=user, analysis_id=pk, kept=kept), said, to="history")


@require_POST
@needs(Permission.VALUE_RUN)
def schedule(request: HttpRequest, kind: str) -> HttpResponse:
    rhythm = request.POST.get("rhythm", "")
    _kind(request, kind)
    return _done(request, kind, lambda user: actions.schedule_analysis(actor=user, kind=kind, rhythm=rhythm), _("Saved."))


@require_POST
@needs(Permission.VALUE_RUN)
def names(request: HttpRequest, pk: int) -> HttpResponse:
    """The groups that got another name."""
    one = get_object_or_404(Analysis, pk=pk)
    labels = KINDS[one.kind].labels(one.report)
    changed = {code: request.POST.get(f"name-{code}", label).strip() for code, label in labels.items()}

    def act(user: User) -> None:
        for code, name in changed.items():
            if name != labels[code]:
                actions.name_group(actor=user, analysis_id=pk, group=code, name=name)

    return _done(request, one.kind, act, _("Saved."))


@require_GET
@needs(Permission.VALUE_VIEW)
def chart(request: HttpRequest, kind: str, name: str) -> JsonResponse:
    one, current = _kind(request, kind), _shown(request, kind)
    pictures = PAGES[kind].pictures
    if current is None or name not in pictures or not (queries.sees_all(signed_in_person(request)) or one.for_everybody):
        raise Http404
    return JsonResponse(pictures[name](current))


@require_GET
@needs(Permission.VALUE_VIEW)
def portrait(request: HttpRequest, kind: str, pk: int) -> JsonResponse:
    """One customer as the current analysis sees it, beside the analysis before."""
    user, current = signed_in_person(request), queries.current_analysis(_kind(request, kind).name)
    get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    draw = PAGES[kind].portrait if kind in PAGES else None
    if current is None or draw is None:
        raise Http404
    finding = get_object_or_404(queries.findings(user, current), customer_id=pk)
    earlier = queries.history(kind).filter(pk__lt=current.pk, state=RunState.DONE).first()
    before = queries.findings(user, earlier).filter(customer_id=pk).first() if earlier else None
    return JsonResponse(draw(current, finding, before))


def _done(request: HttpRequest, kind: str, act: Callable[[User], Any], said: str, *, to: str = "") -> HttpResponse:
    """Says what was done, or why not, and goes back to the page of the kind."""
    try:
        act(signed_in_person(request))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        say(request, said)
    return HttpResponseRedirect(reverse(f"value-analysis-{to}" if to else "value-analysis", args=[kind]))


def _kind(request: HttpRequest, name: str) -> Kind:
    """One that this person is cleared for; for others there is none."""
    known = queries.known_kinds(signed_in_person(request))
    if name not in known:
        raise Http404
    return known[name]


def _shown(request: HttpRequest, kind: str) -> Analysis | None:
    asked = request.GET.get("of", "")
    if not asked:
        return queries.current_analysis(kind)
    if not asked.isascii() or not asked.isdigit() or len(asked) > 18:
        raise Http404
    return get_object_or_404(Analysis, pk=int(asked), kind=kind, state=RunState.DONE)


def _show(form: forms.Form, problem: ValidationError) -> None:
    """What is no field of the form, such as another run under way, stands above it."""
    known = {name: texts for name, texts in problem.message_dict.items() if name in form.fields}
    rest = [text for name, texts in problem.message_dict.items() if name not in form.fields for text in texts]
    if known:
        show_problem(form, ValidationError(known))
    if rest:
        form.add_error(None, rest)


def _kind_tabs(user: User, here: str) -> list[tuple[str, str, bool]]:
    known = queries.known_kinds(user)
    return [(str(kind.title), reverse("value-analysis", args=[name]), name == here) for name, kind in known.items()]
