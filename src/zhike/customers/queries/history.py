"""The history of one customer: every audited change, and which of them can be taken back."""

from django.db.models import QuerySet

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.customers.rules import columns

UNDOABLE = {AuditVerb.CHANGED, AuditVerb.TRANSFERRED}


def can_be_undone(entry: AuditEntry, codes: set[str]) -> bool:
    """Changes of values and of the owner; `codes` are the fields of the information model."""
    if entry.object_type != "customer" or entry.verb not in UNDOABLE or not entry.changes:
        return False
    known = codes | set(columns.COLUMNS)
    return entry.verb == AuditVerb.TRANSFERRED or all(code in known for code in entry.changes)


def history(customer: Customer) -> QuerySet[AuditEntry]:
    """Newest first, without who merely looked. The caller has fetched the customer through `visible_to`."""
    rows = AuditEntry.objects.filter(object_type="customer", object_id=customer.pk).exclude(verb=AuditVerb.VIEWED)
    return rows.prefetch_related("undone_by").order_by("-at", "-pk")
