"""Contacts, addresses, further identifiers, relationships, consent, colleagues."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.customers import actions, masking
from zhike.customers.keeping import last_change
from zhike.customers.models import Address, Contact, Customer, CustomerShare, Identifier, Relationship
from zhike.customers.queries.history import PARTS, taken_away
from zhike.teams.choices import Permission
from zhike.teams.models import User
from zhike.web.customers.forms import AddressForm, ConsentForm, ContactForm, IdentifierForm, RelationForm, ShareForm, TransferForm
from zhike.web.customers.sheets import return_address, seen, sheet
from zhike.web.once import once
from zhike.web.pages import say
from zhike.web.people import signed_in_person
from zhike.web.rights import needs

_MASKABLE = ("phone", "wechat", "email")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
@once
def contact(request: HttpRequest, pk: int, contact_id: int | None = None) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    row = get_object_or_404(Contact, pk=contact_id, customer=customer) if contact_id else None
    shown: dict[str, Any] = {name: getattr(row, name) for name in ContactForm.base_fields} if row else {}
    if row:
        shown |= {"phone": masking.readable("phone", row.phone), "birthday": _typed_day(row)}
    form = ContactForm(request.POST or None, initial=shown)
    if row:
        _leave_masked_out(form, user, row)
    act = partial(_apply, partial(actions.save_contact, actor=user, customer=customer, contact=contact_id))
    title = _("Change contact") if row else _("New contact")
    return sheet(request, customer, form, act, title=title, tab="contacts")


def _apply(action: Any, cleaned: dict[str, Any]) -> None:
    action(**cleaned)


def _leave_masked_out(form: forms.Form, user: User, row: Contact) -> None:
    classes = masking.field_classes()
    for code in _MASKABLE:
        if getattr(row, code) and masking.is_masked(user, masking.class_of(classes, code)):
            del form.fields[code]


def _typed_day(row: Contact) -> str:
    if row.birthday is None:
        return ""
    return f"{row.birthday:%m-%d}" if row.birthday.year == 1904 else f"{row.birthday:%Y-%m-%d}"


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
@once
def address(request: HttpRequest, pk: int, address_id: int | None = None) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    row = get_object_or_404(Address, pk=address_id, customer=customer) if address_id else None
    if row and masking.is_masked(user, masking.class_of(masking.field_classes(), "address")):
        raise PermissionDenied(_("You may not change what you may not see."))
    shown = {name: getattr(row, name) for name in AddressForm.base_fields} if row else {}
    act = partial(_apply, partial(actions.save_address, actor=user, customer=customer, address=address_id))
    title = _("Change address") if row else _("New address")
    return sheet(request, customer, AddressForm(request.POST or None, initial=shown), act, title=title, tab="contacts")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def identifier(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    act = partial(_apply, partial(actions.add_identifier, actor=user, customer=customer))
    form = IdentifierForm(request.POST or None)
    return sheet(request, customer, form, act, title=_("Further phone, e-mail or number"), tab="contacts")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def relationship(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    form = RelationForm(request.POST or None)

    def act(cleaned: dict[str, Any]) -> None:
        other = Customer.objects.visible_to(user).filter(pk=cleaned["other"]).first()
        if other is None:
            raise forms.ValidationError({"other": [_("Choose a customer.")]})
        if cleaned["kind"] == "parent":
            actions.set_parent(actor=user, customer=customer, parent=other, at=timezone.now())
        else:
            actions.relate(actor=user, customer=customer, other=other, kind=cleaned["kind"], note=cleaned["note"])

    title, template = _("New relationship"), "customers/relation.html"
    return sheet(request, customer, form, act, title=title, tab="relationships", template=template)


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
@once
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    act = partial(_apply, partial(actions.record_consent, actor=user, customer=customer, at=timezone.now()))
    return sheet(request, customer, ConsentForm(request.POST or None), act, title=_("Consent"), tab="contacts")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def share(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    act = partial(_apply, partial(actions.share_customer, actor=user, customer=customer))
    form = ShareForm(request.POST or None, but=customer.owner_id)
    return sheet(request, customer, form, act, title=_("Share with a colleague"), said=_("Shared."), tab="contacts")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_TRANSFER)
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    form = TransferForm(request.POST or None, but=customer.owner_id)

    def act(cleaned: dict[str, Any]) -> None:
        count = actions.transfer_customers(
            actor=user, customers=[customer.pk], to=cleaned["user"], at=timezone.now(), reason=cleaned["reason"]
        )
        if not count:
            raise PermissionDenied(_("You may see this customer but not change it."))

    answer = sheet(request, customer, form, act, title=_("Hand over"), said=_("Handed over."))
    if answer.status_code == 302 and not Customer.objects.visible_to(user).filter(pk=pk).exists():
        answer.headers["Location"] = "/customers/"
    return answer


@require_POST
@needs(Permission.CUSTOMER_EDIT)
def remove(request: HttpRequest, pk: int, what: str, row_id: int) -> HttpResponse:
    """Takes away a contact, an address, an identifier, a relationship, the parent company or a share."""
    customer, user = seen(request, pk), signed_in_person(request)
    if what == "contact":
        act: Callable[[], Any] = partial(
            actions.delete_contact, actor=user, contact=get_object_or_404(Contact, pk=row_id, customer=customer).pk
        )
    elif what == "address":
        act = partial(actions.delete_address, actor=user, address=get_object_or_404(Address, pk=row_id, customer=customer).pk)
    elif what == "identifier":
        row = get_object_or_404(Identifier, pk=row_id, customer=customer)
        act = partial(actions.delete_identifier, actor=user, identifier=row.pk)
    elif what == "relationship":
        link = get_object_or_404(Relationship, pk=row_id)
        customer = link.customer  # in whose history it stands
        act = partial(actions.unrelate, actor=user, relationship=link.pk)
    elif what == "parent":
        act = partial(actions.set_parent, actor=user, customer=customer, parent=None, at=timezone.now())
    elif what == "share":
        colleague = get_object_or_404(CustomerShare, pk=row_id, customer=customer).user
        act = partial(actions.unshare_customer, actor=user, customer=customer, user=colleague)
    else:
        raise Http404
    tab = "relationships" if what in ("relationship", "parent") else "contacts"
    try:
        act()
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        change = last_change(customer) if what in PARTS else None
        undo = reverse("customer-undo", args=[customer.pk, change.pk]) if change and taken_away(change) else ""
        say(request, _("Removed."), url=undo, label=_("Undo"), posts=True)
    return HttpResponseRedirect(return_address(request, pk, tab))
