"""A page with one form: shown by GET, sent by POST, with what is wrong at its fields and status 422."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.customers.models import Customer
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem


def seen(request: HttpRequest, pk: int) -> Customer:
    """The customer, or 404 for who may not see it."""
    return get_object_or_404(Customer.objects.visible_to(signed_in_person(request)), pk=pk)


def sheet(
    request: HttpRequest, customer: Customer, form: forms.Form, act: Callable[[dict[str, Any]], Any], *, title: str,
    said: str = "", tab: str = "", template: str = "customers/sheet.html",
) -> HttpResponse:  # fmt: skip
    """`act` gets the cleaned values and calls the action; afterwards the record is shown again."""
    back = return_address(request, customer.pk, tab)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, said or _("Saved."))
            return HttpResponseRedirect(back)
    context = {"customer": customer, "form": form, "title": title, "back": back}
    return page(request, template, context, status=422 if request.method == "POST" else 200)


def press(request: HttpRequest, customer_id: int, act: Callable[[], Any], *, said: str, tab: str = "") -> HttpResponse:
    """A button: the action, a word about it, and back."""
    try:
        act()
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        say(request, said)
    return HttpResponseRedirect(return_address(request, customer_id, tab))


def return_address(request: HttpRequest, customer_id: int, tab: str = "") -> str:
    """Where the form says it came from, when that is a page of ours; else the record."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("customer", args=[customer_id]) + (f"?tab={tab}" if tab else "")
