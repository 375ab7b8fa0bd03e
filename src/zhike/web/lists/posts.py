"""What is sent from a list: bulk actions, saved views."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.teams.access import require
from zhike.teams.actions.views import delete_view, save_view
from zhike.teams.models import SavedView
from zhike.web.lists.cells import Look
from zhike.web.lists.counts import total
from zhike.web.lists.screen import PAGE, Ask, BulkAction, State, registered
from zhike.web.lists.views import look_of
from zhike.web.pages import page, say, wanted_part

MOST_PICKED = PAGE * 20


def posted_state(request: HttpRequest, name: str) -> State:
    """The list that a form on it was sent from."""
    return state_of(look_of(request), name, request.POST.get("query", ""))


def state_of(look: Look, name: str, query: str) -> State:
    """A list with these filters, for who may see it."""
    screen = registered(name)
    if screen is None:
        raise Http404
    screen.require(look.user)
    screen.prepare(look)
    return State.read(screen, QueryDict(query), look)


def chosen_rows(request: HttpRequest, state: State) -> "QuerySet[Any]":
    """The ticked rows, as far as this person sees them; or with `all` everything that the query gives."""
    if request.POST.get("all"):
        return state.matching[1].order_by()
    ids = picked(request)
    if not ids:
        raise ValidationError(_("Nothing is selected."))
    return state.screen.rows(state.look).filter(pk__in=ids).order_by()


@require_POST
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """First asks what the action must be told; then (`sure`) runs it on the selected rows, or on all that the query gives."""
    state = posted_state(request, name)
    action = next((one for one in state.screen.actions if one.key == request.POST.get("action")), None)
    if action is None:
        raise Http404
    require(state.look.user, action.right)
    asks, answers = _asked(request, action, state.look)
    missing = [ask.name for ask in asks if ask.required and not answers[ask.name]]
    is_new = any(f"{action.key}.{ask.name}" not in request.POST for ask in asks[len(action.asks) :])
    try:
        rows = chosen_rows(request, state)
        if not request.POST.get("sure") or missing or is_new:
            errors = dict.fromkeys(missing, _("Please fill this in.")) if request.POST.get("sure") and not is_new else {}
            return _ask(request, state, action, total(rows), errors, asks, answers)
        said = action.run(state.look.user, rows, answers)
        if said.go:
            return HttpResponseRedirect(said.url)
        say(request, said.text, url=said.url, label=said.label)
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    return HttpResponseRedirect(state.address())


def _asked(request: HttpRequest, action: BulkAction, look: Look) -> tuple[tuple[Ask, ...], dict[str, str]]:
    """What the action wants to be told, as far as it is known by now, and what it was told."""
    asks = action.asks
    answers = {ask.name: request.POST.get(f"{action.key}.{ask.name}", "").strip() for ask in asks}
    if action.then and all(answers[ask.name] for ask in asks if ask.required):
        asks = (*asks, *action.then(answers, look))
        answers |= {ask.name: request.POST.get(f"{action.key}.{ask.name}", "").strip() for ask in asks}
    return asks, answers


def _ask(
    request: HttpRequest, state: State, action: BulkAction, number: Any, errors: dict[str, str], asks: tuple[Ask, ...],
    answers: dict[str, str],
) -> HttpResponse:  # fmt: skip
    context = {
        "state": state, "screen": state.screen, "action": action, "asks": _asks(action, asks, answers, state.look), "total": number,
        "query": request.POST.get("query", ""), "all": bool(request.POST.get("all")), "ids": picked(request), "errors": errors,
    }  # fmt: skip
    return page(request, "lists/bulk.html", context, part=wanted_part(request), status=422 if errors else 200)


def _asks(action: BulkAction, asks: tuple[Ask, ...], answers: dict[str, str], look: Look) -> list[dict[str, Any]]:
    return [
        {"name": ask.name, "field": f"{action.key}.{ask.name}", "label": ask.label, "required": ask.required,
         "options": list(ask.options(look)) if ask.options else None, "value": answers[ask.name] or ask.usual}
        for ask in asks
    ]  # fmt: skip


def picked(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19][:MOST_PICKED]


@require_POST
def keep_view(request: HttpRequest, name: str) -> HttpResponse:
    state = posted_state(request, name)
    try:
        view = save_view(
            actor=state.look.user, screen=name, name=request.POST.get("name", ""),
            query=state.query(without=("view", "show")).lstrip("?"),
            is_shared=bool(request.POST.get("shared")), is_pinned=bool(request.POST.get("pinned")),
        )  # fmt: skip
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
        return HttpResponseRedirect(state.address())
    say(request, _("View “%(name)s” saved.") % {"name": view.name})
    return HttpResponseRedirect(state.address(view=str(view.pk)))


@require_POST
def drop_view(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    state = posted_state(request, name)
    try:
        delete_view(actor=state.look.user, view_id=pk)
    except SavedView.DoesNotExist:
        raise Http404 from None
    say(request, _("View deleted."))
    return HttpResponseRedirect(state.address(without=("view",)))
