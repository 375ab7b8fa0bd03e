from django.contrib.postgres.fields import ArrayField
from django.db import models

from zhike.customers.choices import MassKind, MassState
from zhike.teams.models import User


class MassChange(models.Model):
    """One verb for many customers, at once or in the background; `ids`: of whom, frozen when it was asked for."""

    kind = models.CharField(max_length=12, choices=MassKind)
    params = models.JSONField(default=dict)  # what the verb was told
    state = models.CharField(max_length=10, choices=MassState, default=MassState.WAITING)
    ids = ArrayField(models.BigIntegerField(), default=list)  # customers; of an undo, lines of the audit trail
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)  # how many of them have been seen to
    changed = models.IntegerField(default=0)  # the others had it already, or may not be changed by who asked
    lines = models.JSONField(default=list)  # [[first, last], …]: the parts of the audit trail that it wrote
    is_to_stop = models.BooleanField(default=False)
    problem = models.TextField(blank=True)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="undone_by")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 1.0

    @property
    def is_under_way(self) -> bool:
        return self.state in (MassState.WAITING, MassState.RUNNING)

    @property
    def can_be_undone(self) -> bool:
        return bool(self.lines) and self.kind not in (MassKind.RESTORE, MassKind.UNDO)
