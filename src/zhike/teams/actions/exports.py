"""Rows leaving the building."""

from django.utils.translation import gettext as _

from zhike.core import audit
from zhike.core.choices import AuditVerb
from zhike.teams import access
from zhike.teams.choices import Permission
from zhike.teams.models import User


def record_export(*, actor: User, right: Permission, screen: str, rows: int, kind: str, query: str) -> None:
    """Written before the first row goes out. Refuses who may not export."""
    access.require(actor, right)
    note = _("%(rows)d rows as %(kind)s, filters: %(query)s") % {"rows": rows, "kind": kind.upper(), "query": query[:500] or "–"}
    audit.record(actor=actor, verb=AuditVerb.EXPORTED, on=screen, note=note, changes={"rows": [None, rows]})
