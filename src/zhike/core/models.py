"""Audit trail, settings, idempotency keys, stored files."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from zhike.core.choices import AuditVerb


class AuditEntry(models.Model):
    """Who did what to which record, when and from where. Append-only: the database refuses changes and deletions."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=150)
    channel = models.CharField(max_length=10)  # web, api, cli, job
    address = models.GenericIPAddressField(null=True)
    verb = models.CharField(max_length=20, choices=AuditVerb)
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    object_name = models.CharField(max_length=200)
    changes = models.JSONField(default=dict)  # {field: [before, after]}
    note = models.TextField(blank=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"]),
            models.Index(fields=["actor", "-at"]),
            models.Index(fields=["verb", "-at"]),
            BrinIndex(fields=["at"]),
        ]


class AuditSeal(models.Model):
    """A link of the hash chain over the audit trail: covers every entry up to `last_entry`."""

    at = models.DateTimeField(auto_now_add=True)
    last_entry = models.BigIntegerField(unique=True)
    entries = models.IntegerField()
    leaves = models.BinaryField(default=bytes)  # number and digest of each entry, so that a bad one can be named
    digest = models.CharField(max_length=64)


class Setting(models.Model):
    """One changeable default, by name; the defaults themselves stand in the domain that uses them."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)


class IdempotencyKey(models.Model):
    """The first answer to a POST that carried a key, replayed to whoever sends the same again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)  # null while the first request runs
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]


class StoredFile(models.Model):
    """A file somebody brought: kept under a random name outside the web root, sent only as an attachment."""

    name = models.CharField(max_length=255)
    path = models.CharField(max_length=100, unique=True)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
