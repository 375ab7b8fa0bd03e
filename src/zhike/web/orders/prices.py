"""Price lists: what the customers of a grade pay."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from zhike.sales import actions, rules
from zhike.sales.models import PriceList
from zhike.sales.queries import product_by_words
from zhike.teams.choices import Permission
from zhike.value.choices import Grade
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs


class PriceListForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    grade = forms.ChoiceField(
        label=gettext_lazy("For customers of grade"), choices=[("", gettext_lazy("everybody")), *Grade.choices], required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("In force"), required=False, initial=True)


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def prices(request: HttpRequest) -> HttpResponse:
    form = PriceListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_price_list(actor=signed_in_person(request), **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            return HttpResponseRedirect(reverse("price-list", args=[made.pk]))
    lists = PriceList.objects.annotate(number=Count("items")).order_by("-is_active", "name")
    context = {"form": form, "lists": lists, "grades": {"": _("everybody")} | {code: str(label) for code, label in Grade.choices}}
    return page(request, "orders/prices.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def price_list(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `product` sets a price (an empty one takes the product off), otherwise changes the list itself."""
    found = get_object_or_404(PriceList, pk=pk)
    setting = "product" in request.POST
    initial = {"name": found.name, "grade": found.grade, "is_active": found.is_active}
    form = PriceListForm(request.POST if request.method == "POST" and not setting else None, initial=initial)
    try:
        if setting:
            _set_price(request, pk)
        elif form.is_valid():
            actions.save_price_list(actor=signed_in_person(request), price_list=pk, **form.cleaned_data)
    except ValidationError as problem:
        if setting:
            say(request, " ".join(problem.messages), tone="bad")
        else:
            show_problem(form, problem)
    if request.method == "POST" and not form.errors:
        return HttpResponseRedirect(reverse("price-list", args=[pk]))
    items = found.items.select_related("product").order_by("product__name", "pk")
    rows = [(item, rules.margin_share(item.price, item.product.cost)) for item in items]
    return page(request, "orders/price_list.html", {"form": form, "list": found, "rows": rows}, status=422 if form.errors else 200)


def _set_price(request: HttpRequest, pk: int) -> None:
    product = product_by_words(request.POST["product"])
    if product is None:
        raise ValidationError(_("There is no product “%(text)s”.") % {"text": request.POST["product"][:60]})
    text = request.POST.get("price", "").strip().replace(",", "")
    try:
        price = Decimal(text) if text else None
    except InvalidOperation:
        raise ValidationError(_("This is not an amount.")) from None
    if price is not None and (not price.is_finite() or price > 10**9):
        raise ValidationError(_("This is not an amount."))
    actions.set_price(actor=signed_in_person(request), price_list=pk, product=product.pk, price=price)
