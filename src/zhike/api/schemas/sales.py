"""Orders, products, prices."""

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Field, Schema

from zhike.api.schemas.base import Id, Moment, Named, Strict
from zhike.api.schemas.exports import Leaving
from zhike.api.schemas.pages import PageQuery
from zhike.sales.choices import OrderKind, VariantKind
from zhike.value.choices import Grade

Money = Annotated[Decimal, Field(ge=-(10**11), le=10**11, max_digits=14, decimal_places=2)]
Price = Annotated[Decimal, Field(ge=0, le=10**11, max_digits=14, decimal_places=2)]
Quantity = Annotated[Decimal, Field(ge=-(10**6), le=10**6, max_digits=10, decimal_places=3)]


class LineIn(Strict):
    product: Id
    quantity: Quantity = Decimal(1)
    unit_price: Annotated[Decimal, Field(ge=0, le=10**9, max_digits=13, decimal_places=4)]
    cost: Annotated[Price | None, Field(description="Of the whole position.")] = None
    amount: Annotated[Money | None, Field(description="Where it is not quantity times price.")] = None


class OrderPatch(Strict):
    ordered_at: Moment | None = None
    amount: Annotated[Money | None, Field(description="Of an order with lines it is their sum.")] = None
    lines: Annotated[list[LineIn], Field(max_length=500)] = []
    order_no: Annotated[str, Field(max_length=60)] = ""
    cost: Price | None = None
    quantity: Quantity | None = None
    channel: Annotated[str, Field(max_length=40)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    due_on: Annotated[datetime.date | None, Field(description="Of an order on account: when it is to be paid.")] = None
    paid_on: datetime.date | None = None


class OrderIn(OrderPatch):
    customer: Id
    ordered_at: Moment


class PushedOrder(Strict):
    """One of many: the customer by their number, phone or name, as in a file."""

    order_no: Annotated[str, Field(min_length=1, max_length=60)]
    ordered_at: Moment
    amount: Money
    customer: Annotated[str, Field(max_length=60, description="The company's own customer number.")] = ""
    customer_name: Annotated[str, Field(max_length=60)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    product: Annotated[str, Field(max_length=60, description="Code or name.")] = ""
    quantity: Quantity | None = None
    cost: Price | None = None
    channel: Annotated[str, Field(max_length=40)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    due_on: Annotated[datetime.date | None, Field(description="Of an order on account: when it is to be paid.")] = None
    paid_on: datetime.date | None = None


class PushIn(Strict):
    orders: Annotated[list[PushedOrder], Field(min_length=1, max_length=1000)]


class ReturnIn(Strict):
    amount: Annotated[Price | None, Field(description="All that is left, if left out.")] = None
    returned_at: Annotated[Moment | None, Field(description="Now, if left out.")] = None
    order_no: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=200)] = ""


class OrderFilter(Strict):
    customer: Id | None = None
    kind: OrderKind | None = None
    order_no: Annotated[str, Field(max_length=60)] = ""
    channel: Annotated[str, Field(max_length=40)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    ordered_from: Moment | None = None
    ordered_until: Moment | None = None
    amount_from: Money | None = None
    amount_until: Money | None = None
    due_until: datetime.date | None = None
    unpaid: Annotated[bool | None, Field(description="On account and not paid yet.")] = None


class OrderQuery(OrderFilter, PageQuery):
    sort: Literal["id", "-id", "ordered_at", "-ordered_at", "amount", "-amount"] = "-ordered_at"


class OrderExportQuery(OrderFilter, Leaving):
    pass


class LineOut(Schema):
    product: Named
    quantity: str
    unit_price: str
    amount: str
    cost: str | None


class OrderOut(Schema):
    """A return is an order of its own with a negative amount; `returns` names the sale."""

    id: int
    customer: Named
    kind: str
    order_no: str
    ordered_at: datetime.datetime
    amount: str
    cost: str | None
    quantity: str | None
    channel: str
    region: str
    due_on: datetime.date | None
    paid_on: datetime.date | None
    returns: int | None
    returned_by: list[int]
    lines: list[LineOut]
    created_at: datetime.datetime


class ProductQuery(PageQuery):
    q: Annotated[str, Field(max_length=60, description="Part of the name or of the code.")] = ""
    line: Id | None = None
    is_active: bool | None = None
    sort: Literal["id", "-id", "name", "-name", "code", "-code"] = "id"


class ProductPatch(Strict):
    code: Annotated[str, Field(min_length=1, max_length=60)] = ""
    name: Annotated[str, Field(min_length=1, max_length=160)] = ""
    line: Id | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    price: Price | None = None
    cost: Price | None = None
    variant_of: Id | None = None
    variant_kind: VariantKind | Literal[""] = ""
    is_active: bool = True


class ProductIn(ProductPatch):
    code: Annotated[str, Field(min_length=1, max_length=60)]
    name: Annotated[str, Field(min_length=1, max_length=160)]


class ProductOut(Schema):
    id: int
    code: str
    name: str
    line: Named | None
    unit: str
    price: str | None
    cost: str | None
    variant_of: Named | None
    variant_kind: str
    is_active: bool


class ProductLineIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    parent: Id | None = None


class ProductLineOut(Schema):
    id: int
    name: str
    parent_id: int | None


class BundlePart(Strict):
    product: Id
    quantity: Annotated[Decimal, Field(gt=0, le=10**6, max_digits=10, decimal_places=3)] = Decimal(1)


class BundleIn(Strict):
    items: Annotated[list[BundlePart], Field(max_length=100)]


class PriceListIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    grade: Annotated[Grade | Literal[""], Field(description="Empty: for everybody.")] = ""
    is_active: bool = True


class PriceListOut(Schema):
    id: int
    name: str
    grade: str
    is_active: bool


class ListPriceIn(Strict):
    price: Annotated[Price | None, Field(description="Null takes the product off the list.")]
