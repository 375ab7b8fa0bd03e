"""Departments, roles, people, their sessions and tokens, saved views."""

import datetime
import hashlib
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from zhike.core.models import StoredFile
from zhike.teams.choices import Confidentiality, ExportState, FileState, Language, Permission, Scope

FILES_KEPT = datetime.timedelta(days=7)  # of exports


class Department(models.Model):
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    city = models.CharField(max_length=40, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ("position", "name", "pk")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="department_name_once"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="department_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """Gives permissions, a row scope and a clearance for fields."""

    name = models.CharField(max_length=60, unique=True)
    permissions = ArrayField(models.CharField(max_length=40, choices=Permission), default=list, blank=True)
    scope = models.CharField(max_length=20, choices=Scope, default=Scope.OWN)
    clearance = models.CharField(max_length=20, choices=Confidentiality, default=Confidentiality.INTERNAL)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A member of staff. People who left stay, inactive, because history names them."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    position = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="subordinates")
    deputy = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True)
    roles = models.ManyToManyField(Role, blank=True, related_name="users")
    is_administrator = models.BooleanField(default=False)  # everything, everywhere
    is_active = models.BooleanField(default=True)
    joined_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    interests = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language = models.CharField(max_length=10, choices=Language, default=Language.CHINESE)
    theme = models.CharField(max_length=5, default="auto")  # auto, light, dark
    must_change_password = models.BooleanField(default=False)  # somebody else chose the present one

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_once_in_any_case"),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="user_not_own_manager"),
            models.CheckConstraint(condition=~Q(deputy=F("id")), name="user_not_own_deputy"),
            models.CheckConstraint(
                condition=Q(away_until=None) | Q(away_from__isnull=False, away_until__gte=F("away_from")), name="user_away_forwards"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Training(models.Model):
    """A line of somebody's training record."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trainings")
    name = models.CharField(max_length=120)
    held_on = models.DateField()
    result = models.CharField(max_length=60, blank=True)


class UserSession(AbstractBaseSession):
    """A signed-in browser, listed to its owner and revocable."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    @property
    def mark(self) -> str:
        """Names the session on a page without giving its key away."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:16]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from zhike.teams.session_store import SessionStore

        return SessionStore


class SignInLock(models.Model):
    """Failed sign-ins in a row under one name, from one address or for one second factor, known to us or not."""

    key = models.CharField(max_length=120, primary_key=True)  # name:…, address:…, factor:…
    failures = models.IntegerField()
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A key to the REST API: only its digest is kept; it can do at most what its user can and its scopes name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)  # the last characters, to tell tokens apart
    permissions = ArrayField(models.CharField(max_length=40, choices=Permission), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} …{self.hint}"


class SavedView(models.Model):
    """A list's columns, filters and order under a name: the query string is the view."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    screen = models.CharField(max_length=40)  # which list, such as "customers"
    name = models.CharField(max_length=60)
    query = models.TextField()
    is_shared = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-is_pinned", "name")
        constraints = [models.UniqueConstraint(fields=["user", "screen", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class ExportRequest(models.Model):
    """More rows than a person may take along without asking, or than are made while they wait. What was asked for is kept as it
    was chosen; the file, once it is made, for some days."""

    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    screen = models.CharField(max_length=40)
    query = models.TextField(blank=True)  # the filters
    chosen = ArrayField(models.BigIntegerField(), default=list, blank=True)  # the ticked rows; empty: all that the filters leave
    kind = models.CharField(max_length=4)
    rows = models.BigIntegerField()
    highest = models.CharField(max_length=20, choices=Confidentiality)  # class that the file shows in plain
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    file_state = models.CharField(max_length=10, choices=FileState, default=FileState.NONE, blank=True)
    number = models.BigIntegerField(null=True)  # the line of the audit trail that says what leaves
    to_write = models.BigIntegerField(default=0)  # rows, as they were counted when the file was ordered
    done = models.BigIntegerField(default=0)
    is_to_stop = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True)
    made_for = models.CharField(max_length=64, blank=True)  # digest of the rights with which the rows were read
    stored = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["asked_by", "-id"]), models.Index(fields=["state", "-id"])]

    @property
    def is_under_way(self) -> bool:
        return FileState(self.file_state).is_under_way

    @property
    def share(self) -> float:
        return min(self.done / self.to_write, 1.0) if self.to_write else 0.0

    @property
    def kept_until(self) -> datetime.datetime | None:
        return self.made_at + FILES_KEPT if self.made_at and self.file_state == FileState.READY else None

    def has_file(self, at: datetime.datetime) -> bool:
        return self.kept_until is not None and at < self.kept_until


class Notice(models.Model):
    """A line in somebody's message center: a finished import, a run, a hand-over."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"])]
