"""One value of a customer changed where it stands: a fact of the record, a cell of the list.

The form carries the value it was opened with, so that who saves second is shown what somebody else saved first.
"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from zhike.core import audit
from zhike.customers import actions, masking
from zhike.customers.models import Customer, FieldDefinition
from zhike.customers.queries.completeness import value
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers.bulk import everybody, person_of
from zhike.web.customers.customer_form import one_field
from zhike.web.customers.list import CUSTOMERS
from zhike.web.customers.profile_columns import PREFIX
from zhike.web.customers.sheets import seen, sheet
from zhike.web.lists.cells import Look
from zhike.web.lists.screen import Column, allowed_columns
from zhike.web.lists.views import look_of
from zhike.web.pages import page
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs

WAS = "was"
CODES = {"source": "source_id", "channel": "preferred_channel", "owner": "owner_id"}  # of columns that are named otherwise


def refuse_hidden(user: User, customer: Customer, code: str) -> None:
    """A form shows the value it changes, so there is none for who may not see it."""
    hidden = masking.is_masked(user, masking.class_of(masking.field_classes(), code))
    if hidden and kept(customer, code) not in (None, "", []):
        raise PermissionDenied(_("You may not change what you may not see."))


def kept(customer: Customer, code: str) -> Any:
    return customer.owner_id if code == "owner_id" else value(customer, code)


def mark(customer: Customer, code: str) -> str:
    """The value as it is now, for the form to carry."""
    found = audit.plain(kept(customer, code))
    if isinstance(found, list):
        return ", ".join(map(str, found))
    return "" if found is None else str(found)


def save(user: User, customer: Customer, code: str, values: dict[str, Any], was: str) -> None:
    """Raises `ValidationError` where somebody else was first: at the field, with their value."""
    if was != mark(customer, code):
        raise ValidationError({code: [_("Somebody else has changed this to “%(value)s”. Save again to put yours in its place.")
                                      % {"value": mark(customer, code) or "–"}]})  # fmt: skip
    if code == "owner_id":
        chosen = str(values[code])
        to = None if chosen == "pool" else person_of(chosen)
        actions.transfer_customers(actor=user, customers=[customer.pk], to=to, at=timezone.now())
        return
    try:
        actions.change_customer(actor=user, customer=customer, values=values, at=timezone.now(), version=customer.version)
    except actions.Conflict as conflict:
        raise ValidationError({code: [str(conflict)]}) from conflict


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def cell(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A cell of the customer list: its form, or the cell again once it is saved. Without script it is a page."""
    customer, user, look = seen(request, pk), signed_in_person(request), look_of(request)
    CUSTOMERS.prepare(look)
    column = allowed_columns(CUSTOMERS, look, more=key.startswith(PREFIX)).get(key)
    if column is None or column.edit is None:
        raise Http404
    access.require(user, column.edit)
    if not Customer.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied(_("You may see this customer but not change it."))
    code = CODES.get(key, key.removeprefix(PREFIX))
    refuse_hidden(user, customer, code)
    form = forms.Form(request.POST or None)
    form.fields[code] = _field(user, customer, code, look, str(column.label))

    def act(cleaned: dict[str, Any]) -> None:
        save(user, customer, code, cleaned, request.POST.get(WAS, mark(customer, code)))

    if not request.headers.get("X-Part"):
        return sheet(request, customer, form, act, title=str(column.label))
    context = {"customer": customer, "key": key, "form": form, "drawn": None, "was": mark(customer, code)}
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            return page(request, "customers/cell.html", context | {"drawn": _drawn(column, pk, look)}, part="cell")
    return page(request, "customers/cell.html", context, part="cell", status=422 if request.method == "POST" else 200)


def _field(user: User, customer: Customer, code: str, look: Look, label: str) -> forms.Field:
    if code == "owner_id":
        found: forms.Field = forms.ChoiceField(choices=list(everybody(look)), initial=customer.owner_id or "pool")
    else:
        definition = FieldDefinition.objects.filter(code=code, is_active=True).first()
        found = one_field(user, definition or FieldDefinition(code=code), customer)
    found.label, found.help_text = label, ""
    return found


def _drawn(column: Column, pk: int, look: Look) -> Markup:
    """Nothing, when the customer is no longer this person's to see."""
    row = CUSTOMERS.rows(look).filter(pk=pk).values(*column.drawn.fields, "pk").first()
    return Markup(column.drawn.cell(row, look) if row else "")  # noqa: S704  cells are safe HTML
