"""Catalogue and prices."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.sales.models import BundleItem, PriceList, PriceListItem, Product, ProductLine
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User

PRODUCT = ("code", "name", "line_id", "unit", "price", "cost", "variant_of_id", "variant_kind", "is_active")


def save_product(*, actor: User, product: int | None = None, **values: Any) -> Product:
    """A new product, or a change of one. `values`: what `PRODUCT` names."""
    access.require(actor, Permission.PRODUCT_EDIT)
    with transaction.atomic():
        found = Product.objects.select_for_update(of=("self",)).get(pk=product) if product else Product()
        changes = audit.differences(found, values) if product else {name: [None, value] for name, value in values.items() if value}
        for name in PRODUCT:
            if name in values:
                setattr(found, name, values[name])
        _check(found)
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError as problem:
            raise ValidationError({"code": [_("Another product has this code.")]}) from problem
        if changes:
            audit.record(actor=actor, verb=AuditVerb.CHANGED if product else AuditVerb.CREATED, on=found, changes=changes)
    return found


def _check(product: Product) -> None:
    problems: dict[str, list[str]] = {}
    if not product.code.strip() or not product.name.strip():
        problems["name"] = [_("A product has a code and a name.")]
    for name in ("price", "cost"):
        value = getattr(product, name)
        if value is not None and value < 0:
            problems[name] = [_("This cannot be negative.")]
    if product.variant_of_id and (
        product.variant_of_id == product.pk or Product.objects.filter(variant_of=product.pk or 0).exists()
    ):
        problems["variant_of"] = [_("A variant cannot have variants.")]
    if problems:
        raise ValidationError(problems)


def save_bundle(*, actor: User, product: int, items: Mapping[int, Decimal]) -> None:
    """What a bundle consists of: {product: quantity}; nothing makes it a single product again."""
    access.require(actor, Permission.PRODUCT_EDIT)
    with transaction.atomic():
        bundle = Product.objects.select_for_update(of=("self",)).get(pk=product)
        if (
            product in items
            or BundleItem.objects.filter(bundle__in=items).exists()
            or BundleItem.objects.filter(product=bundle).exists()
        ):
            raise ValidationError({"items": [_("A bundle consists of single products.")]})
        if any(quantity <= 0 for quantity in items.values()):
            raise ValidationError({"items": [_("Quantities are above zero.")]})
        before = {item.product_id: str(item.quantity) for item in bundle.items.all()}
        bundle.items.all().delete()
        BundleItem.objects.bulk_create(
            BundleItem(bundle=bundle, product_id=one, quantity=quantity) for one, quantity in items.items()
        )
        after = {one: str(quantity) for one, quantity in items.items()}
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=bundle, changes={"items": [before, after]})


def save_product_line(*, actor: User, name: str, parent_id: int | None = None, line: int | None = None) -> ProductLine:
    access.require(actor, Permission.PRODUCT_EDIT)
    if not name.strip():
        raise ValidationError({"name": [_("A product line has a name.")]})
    with transaction.atomic():
        found = ProductLine.objects.select_for_update(of=("self",)).get(pk=line) if line else ProductLine()
        found.name, found.parent_id = name.strip(), parent_id
        if line and _below(line, parent_id):
            raise ValidationError({"parent": [_("A product line does not lie in itself.")]})
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError as problem:
            raise ValidationError({"name": [_("There is such a product line already.")]}) from problem
        audit.record(
            actor=actor, verb=AuditVerb.CHANGED if line else AuditVerb.CREATED, on=found, changes={"name": [None, found.name]}
        )
    return found


def _below(line: int, parent: int | None) -> bool:
    while parent is not None:
        if parent == line:
            return True
        parent = ProductLine.objects.values_list("parent_id", flat=True).get(pk=parent)
    return False


def delete_product_line(*, actor: User, line: int) -> None:
    access.require(actor, Permission.PRODUCT_EDIT)
    with transaction.atomic():
        found = ProductLine.objects.get(pk=line)
        audit.record(actor=actor, verb=AuditVerb.DELETED, on=found)
        try:
            found.delete()
        except ProtectedError as problem:
            raise ValidationError(_("Products or product lines still belong to it.")) from problem


def save_price_list(*, actor: User, name: str, grade: str = "", is_active: bool = True, price_list: int | None = None) -> PriceList:
    """A price list for the customers of a grade, or for everybody. One active list a grade."""
    access.require(actor, Permission.PRODUCT_EDIT)
    if not name.strip():
        raise ValidationError({"name": [_("A price list has a name.")]})
    with transaction.atomic():
        found = PriceList.objects.select_for_update().get(pk=price_list) if price_list else PriceList()
        found.name, found.grade, found.is_active = name.strip(), grade, is_active
        if is_active and PriceList.objects.filter(grade=grade, is_active=True).exclude(pk=found.pk).exists():
            raise ValidationError({"grade": [_("There is an active price list for these customers already.")]})
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError as problem:
            raise ValidationError({"name": [_("There is such a price list already.")]}) from problem
        audit.record(
            actor=actor, verb=AuditVerb.CHANGED if price_list else AuditVerb.CREATED, on=found, changes={"name": [None, found.name]}
        )
    return found


def set_price(*, actor: User, price_list: int, product: int, price: Decimal | None) -> None:
    """The price of a product on a list; None takes it off the list."""
    access.require(actor, Permission.PRODUCT_EDIT)
    if price is not None and price < 0:
        raise ValidationError({"price": [_("This cannot be negative.")]})
    with transaction.atomic():
        found = PriceList.objects.select_for_update().get(pk=price_list)
        before = PriceListItem.objects.filter(price_list=found, product_id=product).values_list("price", flat=True).first()
        if before == price:
            return
        if price is None:
            PriceListItem.objects.filter(price_list=found, product_id=product).delete()
        else:
            known = Product.objects.get(pk=product)
            PriceListItem.objects.update_or_create(price_list=found, product=known, defaults={"price": price})
        audit.record(actor=actor, verb=AuditVerb.CHANGED, on=found, changes={f"price of {product}": [before, price]})
