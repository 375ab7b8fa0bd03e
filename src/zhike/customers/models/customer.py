"""The record and what hangs on it."""

import datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import ExtractDay, ExtractMonth

from zhike.core.labels import Labelled
from zhike.customers.choices import Channel, ConsentPurpose, CustomerKind, RelationshipKind
from zhike.teams.access import rights_of
from zhike.teams.choices import Language, Permission
from zhike.teams.models import Department, User


class Source(models.Model):
    """Where customers and facts come from: a counter, a campaign, a file, the web."""

    name = models.CharField(max_length=60, unique=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # spent on it, for cost per acquired customer
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> Self:
        """The living customers this person may see; none without the right to see customers."""
        rights = rights_of(user)
        if not rights.allows(Permission.CUSTOMER_VIEW):
            return self.none()
        living = self.filter(deleted_at=None)
        if rights.everything:
            return living
        return living.filter(rights.rows() | _in(CustomerShare.objects.filter(user=user)))

    def visible_in_parts(self, user: User) -> list[Self]:
        """`visible_to` taken apart: an index knows the newest of each part, while those of all together would have to be looked
        for among everybody. A customer may stand in several."""
        rights = rights_of(user)
        if rights.everything or not rights.allows(Permission.CUSTOMER_VIEW):
            return [self.visible_to(user)]
        living = self.filter(deleted_at=None)
        return [living.filter(part) for part in (*rights.parts(), _in(CustomerShare.objects.filter(user=user)))]

    def editable_by(self, user: User) -> Self:
        """Those of the visible ones that this person may change: of the scope, or shared for editing."""
        rights = rights_of(user)
        if not rights.allows(Permission.CUSTOMER_EDIT):
            return self.none()
        visible = self.visible_to(user)
        if rights.everything:
            return visible
        return visible.filter(rights.rows() | _in(CustomerShare.objects.filter(user=user, can_edit=True)))

    def in_bin_of(self, user: User) -> Self:
        """The recycle bin as this person sees it: deleted customers of the scope, for those who may delete."""
        rights = rights_of(user)
        if not rights.allows(Permission.CUSTOMER_DELETE):
            return self.none()
        return self.deleted().filter(rights.rows())

    def living(self) -> Self:
        return self.filter(deleted_at=None)

    def deleted(self) -> Self:
        """The recycle bin: deleted, but not merged into another."""
        return self.filter(deleted_at__isnull=False, merged_into=None)


def _in(shares: "models.QuerySet[CustomerShare]") -> Q:
    """Their customers as an array that is read once: beside `IN (subquery)` no index on the owner is used."""
    numbers = ArraySubquery(shares.values("customer_id"))
    return Q(Func(F("pk"), numbers, template="%(expressions)s)", arg_joiner=" = ANY (", output_field=models.BooleanField()))


class Customer(Labelled, models.Model):
    """A person or an organisation that buys, or may buy."""

    kind = models.CharField(max_length=12, choices=CustomerKind, default=CustomerKind.PERSON)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True)  # the company's own customer number
    phone = models.CharField(max_length=20, blank=True)  # normalised: +8613800138000
    email = models.CharField(max_length=254, blank=True)  # lower case
    credit_code = models.CharField(max_length=18, blank=True)  # 统一社会信用代码
    member_no = models.CharField(max_length=40, blank=True)
    wechat = models.CharField(max_length=40, blank=True)
    birthday = models.DateField(null=True, blank=True)  # year 1904 when only month and day are known
    birthday_is_lunar = models.BooleanField(default=False)
    region = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="customers", db_index=False)
    owner_since = models.DateField(null=True, blank=True)
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="customers", db_index=False
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="subsidiaries", db_index=False
    )
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="customers", db_index=False)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    profile = models.JSONField(default=dict, blank=True)  # {field code: value}, fields of the information model
    provenance = models.JSONField(default=dict, blank=True)  # {field: {"on": last confirmed, "source": id, "batch": id, "by": id}}
    preferred_channel = models.CharField(max_length=10, choices=Channel, blank=True)
    preferred_time = models.CharField(max_length=40, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=10, choices=Language, default=Language.CHINESE)
    do_not_disturb = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    search = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    version = models.IntegerField(default=1)
    batch = models.ForeignKey("ImportBatch", null=True, on_delete=models.SET_NULL, related_name="created_customers", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", db_index=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(deleted_at=None) & ~Q(number=""), name="customer_number_once"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="customer_not_its_own_parent"),
            models.CheckConstraint(condition=Q(merged_into=None) | Q(deleted_at__isnull=False), name="merged_customer_is_deleted"),
        ]
        indexes = [
            # in the order in which rows come, so that a new one goes to the end; lists read them backwards
            models.Index(fields=["updated_at", "id"], condition=Q(deleted_at=None), name="customer_recent"),
            models.Index(fields=["owner", "updated_at", "id"], condition=Q(deleted_at=None), name="customer_owner_recent"),
            models.Index(
                fields=["department", "updated_at", "id"], condition=Q(deleted_at=None), name="customer_department_recent"
            ),
            models.Index(fields=["name", "id"], condition=Q(deleted_at=None), name="customer_by_name"),
            models.Index(fields=["created_at", "id"], condition=Q(deleted_at=None), name="customer_by_creation"),
            models.Index(fields=["last_contact_at", "id"], condition=Q(deleted_at=None), name="customer_by_last_contact"),
            models.Index(fields=["region", "updated_at", "id"], condition=Q(deleted_at=None), name="customer_region_recent"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="customer_by_phone"),
            models.Index(fields=["email"], condition=~Q(email=""), name="customer_by_email"),
            models.Index(fields=["credit_code"], condition=~Q(credit_code=""), name="customer_by_credit_code"),
            models.Index(fields=["member_no"], condition=~Q(member_no=""), name="customer_by_member_no"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="customer_by_batch"),
            models.Index(fields=["source"], condition=Q(source__isnull=False), name="customer_by_source"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="customer_by_parent"),
            models.Index(fields=["owner", "-deleted_at"], condition=Q(deleted_at__isnull=False), name="customer_in_bin"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_by_merged_into"),
            models.Index(
                ExtractMonth("birthday"), ExtractDay("birthday"), condition=Q(birthday__isnull=False), name="customer_by_birthday"
            ),
            models.Index(  # the few whom Today must leave out, now or at some hours
                fields=["id"],
                include=["deleted_at", "do_not_disturb", "quiet_from", "quiet_until"],
                condition=Q(deleted_at__isnull=False) | Q(do_not_disturb=True) | Q(quiet_from__isnull=False),
                name="customer_set_apart",
            ),
            GinIndex(fields=["search"], name="customer_search"),
            GinIndex(fields=["tags"], condition=~Q(tags=[]), name="customer_tags"),
            GinIndex(fields=["profile"], opclasses=["jsonb_path_ops"], condition=~Q(profile={}), name="customer_profile"),
        ]

    def __str__(self) -> str:
        return self.name

    def age(self, today: datetime.date) -> int | None:
        if self.birthday is None or self.birthday.year == 1904:
            return None
        had_it = (today.month, today.day) >= (self.birthday.month, self.birthday.day)
        return today.year - self.birthday.year - (0 if had_it else 1)


class CustomerShare(models.Model):
    """A collaborator: somebody outside the scope who may see, or also change, one customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shares")
    can_edit = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "user"], name="customer_shared_once")]


class Identifier(models.Model):
    """A further phone, e-mail or number of a customer; the main ones stand on the record."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=12)  # phone, email, wechat, member_no, plate, other
    value = models.CharField(max_length=254)  # normalised like the main one

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "value"], name="identifier_once")]
        indexes = [models.Index(fields=["kind", "value"], name="identifier_by_value")]


class Address(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(max_length=30, blank=True)
    region = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=200)
    is_main = models.BooleanField(default=False)


class Contact(models.Model):
    """An individual at an organisation (or beside a person: the driver, the wife who decides)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    wechat = models.CharField(max_length=40, blank=True)
    position = models.CharField(max_length=60, blank=True)
    birthday = models.DateField(null=True, blank=True)
    is_main = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-is_main", "name")
        indexes = [models.Index(fields=["phone"], condition=~Q(phone=""), name="contact_by_phone")]
        constraints = [models.UniqueConstraint(fields=["customer"], condition=Q(is_main=True), name="one_main_contact")]

    def __str__(self) -> str:
        return self.name


class Relationship(models.Model):
    """A typed link between two customers, read from left to right: `customer` refers `other`."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relationships")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relationships_from_others")
    kind = models.CharField(max_length=20, choices=RelationshipKind)
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "other", "kind"], name="relationship_once"),
            models.CheckConstraint(condition=~Q(customer=F("other")), name="relationship_with_another"),
        ]


class Consent(models.Model):
    """Given or withdrawn: the newest line for a purpose and channel counts. Never changed, only added."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=ConsentPurpose)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)  # blank: every channel
    is_given = models.BooleanField()
    evidence = models.CharField(max_length=200)
    at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-at"])]
