"""A list as a table to be taken along: the columns shown, in the order shown, of the selection or of all results."""

import datetime
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.core import spreadsheet
from zhike.teams.models import User
from zhike.teams.sheets import Export, Place, Sheet, Wanted
from zhike.web.layout import address
from zhike.web.lists.cells import Look
from zhike.web.lists.paging import whole_order
from zhike.web.lists.posts import state_of
from zhike.web.lists.screen import ListScreen, State, registered
from zhike.web.lists.views import may_export

CHUNK = 2000


def sheet(user: User, wanted: Wanted, at: datetime.datetime) -> Sheet | None:
    if _known(wanted.screen) is None:
        return None
    state = state_of(Look(user, timezone.localtime(at)), wanted.screen, wanted.query)
    rows = state.rows.filter(pk__in=wanted.chosen) if wanted.chosen else state.matching[1]
    return _of_rows(state, rows.order_by(), wanted)


def place(screen: str, query: str) -> Place | None:
    found = _known(screen)
    return Place(str(found.title), address(found.route) + (f"?{query}" if query else "")) if found else None


def _known(name: str) -> ListScreen | None:
    """For the worker too, which has not loaded the lists."""
    import_module(settings.ROOT_URLCONF)
    return registered(name)


def _of_rows(state: State, rows: "QuerySet[Any]", wanted: Wanted) -> Sheet:
    right = state.screen.export_right
    if right is None or not may_export(state.screen, state.look):
        raise PermissionDenied(_("You may not export this list."))
    number = rows.count()
    if wanted.kind == "xlsx" and number > spreadsheet.MOST_XLSX_ROWS:
        raise ValidationError(_("An XLSX file holds at most 1,048,575 rows; choose CSV."))
    query = state.query(without=("show",)).lstrip("?")
    export = Export(state.screen.name, wanted.kind, number, query, wanted.chosen, state.screen.export_class(state))
    header = [str(column.label) for column in state.columns]
    return Sheet(export, right, str(state.screen.title), header, _lines(state, rows))


def _lines(state: State, rows: "QuerySet[Any]") -> Iterator[list[Any]]:
    """Read from the database as they are written."""
    ordered = rows.order_by(*whole_order(state.keys))
    fields = [*dict.fromkeys([*state.fields, "pk"])]
    for row in ordered.values(*fields).iterator(chunk_size=CHUNK):
        yield [column.drawn.plain(row, state.look) for column in state.columns]
