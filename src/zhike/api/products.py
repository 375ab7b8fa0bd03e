"""The catalogue: products, product lines, bundles, prices."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Status

from zhike.api.door import caller, needs
from zhike.api.paging import filtered, page
from zhike.api.references import all_named, named
from zhike.api.schemas.pages import Page, PageQuery
from zhike.api.schemas.sales import (
    BundleIn,
    ListPriceIn,
    PriceListIn,
    PriceListOut,
    ProductIn,
    ProductLineIn,
    ProductLineOut,
    ProductOut,
    ProductPatch,
    ProductQuery,
)
from zhike.sales import actions
from zhike.sales.models import PriceList, Product, ProductLine
from zhike.teams.choices import Permission

router = Router(tags=["products"])


@router.get("/products", response=Page[ProductOut])
@needs(Permission.ORDER_VIEW)
def list_products(request: HttpRequest, query: Query[ProductQuery]) -> Any:
    rows = filtered(Product.objects.select_related("line", "variant_of"), query, {"line": "line", "is_active": "is_active"})
    if query.q:
        rows = rows.filter(Q(name__icontains=query.q) | Q(code__icontains=query.q))
    return page(request, rows, query, sort=query.sort, shown=lambda found: [_product(one) for one in found])


@router.get("/products/{int:product_id}", response=ProductOut)
@needs(Permission.ORDER_VIEW)
def read_product(request: HttpRequest, product_id: int) -> Any:
    return _product(Product.objects.get(pk=product_id))


@router.post("/products", response={201: ProductOut})
@needs(Permission.PRODUCT_EDIT)
def create_product(request: HttpRequest, data: ProductIn) -> Any:
    return Status(201, _product(actions.save_product(actor=caller(request), **_values(data))))


@router.patch("/products/{int:product_id}", response=ProductOut)
@needs(Permission.PRODUCT_EDIT)
def change_product(request: HttpRequest, product_id: int, data: ProductPatch) -> Any:
    return _product(actions.save_product(actor=caller(request), product=product_id, **_values(data)))


@router.put("/products/{int:product_id}/bundle", response={204: None})
@needs(Permission.PRODUCT_EDIT)
def set_bundle(request: HttpRequest, product_id: int, data: BundleIn) -> Any:
    """What it consists of; nothing makes it a single product again."""
    all_named(Product.objects.all(), [one.product for one in data.items], "items")
    actions.save_bundle(actor=caller(request), product=product_id, items={one.product: one.quantity for one in data.items})
    return Status(204, None)


@router.get("/product-lines", response=Page[ProductLineOut])
@needs(Permission.ORDER_VIEW)
def list_product_lines(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, ProductLine.objects.all(), query, sort="id")


@router.post("/product-lines", response={201: ProductLineOut})
@needs(Permission.PRODUCT_EDIT)
def create_product_line(request: HttpRequest, data: ProductLineIn) -> Any:
    named(ProductLine.objects.all(), data.parent, "parent")
    return Status(201, actions.save_product_line(actor=caller(request), name=data.name, parent_id=data.parent))


@router.put("/product-lines/{int:line_id}", response=ProductLineOut)
@needs(Permission.PRODUCT_EDIT)
def change_product_line(request: HttpRequest, line_id: int, data: ProductLineIn) -> Any:
    named(ProductLine.objects.all(), data.parent, "parent")
    return actions.save_product_line(actor=caller(request), name=data.name, parent_id=data.parent, line=line_id)


@router.delete("/product-lines/{int:line_id}", response={204: None})
@needs(Permission.PRODUCT_EDIT)
def delete_product_line(request: HttpRequest, line_id: int) -> Any:
    actions.delete_product_line(actor=caller(request), line=line_id)
    return Status(204, None)


@router.get("/price-lists", response=Page[PriceListOut])
@needs(Permission.ORDER_VIEW)
def list_price_lists(request: HttpRequest, query: Query[PageQuery]) -> Any:
    return page(request, PriceList.objects.all(), query, sort="id")


@router.post("/price-lists", response={201: PriceListOut})
@needs(Permission.PRODUCT_EDIT)
def create_price_list(request: HttpRequest, data: PriceListIn) -> Any:
    """One active list a grade."""
    return Status(201, actions.save_price_list(actor=caller(request), **data.model_dump()))


@router.put("/price-lists/{int:list_id}", response=PriceListOut)
@needs(Permission.PRODUCT_EDIT)
def change_price_list(request: HttpRequest, list_id: int, data: PriceListIn) -> Any:
    return actions.save_price_list(actor=caller(request), price_list=list_id, **data.model_dump())


@router.put("/price-lists/{int:list_id}/prices/{int:product_id}", response={204: None})
@needs(Permission.PRODUCT_EDIT)
def set_price(request: HttpRequest, list_id: int, product_id: int, data: ListPriceIn) -> Any:
    Product.objects.get(pk=product_id)
    actions.set_price(actor=caller(request), price_list=list_id, product=product_id, price=data.price)
    return Status(204, None)


def _values(data: ProductPatch) -> dict[str, Any]:
    given = data.given()
    for name, rows in (("line", ProductLine.objects.all()), ("variant_of", Product.objects.all())):
        if name in given:
            named(rows, given[name], name)
            given[f"{name}_id"] = given.pop(name)
    return given


def _product(row: Product) -> dict[str, Any]:
    words = ("id", "code", "name", "line", "unit", "variant_of", "variant_kind", "is_active")
    prices = {name: None if value is None else str(value) for name, value in (("price", row.price), ("cost", row.cost))}
    return {name: getattr(row, name) for name in words} | prices
