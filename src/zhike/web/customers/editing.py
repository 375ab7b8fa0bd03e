"""Creating and changing a whole customer, with a warning before a second record of the same one; deleting and the recycle bin."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.customers import actions, queries
from zhike.customers.choices import CustomerKind
from zhike.customers.models import Customer
from zhike.teams.choices import Permission
from zhike.web.customers.customer_form import CHECKED, CustomerForm
from zhike.web.customers.history import Reader
from zhike.web.customers.merging import reason_words
from zhike.web.customers.sheets import seen
from zhike.web.once import once
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_CREATE)
@once
def new(request: HttpRequest) -> HttpResponse:
    """Saved at once when nobody like this is known; else the likely ones are shown first, and "save all the same" saves."""
    user = signed_in_person(request)
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in CustomerKind.values else CustomerKind.PERSON
    given = {name: request.GET[name] for name in ("name", "phone") if name in request.GET}
    form = CustomerForm(request.POST or None, user=user, fields=queries.definitions(), kind=kind, initial={"kind": kind, **given})
    matches = queries.find_matches(user, request.POST if request.method == "POST" else given)
    if request.method == "POST" and form.is_valid() and (not matches or request.POST.get("all_the_same")):
        try:
            customer = actions.create_customer(actor=user, values=form.values(), at=timezone.now())
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("%(name)s is entered.") % {"name": customer.name})
            return HttpResponseRedirect(reverse("customer", args=[customer.pk]))
    context = {
        "form": form,
        "customer": None,
        "matches": matches,
        "kind": kind,
        "back": reverse("customers"),
        "reasons": reason_words(),
    }
    return page(request, "customers/edit.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@needs(Permission.CUSTOMER_VIEW)
def check(request: HttpRequest) -> HttpResponse:
    """While one types: who is like this already. The block `matches` of the form's page."""
    user = signed_in_person(request)
    but = request.GET.get("but", "")
    typed = {name: request.GET.get(name, "")[:200] for name in CHECKED}
    matches = queries.find_matches(user, typed, but=int(but) if but.isascii() and but.isdigit() else None)
    return page(request, "customers/matches.html", {"matches": matches, "reasons": reason_words()}, part="matches")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOMER_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    if not Customer.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied(_("You may see this customer but not change it."))
    kind = request.POST.get("kind", customer.kind)
    form = CustomerForm(
        request.POST or None, user=user, fields=queries.definitions(), customer=customer,
        kind=kind if kind in CustomerKind.values else customer.kind, initial={"version": customer.version},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            actions.change_customer(actor=user, customer=customer, values=form.values(), at=timezone.now(), version=version)
        except ValidationError as problem:
            show_problem(form, problem)
        except actions.Conflict as conflict:
            return _conflict(request, form, conflict)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("customer", args=[pk]))
    context = {
        "form": form,
        "customer": customer,
        "matches": None,
        "reasons": {},
        "kind": form.kind,
        "back": reverse("customer", args=[pk]),
    }
    return page(request, "customers/edit.html", context, status=422 if request.method == "POST" else 200)


def _conflict(request: HttpRequest, form: CustomerForm, conflict: actions.Conflict) -> HttpResponse:
    """Who saved what first; what was typed is kept in the form below, ready to be saved on top or thrown away."""
    reader = Reader(signed_in_person(request), form.definitions.values())
    theirs = reader.line(conflict.theirs) if conflict.theirs else None
    typed = [
        (name, value) for name, values in request.POST.lists() for value in values if name not in ("version", "csrfmiddlewaretoken")
    ]
    context: dict[str, Any] = {
        "customer": conflict.customer,
        "theirs": theirs,
        "typed": typed,
        "version": conflict.customer.version,
    }
    return page(request, "customers/conflict.html", context, status=409)


@require_POST
@needs(Permission.CUSTOMER_DELETE)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    customer, user = seen(request, pk), signed_in_person(request)
    actions.delete_customer(actor=user, customer=customer, at=timezone.now())
    say(
        request,
        _("%(name)s is in the recycle bin.") % {"name": customer.name},
        url=reverse("recycle-bin"),
        label=_("Recycle bin"),
    )
    return HttpResponseRedirect(reverse("customers"))
