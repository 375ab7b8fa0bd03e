"""Catalogue and orders."""

import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from zhike.core.labels import Labelled
from zhike.customers.models import Customer, ImportBatch
from zhike.sales.choices import OrderKind, VariantKind
from zhike.teams.access import rights_of
from zhike.teams.choices import Permission
from zhike.teams.models import User


class ProductLine(models.Model):
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="product_line_once")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something we sell. A variant is a product of its own that points to the one it varies."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    line = models.ForeignKey(ProductLine, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    unit = models.CharField(max_length=20, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    variant_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="variants")
    variant_kind = models.CharField(max_length=12, choices=VariantKind, blank=True)
    is_active = models.BooleanField(default=True)
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="product_cost_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class BundleItem(models.Model):
    """A part of a product that is a bundle."""

    bundle = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bundle", "product"], name="bundle_item_once"),
            models.CheckConstraint(condition=~Q(bundle=F("product")), name="bundle_not_in_itself"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bundle_quantity_positive"),
        ]


class PriceList(models.Model):
    """Prices for the customers of a value grade (blank: for everybody)."""

    name = models.CharField(max_length=60, unique=True)
    grade = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PriceListItem(models.Model):
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    price = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["price_list", "product"], name="price_list_item_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="price_list_price_not_negative"),
        ]


UNPAID = Q(kind=OrderKind.SALE, due_on__isnull=False, paid_on=None)  # on account and still open


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> Self:
        """Orders follow their customer, for people who may see orders."""
        if not rights_of(user).allows(Permission.ORDER_VIEW):
            return self.none()
        if rights_of(user).everything:
            return self.filter(customer__deleted_at=None)
        return self.filter(customer__in=Customer.objects.visible_to(user))

    def unpaid(self) -> Self:
        return self.filter(UNPAID)


class Order(Labelled, models.Model):
    """A completed purchase: the transaction record. A return is an order of its own with a negative amount."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    kind = models.CharField(max_length=6, choices=OrderKind, default=OrderKind.SALE)
    order_no = models.CharField(max_length=60, blank=True)
    ordered_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    region = models.CharField(max_length=60, blank=True)
    due_on = models.DateField(null=True, blank=True)  # on account: when it is to be paid; without it it was paid at once
    paid_on = models.DateField(null=True, blank=True)
    returns = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="returned_by", db_index=False
    )
    # a batch and a person are never deleted; a check for each of ten million rows would be most of an import
    batch = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, db_constraint=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_no"], condition=~Q(order_no=""), name="order_no_once"),
            models.CheckConstraint(
                condition=Q(kind="sale", amount__gte=0) | Q(kind="return", amount__lte=0), name="order_amount_has_its_sign"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-ordered_at"], name="order_of_customer"),
            models.Index(fields=["-ordered_at", "-id"], name="order_recent"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="order_by_batch"),
            models.Index(fields=["returns"], condition=Q(returns__isnull=False), name="order_returns"),
            models.Index(fields=["customer", "due_on"], condition=UNPAID, name="order_unpaid"),
            models.Index(fields=["due_on", "id"], condition=Q(due_on__isnull=False), name="order_by_due"),  # few: on account
        ]

    def __str__(self) -> str:
        return self.order_no or f"#{self.pk}"

    def days_late(self, today: datetime.date) -> int:
        """Days after the due date until it was paid, or until today; 0 when it was in time or not on account."""
        if self.due_on is None or self.kind != OrderKind.SALE:
            return 0
        return max(((self.paid_on or today) - self.due_on).days, 0)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)


class FactsDirty(models.Model):
    """Which ranges of order ids (id / 65536) changed since the columnar copy was made. Written by a database trigger."""

    bucket = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
