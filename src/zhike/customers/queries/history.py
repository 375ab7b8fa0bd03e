"""The history of one customer: every audited change, and which of them can be taken back."""

from django.db.models import QuerySet

from zhike.core.choices import AuditVerb
from zhike.core.models import AuditEntry
from zhike.customers.models import Customer
from zhike.customers.rules import columns

PARTS = {"contact": "contact.name", "address": "address.detail", "identifier": "", "relationship": ""}  # what each must have
UNDOABLE = {AuditVerb.CHANGED, AuditVerb.TRANSFERRED}


def can_be_undone(entry: AuditEntry, codes: set[str]) -> bool:
    """Changes of values and of the owner, and what was taken away; `codes` are the fields of the information model."""
    if entry.object_type != "customer" or entry.verb not in UNDOABLE or not entry.changes:
        return False
    known = codes | set(columns.COLUMNS)
    return entry.verb == AuditVerb.TRANSFERRED or bool(taken_away(entry)) or all(code in known for code in entry.changes)


def taken_away(entry: AuditEntry) -> str:
    """The part of the record whose removal it tells of: a contact, an address, an identifier, a relationship; else ""."""
    [part, *others] = {code.partition(".")[0] for code in entry.changes}
    is_whole = not others and part in PARTS and all("." in code for code in entry.changes)
    named = PARTS.get(part) or next(iter(entry.changes))  # an emptied field of a contact is no contact taken away
    return part if is_whole and named in entry.changes and all(after is None for _, after in entry.changes.values()) else ""


def history(customer: Customer) -> QuerySet[AuditEntry]:
    """Newest first, without who merely looked. The caller has fetched the customer through `visible_to`."""
    rows = AuditEntry.objects.filter(object_type="customer", object_id=customer.pk).exclude(verb=AuditVerb.VIEWED)
    return rows.prefetch_related("undone_by").order_by("-at", "-pk")
