"""The catalogue: products with price, cost and margin; product lines; what a bundle consists of."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.sales import actions, rules
from zhike.sales.choices import VariantKind
from zhike.sales.models import Product, ProductLine
from zhike.sales.queries import bundle_price, product_by_words
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.web.pages import page, say
from zhike.web.people import signed_in_person
from zhike.web.problems import show_problem
from zhike.web.rights import needs

PAGE = 50


class ProductForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=60)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    line_id = forms.TypedChoiceField(label=gettext_lazy("Product line"), required=False, coerce=int, empty_value=None)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    price = forms.DecimalField(label=gettext_lazy("Price"), max_digits=14, decimal_places=2, min_value=0, required=False)
    cost = forms.DecimalField(label=gettext_lazy("Cost"), max_digits=14, decimal_places=2, min_value=0, required=False)
    variant_of = forms.CharField(label=gettext_lazy("Variant of"), max_length=160, required=False)
    variant_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of variant"), choices=[("", "–"), *VariantKind.choices], required=False
    )
    is_active = forms.BooleanField(label=gettext_lazy("On sale"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant_of"].help_text = _("Code or name of the product it varies")
        field = self.fields["line_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "–"), *ProductLine.objects.values_list("pk", "name")]

    def values(self) -> dict[str, Any]:
        """For the action. Raises `ValidationError` for a product that is not there."""
        found = dict(self.cleaned_data)
        said = found.pop("variant_of")
        varied = product_by_words(said) if said else None
        if said and varied is None:
            raise ValidationError({"variant_of": [_("There is no such product.")]})
        return found | {"variant_of_id": varied.pk if varied else None}


@require_GET
@needs(Permission.ORDER_VIEW)
def products(request: HttpRequest) -> HttpResponse:
    text, line = request.GET.get("q", "").strip()[:60].replace("\0", ""), request.GET.get("line", "")
    found: QuerySet[Product] = Product.objects.select_related("line").order_by("name", "pk")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(code__istartswith=text))
    if line.isascii() and line.isdigit():
        found = found.filter(line=int(line))
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "products": shown, "rows": [(one, rules.margin_share(one.price, one.cost)) for one in shown], "text": text, "line": line,
        "lines": list(ProductLine.objects.values_list("pk", "name")), "may_edit": _may_edit(request),
    }  # fmt: skip
    return page(request, "orders/products.html", context)


def _may_edit(request: HttpRequest) -> bool:
    return rights_of(signed_in_person(request)).allows(Permission.PRODUCT_EDIT)


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    form = ProductForm(request.POST or None)
    made = _save(request, form) if request.method == "POST" else None
    if made:
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("product", args=[made.pk]))
    return page(request, "orders/product.html", {"form": form, "product": None}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Product.objects.select_related("line", "variant_of"), pk=pk)
    names = ("code", "name", "line_id", "unit", "price", "cost", "variant_kind", "is_active")
    initial = {name: getattr(found, name) for name in names} | {"variant_of": found.variant_of.code if found.variant_of else ""}
    form = ProductForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and _save(request, form, pk):
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("product", args=[pk]))
    context = {
        "form": form, "product": found, "margin": rules.margin_share(found.price, found.cost), "variants": found.variants.all(),
        "items": list(found.items.select_related("product").order_by("pk")), "parts_price": bundle_price(found),
        "prices": found.prices.select_related("price_list").order_by("price_list__name"),
    }  # fmt: skip
    return page(request, "orders/product.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: ProductForm, pk: int | None = None) -> Product | None:
    if not form.is_valid():
        return None
    try:
        return actions.save_product(actor=signed_in_person(request), product=pk, **form.values())
    except ValidationError as problem:
        show_problem(form, problem)
        return None


@require_POST
@needs(Permission.PRODUCT_EDIT)
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """What a bundle consists of: pairs of product and quantity; empty lines are left out."""
    get_object_or_404(Product, pk=pk)
    items: dict[int, Decimal] = {}
    try:
        for said, quantity in zip(request.POST.getlist("part"), request.POST.getlist("quantity"), strict=False):
            if said.strip():
                part = product_by_words(said)
                if part is None:
                    raise ValidationError(_("There is no product “%(text)s”.") % {"text": said[:60]})
                items[part.pk] = items.get(part.pk, Decimal(0)) + Decimal(quantity.strip() or "1")
        actions.save_bundle(actor=signed_in_person(request), product=pk, items=items)
    except InvalidOperation:
        say(request, _("This is not a quantity."), tone="bad")
    except ValidationError as problem:
        say(request, " ".join(problem.messages), tone="bad")
    else:
        say(request, _("Saved."))
    return HttpResponseRedirect(reverse("product", args=[pk]))


class LineForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    parent_id = forms.TypedChoiceField(label=gettext_lazy("Belongs to"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parent_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "–"), *ProductLine.objects.values_list("pk", "name")]


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def lines(request: HttpRequest) -> HttpResponse:
    form = LineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_product_line(actor=signed_in_person(request), **form.cleaned_data)
        except ValidationError as problem:
            show_problem(form, problem)
        else:
            say(request, _("Saved."))
            return HttpResponseRedirect(reverse("product-lines"))
    return page(
        request, "orders/lines.html", {"form": form, "line": None, "lines": _all_lines()}, status=422 if form.errors else 200
    )


def _all_lines() -> "QuerySet[ProductLine]":
    return ProductLine.objects.select_related("parent").order_by("parent__name", "name")


@require_http_methods(["GET", "POST"])
@needs(Permission.PRODUCT_EDIT)
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with `delete` removes it, otherwise changes it."""
    found = get_object_or_404(ProductLine, pk=pk)
    deleting = "delete" in request.POST
    posted = request.POST if request.method == "POST" and not deleting else None
    form = LineForm(posted, initial={"name": found.name, "parent_id": found.parent_id})
    try:
        if deleting:
            actions.delete_product_line(actor=signed_in_person(request), line=pk)
        elif form.is_valid():
            actions.save_product_line(actor=signed_in_person(request), line=pk, **form.cleaned_data)
    except ValidationError as problem:
        if deleting:
            say(request, " ".join(problem.messages), tone="bad")
            return HttpResponseRedirect(reverse("product-line", args=[pk]))
        show_problem(form, problem)
    if request.method == "POST" and not form.errors:
        say(request, _("Saved."))
        return HttpResponseRedirect(reverse("product-lines"))
    return page(
        request, "orders/lines.html", {"form": form, "line": found, "lines": _all_lines()}, status=422 if form.errors else 200
    )
