"""The list page, and the parts of it that are asked for one by one."""

from collections.abc import Callable, Container, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from zhike.core.prepared import Prepared
from zhike.teams.choices import Permission
from zhike.teams.models import SavedView, User
from zhike.web.layout import address
from zhike.web.lists import rows as draw
from zhike.web.lists.cells import Look
from zhike.web.lists.counts import CAP, Total, grouped, known_total, total
from zhike.web.lists.paging import Asked, Cursor, Slice, take, take_first
from zhike.web.lists.screen import PAGE, Label, ListScreen, State, allowed_columns, allowed_filters, allowed_groups
from zhike.web.pages import page, wanted_part

Context = dict[str, Any]


def list_page(request: HttpRequest, screen: ListScreen) -> HttpResponse:
    """The view of a list: `return list_page(request, CUSTOMERS)`."""
    look = look_of(request)
    screen.require(look.user)
    screen.prepare(look)
    state = State.read(screen, request.GET, look)
    part = wanted_part(request)
    if part in PARTS:
        return page(request, f"lists/{part}.html", PARTS[part](state), part="part")
    context = _rows(state)
    if part == "list":
        return page(request, screen.template, context, part="list")
    asked = request.GET.get("show", "")
    context |= {
        "views": _saved_views(state),
        "room": screen.tabs(request),
        "first_steps": _open(screen.first_steps, look),
        "see_also": _open(screen.see_also, look),
        "inline": f"lists/{asked}.html" if asked in DIALOGS else "",
        **(PARTS[asked](state) if asked in DIALOGS else {}),
    }
    return page(request, screen.template, context)


def _open(pages: Iterable[tuple[str, Label, Permission]], look: Look) -> list[tuple[str, Label]]:
    return [(address(name), label) for name, label, right in pages if address(name) and look.rights.allows(right)]


def look_of(request: HttpRequest) -> Look:
    assert isinstance(request.user, User)
    return Look(request.user, timezone.localtime())


def may_export(screen: ListScreen, look: Look) -> bool:
    return screen.export_right is not None and look.rights.allows(screen.export_right)


def views_for(user: User | int) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(Q(user=user) | Q(is_shared=True))


_VIEWS = Prepared(lambda user, screen: views_for(user).filter(screen=screen).order_by("-is_pinned", "name", "pk")[:30], int, str)


def _base(state: State) -> Context:
    return {"state": state, "screen": state.screen, "query": state.query(without=("show",)).lstrip("?")}


def _rows(state: State) -> Context:
    found = page_of(state)
    actions = [one for one in state.screen.actions if state.look.rights.allows(one.right)]
    exports = may_export(state.screen, state.look)
    return _base(state) | {
        "rows": found.rows,
        "total": exact_total(state) if state.params.get("count") == "exact" else known_total(found),
        "heads": draw.heads(state),
        "body": draw.body(state, found.rows, pick=bool(actions) or exports),
        "previous": found.previous and state.address(at=found.previous),
        "next": found.next and state.address(at=found.next),
        "chips": _chips(state),
        "actions": actions,
        "may_export": exports,
        "groups": _groups(state),
        "kept": pairs(state.params, without=("q", "at", "count", "show")),
    }


def page_of(state: State) -> Slice:
    cursor = Cursor.read(state.params.get("at", ""), len(state.keys))
    if state.look.rights.everything and not state.text:
        return take(state.shown, state.keys, state.fields, size=PAGE, cursor=cursor)
    details = Asked(lambda: state.rows, state.known)
    found = _first_found(state, details) if state.text and cursor is None else None
    return found or take(state.shown, state.keys, state.fields, size=PAGE, cursor=cursor, details=details)


def _first_found(state: State, details: Asked) -> Slice | None:
    """The first page of a search; None where hits are so many that the list is walked until there are enough."""
    near = state.screen.near(state)
    hits = state.hits if near is None else state.screen.hits(state, near[0]) if near[0] else None
    if near and hits is None:
        found = take(near[1], state.keys, state.fields, size=PAGE, details=details)
        if found.next:
            return found
        hits = state.hits  # too few stand there
    return None if hits is None else take_first(hits, state.keys, state.fields, size=PAGE, details=details)


def _count(state: State) -> Context:
    """Asked for after the page: the rows need not wait for it."""
    return _base(state) | {"total": exact_total(state) if state.params.get("count") == "exact" else total(state.matching[1])}


def exact_total(state: State) -> Total:
    faster = state.screen.counted(state)
    return total(state.matching[1] if faster is None else faster, exact=True)


def _filter_form(state: State) -> Context:
    fields = allowed_filters(state.screen, state.look, more=True)
    own = {name for one in fields for name in one.names()} | {"at", "count", "show"}
    more = [one for one in fields if state.screen.more and one.key.startswith(state.screen.more)]
    return _base(state) | {
        "filter_fields": [one for one in fields if one not in more], "more_fields": more,
        "filter_kept": pairs(state.params, without=own),
    }  # fmt: skip


def _view_form(state: State) -> Context:
    allowed = allowed_columns(state.screen, state.look, more=True)
    shown = [column.key for column in state.columns]  # first, in their order
    columns = [(key, allowed[key].label, key in shown) for key in [*shown, *(key for key in allowed if key not in shown)]]
    return _base(state) | {
        "columns": columns,
        "groups_allowed": allowed_groups(state.screen, state.look),
        "sortable": [(key, column.label) for key, column in allowed.items() if column.sort],
        "view_kept": pairs(state.params, without=("columns", "sort", "density", "group", "at", "count", "show")),
    }


def _save_form(state: State) -> Context:
    own = [view for view in _saved_views(state) if view["current"] and view["own"]]
    now = own[0] if own else {"name": "", "pinned": False, "shared": False}  # saved under its name again, it is replaced
    return _base(state) | {"may_share": state.look.rights.allows(Permission.VIEW_SHARE), "own": own, "now": now}


def _export_form(state: State) -> Context:
    return _count(state)


PARTS: dict[str, Callable[[State], Context]] = {
    "count": _count, "filters": _filter_form, "view": _view_form, "save": _save_form, "export": _export_form,
}  # fmt: skip
DIALOGS = ("filters", "view", "save", "export")


def pairs(params: QueryDict, *, without: Container[str]) -> list[tuple[str, str]]:
    """For the hidden fields of a form that changes only a part of the address."""
    return [(key, value) for key, values in params.lists() if key not in without for value in values]


def _saved_views(state: State) -> list[Context]:
    current = state.params.get("view", "")
    base = address(state.screen.route)
    return [
        {"name": view.name, "pk": view.pk, "address": f"{base}?{view.query}{'&' if view.query else ''}view={view.pk}",
         "current": str(view.pk) == current, "own": view.user_id == state.look.user.pk, "pinned": view.is_pinned,
         "shared": view.is_shared}
        for view in _VIEWS(state.look.user.pk, state.screen.name)
    ]  # fmt: skip


def _chips(state: State) -> list[Context]:
    """The filters in force, first those of which one is enough; each with the address of the list without it, and with
    that of the list where it is joined to the one before it by the other word."""
    either = state.either
    shown = sorted((one for one in state.filters if one.key in state.values), key=lambda one: one.key not in either)
    found: list[Context] = []
    for at, one in enumerate(shown):
        fewer = tuple(key for key in either if key != one.key)
        more = (*(either or (shown[at - 1].key,)), one.key)
        found.append({
            "label": str(one.label), "words": one.words(state.values[one.key], state.look),
            "without": state.address(without=one.names(), either=_alternatives(fewer)),
            "is_either": one.key in either,
            "joined": state.address(either=_alternatives(fewer if one.key in either else more)) if at else "",
        })  # fmt: skip
    return found


def _alternatives(keys: tuple[str, ...]) -> str | None:
    return ",".join(keys) if len(keys) > 1 else None


def _groups(state: State) -> Context | None:
    """None when nothing is to be grouped; without lines when there is too much to group at once."""
    group = next((one for one in allowed_groups(state.screen, state.look) if one.key == state.params.get("group")), None)
    if group is None:
        return None
    rows = state.matching[1]
    sums = [one.label for one in state.screen.sums if one.right is None or state.look.rights.allows(one.right)]
    lines = grouped(state, group, rows) if total(rows).is_exact else []
    return {"label": group.label, "sums": sums, "lines": lines, "cap": CAP}
