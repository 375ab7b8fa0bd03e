from django.db import models

from zhike.core.models import StoredFile
from zhike.customers.choices import DuplicatePolicy, ImportKind, ImportState
from zhike.teams.models import User


class ImportBatch(models.Model):
    """One file brought in: what was understood, what was done, how to undo it."""

    kind = models.CharField(max_length=12, choices=ImportKind)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    reading = models.JSONField(default=dict)  # encoding, delimiter, sheet, header row, columns found, sample rows
    mapping = models.JSONField(default=dict)  # {meaning: column position from 0}
    policy = models.CharField(max_length=10, choices=DuplicatePolicy, default=DuplicatePolicy.UPDATE)
    options = models.JSONField(default=dict)  # date order, owner, department, source, …
    step = models.CharField(max_length=12, blank=True)  # waiting, reading, matching, writing, finishing
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    counts = models.JSONField(
        default=dict
    )  # {"created": {"customers": n, "orders": n}, "updated": {}, "skipped": n, "rejected": n}
    reasons = models.JSONField(default=dict)  # {reason code: rows}
    problem = models.JSONField(default=str, blank=True)  # why it failed: {"code", "params"}; once a text; nothing: ""
    errors_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.file_name


class ImportMapping(models.Model):
    """A mapping that was used for a header once, offered when the same header comes again."""

    kind = models.CharField(max_length=12, choices=ImportKind)
    header_digest = models.CharField(max_length=64)
    mapping = models.JSONField()
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "header_digest"], name="import_mapping_once")]


class ImportChange(models.Model):
    """What an import overwrote on one record (or added beside one: then `before` is empty), for the undo."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    object_type = models.CharField(max_length=12)  # customer, order, contact, address
    object_id = models.BigIntegerField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "object_type", "object_id"], name="import_change_once")]
