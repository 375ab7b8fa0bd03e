"""The recycle bin: deleted customers, to be looked through and restored."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from zhike.core import settings_store
from zhike.customers.choices import CustomerKind, MassKind
from zhike.customers.models import Customer
from zhike.customers.settings import BinRules
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers.bulk import many, owners
from zhike.web.lists import cells, filters
from zhike.web.lists.cells import Look
from zhike.web.lists.paging import Key
from zhike.web.lists.screen import BulkAction, Column, ListScreen, Said, register
from zhike.web.lists.views import list_page


def _restore(actor: User, rows: QuerySet[Any], answers: dict[str, str]) -> Said:
    return many(actor, rows, MassKind.RESTORE)


class BinList(ListScreen):
    name, route, title, right = "bin", "recycle-bin", _("Recycle bin"), Permission.CUSTOMER_DELETE
    above = ("customers", _("Customers"))
    order = "-deleted"
    columns = (
        Column("name", _("Name"), cells.text("name", short=22), Key("name"), phone="title"),
        Column("number", _("Customer no."), cells.text("number"), phone="line"),
        Column("kind", _("Kind"), cells.choice("kind", CustomerKind), shown=False),
        Column("owner", _("Owner"), cells.text("owner__name"), phone="line"),
        Column("department", _("Department"), cells.text("department__name"), shown=False),
        Column("deleted", _("Deleted"), cells.ago("deleted_at"), Key("deleted_at"), phone="side"),
    )
    filters = (
        filters.Text("name", _("Name begins with"), "name"),
        filters.Numbered("owner", _("Owner"), "owner", options=owners, none=_("nobody: the pool")),
        filters.Dates("deleted", _("Deleted"), "deleted_at", moment=True),
    )
    actions = (
        BulkAction(
            "restore", _("Restore"), Permission.CUSTOMER_DELETE, _restore,
            explain=_("They come back with all that hangs on them. One whose customer number another has by now stays here."),
        ),
    )  # fmt: skip
    nothing_yet = (_("The recycle bin is empty"), _("Deleted customers wait here and can be restored."))

    def rows(self, look: Look) -> "QuerySet[Customer]":
        return Customer.objects.in_bin_of(look.user)

    def note(self) -> str:
        return gettext("kept for at least %(n)s days") % {"n": settings_store.read(BinRules).keep_days}


BIN = register(BinList())


def deleted(request: HttpRequest) -> HttpResponse:
    return list_page(request, BIN)
