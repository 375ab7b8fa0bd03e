"""The list page and what belongs to every list: filters, bulk actions, export, saved views."""

from collections.abc import Container
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.teams.access import require
from zhike.teams.actions.views import delete_view, save_view
from zhike.teams.choices import Permission
from zhike.teams.models import SavedView, User
from zhike.web.layout import address
from zhike.web.lists import rows as draw
from zhike.web.lists.cells import Look
from zhike.web.lists.counts import CAP, grouped, total
from zhike.web.lists.paging import Cursor, take
from zhike.web.lists.screen import PAGE, BulkAction, ListScreen, State, allowed_columns, allowed_filters, registered
from zhike.web.pages import page, say, wanted_part


def list_page(request: HttpRequest, screen: ListScreen) -> HttpResponse:
    """The view of a list: `return list_page(request, CUSTOMERS)`."""
    look = look_of(request)
    require(look.user, screen.right)
    screen.prepare(look)
    state = State.read(screen, request.GET, look)
    part = wanted_part(request)
    if part == "filters":
        return page(request, screen.template, _filter_form(state), part="filters")
    shown, counted = state.matching()
    cursor = Cursor.read(request.GET.get("at", ""), len(state.keys))
    found = take(shown, state.keys, state.fields, size=PAGE, cursor=cursor)
    number = total(counted, found, exact=request.GET.get("count") == "exact")
    context: dict[str, Any] = {"state": state, "screen": screen, "total": number, "rows": found.rows}
    if part == "count":
        return page(request, screen.template, context, part="count")
    actions = [one for one in screen.actions if look.rights.allows(one.right)]
    context |= {
        "heads": draw.heads(state),
        "body": draw.body(state, found.rows, pick=bool(actions) or may_export(screen, look)),
        "previous": found.previous and state.address(at=found.previous),
        "next": found.next and state.address(at=found.next),
        "chips": _chips(state),
        "actions": [_offer(action, look) for action in actions],
        "groups": _groups(state, counted) if number.is_exact else None,
        "may_export": may_export(screen, look),
        "columns": _column_choice(state),
        "sortable": [(key, column.label) for key, column in allowed_columns(screen, look).items() if column.sort],
        "kept": _pairs(request.GET, without=("q", "at", "count", "show")),
    }
    if part == "list":
        return page(request, screen.template, context, part="list")
    context |= {"views": _saved_views(state), "may_share": look.rights.allows(Permission.VIEW_SHARE)}
    context |= {
        "first_steps": [
            (address(route), label) for route, label, right in screen.first_steps if address(route) and look.rights.allows(right)
        ],
        **(_filter_form(state) if request.GET.get("show") == "filters" else {"filter_fields": None}),
    }
    return page(request, screen.template, context)


def look_of(request: HttpRequest) -> Look:
    assert isinstance(request.user, User)
    return Look(request.user, timezone.localtime())


def may_export(screen: ListScreen, look: Look) -> bool:
    return screen.export_right is not None and look.rights.allows(screen.export_right)


@require_POST
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Runs an action on the selected rows, or on all that the list's query gives."""
    state = posted_state(request, name)
    look = state.look
    action = next((one for one in state.screen.actions if one.key == request.POST.get("action")), None)
    if action is None:
        raise Http404
    require(look.user, action.right)
    back = state.address()
    answers = {ask.name: request.POST.get(f"{action.key}.{ask.name}", "").strip() for ask in action.asks}
    missing = [str(ask.label) for ask in action.asks if ask.required and not answers[ask.name]]
    if missing:
        say(request, _("Please fill in: %(fields)s") % {"fields": ", ".join(missing)}, tone="bad")
        return HttpResponseRedirect(back)
    try:
        say(request, action.run(look.user, chosen_rows(request, state), answers))
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    return HttpResponseRedirect(back)


def posted_state(request: HttpRequest, name: str) -> State:
    """The list that a form on it was sent from."""
    screen = registered(name)
    if screen is None:
        raise Http404
    look = look_of(request)
    require(look.user, screen.right)
    screen.prepare(look)
    return State.read(screen, QueryDict(request.POST.get("query", "")), look)


def chosen_rows(request: HttpRequest, state: State) -> "QuerySet[Any]":
    """The ticked rows, as far as this person sees them; or with `all` everything that the query gives."""
    if request.POST.get("all"):
        return state.matching()[1].order_by()
    ids = [int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdigit()][: PAGE * 20]
    if not ids:
        raise ValidationError(_("Nothing is selected."))
    return state.screen.rows(state.look).filter(pk__in=ids).order_by()


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


def views_for(user: User) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(Q(user=user) | Q(is_shared=True))


def _saved_views(state: State) -> list[dict[str, Any]]:
    current = state.params.get("view", "")
    base = reverse(state.screen.route)
    return [
        {"name": view.name, "pk": view.pk, "address": f"{base}?{view.query}{'&' if view.query else ''}view={view.pk}",
         "current": str(view.pk) == current, "own": view.user_id == state.look.user.pk, "pinned": view.is_pinned}
        for view in views_for(state.look.user).filter(screen=state.screen.name).order_by("-is_pinned", "name", "pk")[:30]
    ]  # fmt: skip


def _chips(state: State) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    return [
        {"label": str(one.label), "words": one.words(value, state.look), "without": state.address(without=one.names())}
        for one in state.screen.filters
        if (value := state.values.get(one.key)) is not None
    ]


def _filter_form(state: State) -> dict[str, Any]:
    fields = allowed_filters(state.screen, state.look)
    own = {name for one in fields for name in one.names()} | {"at", "count", "show"}
    return {"state": state, "screen": state.screen, "filter_fields": fields, "filter_kept": _pairs(state.params, without=own)}


def _pairs(params: QueryDict, *, without: Container[str]) -> list[tuple[str, str]]:
    """For the hidden fields of a form that changes only a part of the address."""
    return [(key, value) for key, values in params.lists() if key not in without for value in values]


def _groups(state: State, rows: "QuerySet[Any]") -> dict[str, Any] | None:
    group = next((one for one in state.screen.groups if one.key == state.params.get("group")), None)
    if group is None:
        return None
    sums = [one.label for one in state.screen.sums if one.right is None or state.look.rights.allows(one.right)]
    return {"label": group.label, "sums": sums, "lines": grouped(state, group, rows), "cap": CAP}


def _column_choice(state: State) -> list[tuple[str, Any, bool]]:
    """Shown ones first, in their order."""
    shown = [column.key for column in state.columns]
    allowed = allowed_columns(state.screen, state.look)
    return [(key, allowed[key].label, key in shown) for key in [*shown, *(key for key in allowed if key not in shown)]]


def _offer(action: BulkAction, look: Look) -> dict[str, Any]:
    asks = [
        {"name": f"{action.key}.{ask.name}", "label": ask.label, "options": list(ask.options(look)) if ask.options else None}
        for ask in action.asks
    ]
    return {"key": action.key, "label": action.label, "explain": action.explain, "danger": action.danger, "asks": asks}


def refuse_export() -> PermissionDenied:
    return PermissionDenied(_("You may not export this list."))
